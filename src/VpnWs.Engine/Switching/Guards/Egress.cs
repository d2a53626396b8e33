namespace VpnWs.Switching.Guards;

/// <summary>What two guards, of the port that a frame comes from and of the one it would go to, make of it. Either may be null, but not both.</summary>
internal static class Egress
{
    /// <summary>Why a frame does not go from one port to the other, or <see cref="DropReason.None"/>.</summary>
    /// <param name="source">The guard of the port that it comes from.</param>
    /// <param name="target">The guard of the port that it would go to.</param>
    /// <param name="vlan">What it belongs to.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public static DropReason Objection(PortGuard? source, PortGuard? target, FrameVlan vlan, long now)
    {
        if (target is null) return DropReason.None;
        if (now < target.BlockedUntil) return DropReason.LoopBlocked;
        if (target.Vlans is { } vlans && !vlans.Includes(vlan.Id)) return DropReason.VlanNotAllowed;
        return source?.IsolationGroup is { } group && group == target.IsolationGroup ? DropReason.Isolated : DropReason.None;
    }

    /// <summary>What has to be done to the tag of a frame that does go there.</summary>
    public static Tagging TaggingFor(PortGuard? target, FrameVlan vlan)
    {
        if (vlan.Id == 0) return Tagging.Keep;
        var wantsTag = target?.Vlans is not { IsAccess: true };
        return wantsTag == vlan.IsTagged ? Tagging.Keep : wantsTag ? Tagging.Insert : Tagging.Strip;
    }

    /// <summary>Takes a frame's bytes from what the port may get.</summary>
    public static bool TryTake(PortGuard? target, int bytes, long now) => target?.Download is not { } bucket || bucket.TryTake(bytes, now);
}
