using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace VpnWs.PowerShell;

/// <summary>Completes arguments from what the session has; no fault reaches the prompt.</summary>
internal abstract class SessionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = (wordToComplete ?? "").Trim('\'', '"');
        try
        {
            return [.. Candidates(LanSession.Current, fakeBoundParameters ?? new Hashtable())
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
    /// <param name="session">The session.</param>
    /// <param name="bound">The other parameters as far as they are written.</param>
    protected abstract IEnumerable<(string Text, string Hint)> Candidates(LanSession session, IDictionary bound);

    private static string Quoted(string text) => text.All(c => char.IsLetterOrDigit(c) || c is '_' or '.' or '-' or ':') ? text : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
}

internal sealed class ServerCompleter : SessionCompleter
{
    protected override IEnumerable<(string Text, string Hint)> Candidates(LanSession session, IDictionary bound) =>
        session.Servers.All.Select(server => (server.Name, $"{server.State}, {server.PeerCount} peers"));
}

internal sealed class ConnectionCompleter : SessionCompleter
{
    protected override IEnumerable<(string Text, string Hint)> Candidates(LanSession session, IDictionary bound) =>
        session.Connections.All.Select(connection => (connection.Name, $"{connection.State}, {connection.Uri}"));
}
