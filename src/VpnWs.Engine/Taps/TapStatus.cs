namespace VpnWs.Taps;

/// <summary>What came of one read or write of a tap.</summary>
public enum TapStatus
{
    /// <summary>One frame was read or written.</summary>
    Done,

    /// <summary>Nothing to read, or no room to write, just now.</summary>
    WouldBlock,

    /// <summary>The interface is down: the frame was dropped; the tap lives on.</summary>
    Down,

    /// <summary>The kernel refused this frame (its length, its offload header); the tap lives on.</summary>
    Refused,

    /// <summary>The interface was deleted or the tap disposed: it will not come back.</summary>
    Gone,
}
