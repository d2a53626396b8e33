namespace VpnWs.Client;

/// <summary>What a client has carried between its tap and the server, over all its links. Every number only ever grows.</summary>
public readonly record struct LinkTraffic
{
    /// <summary>Frames that the tap gave for the server.</summary>
    public long FramesSent { get; init; }

    /// <summary>The bytes of those frames, Ethernet header included.</summary>
    public long BytesSent { get; init; }

    /// <summary>Frames from the server that were written to the tap.</summary>
    public long FramesReceived { get; init; }

    /// <summary>The bytes of those frames, Ethernet header included.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Frames either way that were dropped.</summary>
    public long FramesDropped { get; init; }
}
