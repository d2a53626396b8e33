namespace VpnWs.PowerShell;

/// <summary>The value of a -Server parameter: a server, or a name or pattern of servers of this session.</summary>
public sealed class ServerSource
{
    private readonly LanServer? _server;

    /// <summary>Servers by name or wildcard pattern.</summary>
    public ServerSource(string name) => Name = name;

    /// <summary>A server.</summary>
    public ServerSource(LanServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        (Name, _server) = (server.Name, server);
    }

    /// <summary>The name or pattern.</summary>
    public string Name { get; }

    /// <summary>The name or pattern.</summary>
    public override string ToString() => Name;

    /// <summary>The servers that are meant.</summary>
    internal IReadOnlyList<LanServer> Find(LanSession session) => _server is { } server ? [server] : session.Servers.Match(Name);
}
