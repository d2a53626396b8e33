using System.Collections;
using System.Globalization;
using System.Management.Automation;
using VpnWs.Server;
using VpnWs.Transport;
using Shell = System.Management.Automation.PowerShell;

namespace VpnWs.PowerShell;

/// <summary>Completes what peers are known by: those of the server that the line names, else of all the session's. One that runs somewhere else is waited for a moment and no longer.</summary>
internal abstract class PeerCompleter : SessionCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);

    protected sealed override IEnumerable<(string Text, string Hint)> Candidates(LanSession session, IDictionary bound)
    {
        foreach (var source in Sources(session, bound))
        {
            // Not on this thread: it is the prompt's.
            var asking = Task.Run(() => source.GetPeersAsync(CancellationToken.None));
            if (!asking.Wait(Patience)) continue;
            foreach (var peer in asking.Result.Where(static peer => !peer.IsTap).Select(peer => new LanPeer(peer, source)))
            {
                if (Text(peer) is { } text) yield return (text, peer.ToString());
            }
        }
    }

    /// <summary>What the peer is known by, or null.</summary>
    protected abstract string? Text(LanPeer peer);

    private static IEnumerable<IPeerSource> Sources(LanSession session, IDictionary bound)
    {
        if (Value(bound, nameof(PeerCmdlet.ControlPath)) is { } path)
        {
            var address = path as ListenAddress ?? ListenAddress.Parse(path.ToString()!);
            if (address.Path is { } file) address = ListenAddress.Parse(FullPath(file));
            return [new RemotePeers(address.Text, () => ControlClient.OverSocket(address), Patience)];
        }

        if (Value(bound, nameof(PeerCmdlet.ControlUri)) is { } text)
        {
            var uri = text as Uri ?? new Uri(text.ToString()!);
            var credentials = Value(bound, nameof(PeerCmdlet.Credential)) is PSCredential credential ? BasicCredential.Of(credential) : null;
            var verify = !LanguagePrimitives.IsTrue(Value(bound, nameof(PeerCmdlet.SkipCertificateCheck)));
            return [new RemotePeers(uri.GetLeftPart(UriPartial.Path), () => ControlClient.OverHttp(uri, credentials, verify), Patience)];
        }

        if (Value(bound, "Server") is not { } servers) return session.Servers.All;
        return LanguagePrimitives.GetEnumerable(servers) is { } several
            ? several.Cast<object>().SelectMany(server => Named(session, server))
            : Named(session, servers);
    }

    private static IReadOnlyList<LanServer> Named(LanSession session, object server) =>
        (server is PSObject wrapped ? wrapped.BaseObject : server) is LanServer one ? [one] : session.Servers.Match(server.ToString()!);

    private static object? Value(IDictionary bound, string name) => bound[name] is PSObject wrapped ? wrapped.BaseObject : bound[name];

    private static string FullPath(string path)
    {
        using var shell = Shell.Create(RunspaceMode.CurrentRunspace);
        return shell.AddCommand("Microsoft.PowerShell.Management\\Convert-Path").AddParameter("LiteralPath", path).AddParameter("ErrorAction", ActionPreference.Ignore).Invoke<string>().Single();
    }
}

internal sealed class PeerIdCompleter : PeerCompleter
{
    protected override string? Text(LanPeer peer) => peer.Id.ToString(CultureInfo.InvariantCulture);
}

internal sealed class PeerMacCompleter : PeerCompleter
{
    protected override string? Text(LanPeer peer) => peer.MacAddress?.ToString();
}
