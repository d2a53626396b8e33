using VpnWs.Ethernet;
using VpnWs.Taps;

namespace VpnWs.PowerShell;

/// <summary>What a tap is made of.</summary>
public enum TapKind
{
    /// <summary>An interface of the operating system.</summary>
    Kernel,

    /// <summary>One end of a link in memory.</summary>
    Loopback,
}

/// <summary>A tap of this session: one end of an Ethernet link in software.</summary>
public sealed class LanTap : INamed
{
    private readonly Lock _gate = new();
    private readonly TapOptions _options;
    private Func<ITap?> _tap;
    private MacAddress? _lastAddress;
    private int? _lastMtu;
    private string? _user;
    private bool _closed;
    private bool _gone;

    /// <summary>A tap that the session holds.</summary>
    /// <param name="options">How it was made.</param>
    /// <param name="tap">The tap.</param>
    internal LanTap(TapOptions options, ITap tap)
    {
        (Name, _options, _tap) = (tap.Name, options with { Name = tap.Name }, () => tap);
        Kind = tap is LoopbackTap ? TapKind.Loopback : TapKind.Kernel;
        Remember();
    }

    /// <summary>A tap that a server or a connection made for itself and opens again when it is lost.</summary>
    /// <param name="options">How it was made.</param>
    /// <param name="tap">The tap as it is at the time.</param>
    /// <param name="user">Who made it.</param>
    internal LanTap(TapOptions options, Func<ITap?> tap, string user)
    {
        (Name, _options, _tap, _user) = (tap()?.Name ?? options.Name, options, tap, user);
        IsBorrowed = true;
        Remember();
    }

    /// <summary>The name of the interface, or of this end of a loopback pair.</summary>
    public string Name { get; }

    /// <summary>What the tap is made of.</summary>
    public TapKind Kind { get; }

    /// <summary>Its address; the last one known where the tap is closed.</summary>
    public MacAddress? MacAddress
    {
        get
        {
            Remember();
            return _lastAddress;
        }
    }

    /// <summary>The MTU in bytes; the last one known where the tap is closed.</summary>
    public int? Mtu
    {
        get
        {
            Remember();
            return _lastMtu;
        }
    }

    /// <summary>The IP addresses that it was given when it was made.</summary>
    public IReadOnlyList<InterfaceAddress> IPAddress => _options.IPAddresses;

    /// <summary>The kernel bridge that it was put into when it was made, or null.</summary>
    public string? Bridge => _options.Bridge;

    /// <summary>Whether the interface stays when the session ends.</summary>
    public bool IsPersistent => _options.Persistent == true;

    /// <summary>The other end of a loopback pair; null for a kernel's tap.</summary>
    public LanTap? Peer { get; internal set; }

    /// <summary>The name of the server or connection that uses it, or null.</summary>
    public string? UsedBy => _user;

    /// <summary>Whether it was closed, or its interface deleted by somebody. A persistent tap that nothing uses is left to others and not closed.</summary>
    public bool IsClosed
    {
        get
        {
            Remember();
            return _closed || _gone;
        }
    }

    /// <summary>It was removed, in whatever runspace.</summary>
    internal event Action<LanTap>? Removed;

    /// <summary>Whether a server or a connection made it for itself and disposes of it.</summary>
    internal bool IsBorrowed { get; }

    /// <summary>The engine's tap, where it is open.</summary>
    internal ITap? Open => _closed ? null : _tap();

    /// <summary>The name, so that a tap can stand where a program wants the name of an interface.</summary>
    public override string ToString() => Name;

    /// <summary>Makes a tap of the kernel.</summary>
    internal static LanTap Make(TapOptions options) => new(options, TapFactory.Open(options));

    /// <summary>The name of the far end of a loopback pair.</summary>
    internal static string FarName(string name) => name + "-peer";

    /// <summary>Makes both ends of a link in memory. They have one address: that of the station which the far end stands for.</summary>
    internal static LanTap MakePair(string name, MacAddress? address, int mtu)
    {
        var (near, far) = LoopbackTap.CreatePair(name, FarName(name), address, address, mtu);
        if (address is null)
        {
            var random = near.Address;
            near.Dispose();
            (near, far) = LoopbackTap.CreatePair(name, FarName(name), random, random, mtu);
        }

        var tap = new LanTap(new TapOptions { Name = name }, near);
        tap.Peer = new LanTap(new TapOptions { Name = far.Name }, far) { Peer = tap };
        return tap;
    }

    /// <summary>Gives the tap to a server or a connection.</summary>
    /// <exception cref="LanException">It is closed, or something else uses it.</exception>
    internal ITap Take(string user)
    {
        lock (_gate)
        {
            if (_user is not null) throw InUse();
            if (IsClosed)
                throw new LanException("TapClosed", System.Management.Automation.ErrorCategory.ResourceUnavailable, $"The tap '{Name}' is closed.", "Make a new one with New-VpnWsTap.");
            if (_tap() is not { } tap)
            {
                tap = TapFactory.Open(_options);
                _tap = () => tap;
            }

            _user = user;
            return tap;
        }
    }

    /// <summary>Takes the tap back from whom it was given to.</summary>
    internal void Return()
    {
        lock (_gate) _user = null;
        if (IsBorrowed) _closed = true;
        else if (IsPersistent) LetGo();
    }

    /// <summary>Closes the descriptor of a persistent tap, so that its owner's programs can attach to it.</summary>
    internal void LetGo()
    {
        Remember();
        lock (_gate)
        {
            _tap()?.Dispose();
            _tap = static () => null;
            _gone = false;
        }
    }

    /// <summary>Closes the tap and the other end of a loopback pair; the interface of a persistent one stays.</summary>
    internal void Close()
    {
        if (_closed) return;
        Remember();
        _closed = true;
        if (!IsBorrowed) _tap()?.Dispose();
        Peer?.Close();
    }

    /// <summary>Closes the tap, and deletes a persistent one.</summary>
    /// <exception cref="LanException">A server or a connection uses it.</exception>
    internal void Delete()
    {
        if (_user is not null || Peer?._user is not null) throw InUse();
        Destroy();
    }

    /// <summary>Closes the tap and deletes a persistent one, whoever uses it.</summary>
    internal void Destroy()
    {
        Close();
        if (IsPersistent && OperatingSystem.IsLinux() && LinuxTap.Exists(Name)) LinuxTap.Delete(Name);
        Removed?.Invoke(this);
        if (Peer is { } peer) peer.Removed?.Invoke(peer);
    }

    private LanException InUse() => new(
        "TapInUse", System.Management.Automation.ErrorCategory.ResourceBusy, $"The tap '{Name}' is in use by '{_user ?? Peer?._user}'.",
        "End that first with Stop-VpnWsServer or Disconnect-VpnWs.");

    private void Remember()
    {
        lock (_gate)
        {
            if (Open is not { } tap) return;
            try
            {
                (_lastAddress, _lastMtu) = (tap.Address, tap.Mtu);
                _gone = false;
            }
            catch (TapException)
            {
                // It was deleted: what was known last stays. One that its user opens again is not lost for good.
                _gone = !IsBorrowed;
            }
        }
    }
}
