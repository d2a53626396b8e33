namespace VpnWs.Switching.Guards;

/// <summary>
/// What every frame from or to one port has to pass. A port without one is free, and pays for no more than the look whether there is one. What it holds
/// never changes, but for what the buckets have given and whether the port is blocked.
/// </summary>
internal sealed class PortGuard
{
    private long _blockedUntil = long.MinValue;

    /// <summary>The VLANs of the port; null for a port that every frame may come from and go to as it is.</summary>
    public VlanMembership? Vlans { get; init; }

    /// <summary>Ports of one isolation group do not reach each other; null for none.</summary>
    public string? IsolationGroup { get; init; }

    /// <summary>Looks into the packets that the port sends; null for not at all.</summary>
    public PacketGuard? Packets { get; init; }

    /// <summary>How many frames the port may send; a super-frame counts as its segments.</summary>
    public TokenBucket? Frames { get; init; }

    /// <summary>How many bytes the port may send.</summary>
    public TokenBucket? Upload { get; init; }

    /// <summary>How many bytes the port may get.</summary>
    public TokenBucket? Download { get; init; }

    /// <summary>Until when nothing goes in or out, in monotonic milliseconds.</summary>
    public long BlockedUntil
    {
        get => Volatile.Read(ref _blockedUntil);
        set => Volatile.Write(ref _blockedUntil, value);
    }

    /// <summary>Whether there is anything to pass.</summary>
    public bool IsOpen => Vlans is null && IsolationGroup is null && Packets is null && Frames is null && Upload is null && Download is null;

    /// <summary>Decides on a frame from the port, without regard to where it goes.</summary>
    /// <param name="frame">The frame, or as much of it as is there.</param>
    /// <param name="frameLength">How long the whole frame is.</param>
    /// <param name="segments">How many frames it stands for.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <param name="vlan">The VLAN that it belongs to.</param>
    /// <param name="reason">Why it is dropped, or <see cref="DropReason.None"/>.</param>
    /// <returns>False where more of the frame is needed to decide; nothing has been taken from a bucket then.</returns>
    public bool TryAdmit(ReadOnlySpan<byte> frame, int frameLength, int segments, long now, out FrameVlan vlan, out DropReason reason)
    {
        vlan = default;
        reason = DropReason.LoopBlocked;
        if (now < BlockedUntil) return true;
        reason = DropReason.VlanNotAllowed;
        if (Vlans is null) vlan = FrameVlan.Of(frame);
        else if (!Vlans.TryClassify(frame, out vlan)) return true;
        reason = DropReason.None;
        if (Packets is not null && !Packets.TryInspect(frame, frame.Length >= frameLength, out reason)) return false;
        if (reason != DropReason.None) return true;
        if (Frames is not null && !Frames.TryTake(segments, now)) reason = DropReason.FrameLimited;
        else if (Upload is not null && !Upload.TryTake(frameLength, now)) reason = DropReason.BandwidthLimited;
        return true;
    }
}
