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

    /// <summary>Whether the server has a tap of its own, with the address <see cref="Lan.ServerTapAddress"/>.</summary>
    public bool ServerTap { get; init; }

    /// <summary>More words for the server's command line.</summary>
    public IReadOnlyList<string> ServerOptions { get; init; } = [];
}
