using System.Globalization;
using System.Text;
using System.Text.Json;
using VpnWs.Switching.Guards;

namespace VpnWs.Server;

/// <summary>Answers requests of the control interface (WIRE section 4): bytes for a query.</summary>
internal static class ControlInterface
{
    private const string KillKey = "kill=";
    private const string SetKey = "set=";
    private const string LimitsKey = "limits=";

    /// <summary>Does what a query asks for and builds the whole HTTP/1.0 response, after which the connection is closed.</summary>
    /// <param name="query">The request's query: <c>kill=ID</c> ends a peer, <c>set=ID&amp;limits=JSON</c> changes what it may do; anything else lists all peers.</param>
    /// <param name="target">The server.</param>
    /// <param name="zone">The time zone of <c>ts</c>; null is the machine's.</param>
    public static byte[] Answer(string query, IControlTarget target, TimeZoneInfo? zone = null)
    {
        if (Argument(query, KillKey) is { } kill) return Outcome(TryReadId(kill, out var id) && target.Kill(id));
        if (Argument(query, SetKey) is { } set) return Set(set, Argument(query, LimitsKey), target);
        return Response("200 OK", ControlWriter.Write(target.GetPeers(), zone ?? TimeZoneInfo.Local));
    }

    private static byte[] Set(string set, string? limits, IControlTarget target)
    {
        if (string.IsNullOrEmpty(limits)) return BadLimits("give limits=JSON with what is to change");
        try
        {
            var change = PortLimits.Parse(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(limits)));
            return Outcome(TryReadId(set, out var id) && target.ChangeLimits(id, change));
        }
        catch (FormatException e)
        {
            return BadLimits(e.Message);
        }
    }

    private static byte[] BadLimits(string reason) =>
        Response("400 Bad Request", Encoding.UTF8.GetBytes($$"""{"status":"bad limits","reason":"{{JsonEncodedText.Encode(reason)}}"}"""));

    private static byte[] Outcome(bool isDone) => isDone
        ? Response("200 OK", """{"status":"ok"}"""u8)
        : Response("404 Not Found", """{"status":"not found"}"""u8);

    private static string? Argument(string query, string key) => query
        .TrimStart('?')
        .Split('&')
        .FirstOrDefault(pair => pair.StartsWith(key, StringComparison.Ordinal))?[key.Length..];

    private static bool TryReadId(string text, out long id) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id);

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
