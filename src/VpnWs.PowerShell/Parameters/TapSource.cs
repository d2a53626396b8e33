namespace VpnWs.PowerShell;

/// <summary>The value of a -Tap parameter: a tap of this session, or the name of one that is there or shall be made.</summary>
public sealed class TapSource
{
    /// <summary>A tap by its name.</summary>
    public TapSource(string name) => Name = name;

    /// <summary>A tap of this session.</summary>
    public TapSource(LanTap tap)
    {
        ArgumentNullException.ThrowIfNull(tap);
        (Name, Tap) = (tap.Name, tap);
    }

    /// <summary>The tap's name.</summary>
    public string Name { get; }

    /// <summary>The tap; null where only its name was given.</summary>
    public LanTap? Tap { get; }

    /// <summary>The tap's name.</summary>
    public override string ToString() => Name;

    /// <summary>The tap of this session that is meant, or null.</summary>
    internal LanTap? Find(LanSession session) => Tap ?? session.FindTap(Name);
}
