using System.Globalization;
using System.Text;

namespace VpnWs.Server;

/// <summary>Answers requests of the control interface (WIRE section 4): bytes for a query.</summary>
internal static class ControlInterface
{
    private const string KillKey = "kill=";

    /// <summary>Does what a query asks for and builds the whole HTTP/1.0 response, after which the connection is closed.</summary>
    /// <param name="query">The request's query: <c>kill=ID</c> ends a peer; anything else lists all peers.</param>
    /// <param name="target">The server.</param>
    /// <param name="zone">The time zone of <c>ts</c>; null is the machine's.</param>
    public static byte[] Answer(string query, IControlTarget target, TimeZoneInfo? zone = null)
    {
        if (KillArgument(query) is not { } text) return Response("200 OK", ControlWriter.Write(target.GetPeers(), zone ?? TimeZoneInfo.Local));
        return TryKill(text, target)
            ? Response("200 OK", """{"status":"ok"}"""u8)
            : Response("404 Not Found", """{"status":"not found"}"""u8);
    }

    private static string? KillArgument(string query) => query
        .TrimStart('?')
        .Split('&')
        .FirstOrDefault(pair => pair.StartsWith(KillKey, StringComparison.Ordinal))?[KillKey.Length..];

    private static bool TryKill(string text, IControlTarget target) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        && !target.GetPeers().Any(peer => peer.Id == id && peer.IsTap)
        && target.Kill(id);

    private static byte[] Response(string status, ReadOnlySpan<byte> body)
    {
        var head = Encoding.ASCII.GetBytes(
            $"HTTP/1.0 {status}\r\n"
            + "Connection: close\r\n"
            + "Cache-Control: no-cache, no-store, must-revalidate\r\n"
            + "Pragma: no-cache\r\n"
            + "Expires: 0\r\n"
            + "Content-Type: application/json\r\n"
            + $"Content-Length: {body.Length}\r\n\r\n");
        return [.. head, .. body];
    }
}
