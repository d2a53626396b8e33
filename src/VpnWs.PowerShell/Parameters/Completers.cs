using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace VpnWs.PowerShell;

/// <summary>Completes arguments from what the session has. Nothing here waits for anything, and no fault reaches the prompt.</summary>
internal abstract class SessionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = (wordToComplete ?? "").Trim('\'', '"');
        try
        {
            return [.. Candidates(LanSession.Current)
                .Where(candidate => candidate.Text.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                .Select(candidate => new CompletionResult(Quoted(candidate.Text), candidate.Text, CompletionResultType.ParameterValue, candidate.Hint))];
        }
        catch (Exception e)
        {
            System.Diagnostics.Debug.WriteLine(e);
            return [];
        }
    }

    /// <summary>All that could stand there, with a hint for each.</summary>
    protected abstract IEnumerable<(string Text, string Hint)> Candidates(LanSession session);

    private static string Quoted(string text) => text.All(c => char.IsLetterOrDigit(c) || c is '_' or '.' or '-' or ':') ? text : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
}

internal sealed class TapCompleter : SessionCompleter
{
    protected override IEnumerable<(string Text, string Hint)> Candidates(LanSession session) =>
        session.Taps.All.SelectMany(tap => tap.Peer is { } peer ? new[] { tap, peer } : [tap]).Select(tap => (tap.Name, $"{tap.Kind} tap {tap.MacAddress}"));
}

internal sealed class ServerCompleter : SessionCompleter
{
    protected override IEnumerable<(string Text, string Hint)> Candidates(LanSession session) =>
        session.Servers.All.Select(server => (server.Name, $"{server.State}, {server.PeerCount} peers"));
}

internal sealed class ConnectionCompleter : SessionCompleter
{
    protected override IEnumerable<(string Text, string Hint)> Candidates(LanSession session) =>
        session.Connections.All.Select(connection => (connection.Name, $"{connection.State}, {connection.Uri}"));
}

internal sealed class PeerIdCompleter : SessionCompleter
{
    protected override IEnumerable<(string Text, string Hint)> Candidates(LanSession session) =>
        Peers(session).Select(peer => (peer.Id.ToString(CultureInfo.InvariantCulture), peer.ToString()));

    internal static IEnumerable<LanPeer> Peers(LanSession session) =>
        session.Servers.All.SelectMany(server => server.GetPeers().Where(peer => !peer.IsTap).Select(peer => new LanPeer(peer, server)));
}

internal sealed class PeerMacCompleter : SessionCompleter
{
    protected override IEnumerable<(string Text, string Hint)> Candidates(LanSession session) =>
        PeerIdCompleter.Peers(session).Where(peer => peer.MacAddress is not null).Select(peer => (peer.MacAddress.ToString()!, peer.ToString()));
}
