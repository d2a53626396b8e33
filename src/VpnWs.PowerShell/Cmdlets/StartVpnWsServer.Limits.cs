using System.Management.Automation;

namespace VpnWs.PowerShell;

// The bounds of what peers and strangers may take.
public sealed partial class StartVpnWsServerCommand
{
    /// <summary>How many peers may be connected at once; by default 16384. Others are answered 503.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int MaxPeers
    {
        get => _options.MaxPeers;
        set => _options = _options with { MaxPeers = value };
    }

    /// <summary>How many peers may be connected from one client address at once (of IPv6 its /64; this machine's own is not counted); by default 4096. Others are answered 429.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int MaxPeersPerAddress
    {
        get => _options.MaxPeersPerAddress;
        set => _options = _options with { MaxPeersPerAddress = value };
    }

    /// <summary>How many peers may be connected as one user or with one certificate at once; by default 4096. Others are answered 429.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int MaxPeersPerUser
    {
        get => _options.MaxPeersPerUser;
        set => _options = _options with { MaxPeersPerUser = value };
    }

    /// <summary>How many connections may be in their handshake at once; by default 1024. When there are more, slow ones make way.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int MaxHandshakes
    {
        get => _options.MaxHandshakes;
        set => _options = _options with { MaxHandshakes = value };
    }

    /// <summary>How many connections from one client address may be in their handshake at once; by default 256.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int MaxHandshakesPerAddress
    {
        get => _options.MaxHandshakesPerAddress;
        set => _options = _options with { MaxHandshakesPerAddress = value };
    }

    /// <summary>How many connections a second may come from one client address over time, ten seconds' worth of them at once; by default 200.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int HandshakeRatePerAddress
    {
        get => _options.HandshakeRatePerAddress;
        set => _options = _options with { HandshakeRatePerAddress = value };
    }

    /// <summary>How many addresses a bridge may hold; by default 1024.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int MaxAddressesPerBridge
    {
        get => _options.MaxAddressesPerBridge;
        set => _options = _options with { MaxAddressesPerBridge = value };
    }

    /// <summary>How many addresses there may be in all before bridges may have no more; by default 65536.</summary>
    [Parameter]
    [ValidateRange(1, 10_000_000)]
    public int MaxAddresses
    {
        get => _options.MaxAddresses;
        set => _options = _options with { MaxAddresses = value };
    }

    /// <summary>How many seconds a request head may take; by default 10.</summary>
    [Parameter]
    [ValidateRange(0.1, Day)]
    public double HandshakeTimeoutSec
    {
        get => _options.HandshakeTimeout.TotalSeconds;
        set => _options = _options with { HandshakeTimeout = TimeSpan.FromSeconds(value) };
    }

    /// <summary>How many bytes a request head may have; by default 16384.</summary>
    [Parameter]
    [ValidateRange(1024, 1_048_576)]
    public int MaxHeadLength
    {
        get => _options.MaxHeadLength;
        set => _options = _options with { MaxHeadLength = value };
    }

    /// <summary>How many bytes may wait to be sent to one peer; by default 1048576. Beyond that frames for that peer are dropped and counted.</summary>
    [Parameter]
    [ValidateRange(65_536, int.MaxValue)]
    public int OutboxLimit
    {
        get => _options.OutboxLimit;
        set => _options = _options with { OutboxLimit = value };
    }

    /// <summary>How many bytes of memory the queues of all peers may hold together; by default 268435456. Beyond that each may hold 65536 still.</summary>
    [Parameter]
    [ValidateRange(1L << 20, long.MaxValue)]
    public long TotalOutboxLimit
    {
        get => _options.TotalOutboxLimit;
        set => _options = _options with { TotalOutboxLimit = value };
    }
}
