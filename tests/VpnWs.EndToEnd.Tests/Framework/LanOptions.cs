namespace VpnWs.Tests.Framework;

/// <summary>What LAN a test wants.</summary>
internal sealed record LanOptions
{
    public Way Way { get; init; } = Way.Direct;

    /// <summary>How many clients to join at the start; more may follow with <see cref="Lan.Join"/>.</summary>
    public int Clients { get; init; } = 2;

    /// <summary>Whose server runs.</summary>
    public ProgramPair Server { get; init; } = ProgramPair.Ours;

    /// <summary>Whose clients join, unless said otherwise when they do.</summary>
    public ProgramPair ClientsOf { get; init; } = ProgramPair.Ours;

    /// <summary>The MTU of every tap.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>Whether the server has a tap of its own, with the address <see cref="Lan.ServerTapAddress"/> unless <see cref="ServerHook"/> says otherwise.</summary>
    public bool ServerTap { get; init; }

    /// <summary>What the server's <c>--exec</c> does in place of giving its tap an address.</summary>
    public string? ServerHook { get; init; }

    /// <summary>More words for the server's command line.</summary>
    public IReadOnlyList<string> ServerOptions { get; init; } = [];

    /// <summary>What to do to the hub's machine before the server starts.</summary>
    public Action<NetworkNamespace>? PrepareHub { get; init; }
}

/// <summary>What is special about one client.</summary>
internal sealed record LanClientOptions
{
    /// <summary>Whose program; null takes <see cref="LanOptions.ClientsOf"/>.</summary>
    public ProgramPair? Of { get; init; }

    /// <summary>More words for its command line.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Where to connect to; null for <see cref="Lan.Url"/>.</summary>
    public string? Url { get; init; }

    /// <summary>What its <c>--exec</c> does in place of giving the tap an address.</summary>
    public string? Hook { get; init; }

    /// <summary>What to do to its machine before it starts.</summary>
    public Action<NetworkNamespace>? Prepare { get; init; }
}
