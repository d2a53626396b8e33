using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using VpnWs.Ethernet;
using VpnWs.Switching.Guards;

namespace VpnWs.Server;

/// <summary>Reads what the control interface of a server says, ours or the C program's.</summary>
public static class ControlReader
{
    private const int MaxReasonLength = 200;

    private static readonly long MaxMilliseconds = (long)TimeSpan.MaxValue.TotalMilliseconds;

    /// <summary>Reads a list of peers. A key that is missing, or holds something of another kind than expected, leaves its property at the default.</summary>
    /// <param name="json">The body of the answer. Text that is not UTF-8 is taken for Latin-1, since the C server passes on the bytes it was given.</param>
    /// <exception cref="InvalidDataException">This is not JSON, or not a list of peers.</exception>
    public static IReadOnlyList<PeerInfo> ReadPeers(ReadOnlyMemory<byte> json)
    {
        var text = Utf8.IsValid(json.Span) ? json : Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(json.Span));
        try
        {
            using var document = JsonDocument.Parse(text);
            return Child(document.RootElement, "peers", JsonValueKind.Array) is { } peers
                ? [.. peers.EnumerateArray().Select(ReadPeer)]
                : throw new InvalidDataException("The answer of the control interface is not a list of peers.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text with half a surrogate pair written as an escape.
            throw new InvalidDataException("The answer of the control interface is not valid JSON.", e);
        }
    }

    /// <summary>Why the server does not do what was asked, as its answer says it: on one line, and cut where it is long. Null where it does not say.</summary>
    /// <param name="body">The body of the answer; it may be anything.</param>
    internal static string? ReadReason(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var reason = Text(document.RootElement, "reason");
            var line = string.Concat(reason.Take(MaxReasonLength).Select(static c => IsShown(c) ? c : ' '));
            return line.Length == 0 ? null : line.Length < reason.Length ? $"{line}..." : line;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    // A server's words go to a terminal: a control character could steer it, one for formatting turn the direction of what follows.
    private static bool IsShown(char c) => char.GetUnicodeCategory(c)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static PeerInfo ReadPeer(JsonElement peer)
    {
        var mac = Mac(Text(peer, "MAC"));
        var unix = Number(peer, "unix");
        return new PeerInfo
        {
            Id = Number(peer, "id"),
            Mac = mac,
            RemoteAddress = Text(peer, "REMOTE_ADDR"),
            RemoteUser = Text(peer, "REMOTE_USER"),
            DistinguishedName = Text(peer, "DN"),
            ConnectedAt = Time(unix),
            IsBridge = Number(peer, "bridge") != 0,
            Addresses = Addresses(peer),
            BytesSent = Number(peer, "tx"),
            BytesReceived = Number(peer, "rx"),
            FramesSent = Number(peer, "frames_tx"),
            FramesReceived = Number(peer, "frames_rx"),
            FramesDropped = Number(peer, "dropped"),
            Drops = Drops(peer),
            IdleTime = TimeSpan.FromMilliseconds(Math.Clamp(Number(peer, "idle_ms"), 0, MaxMilliseconds)),
            Transport = Text(peer, "transport"),
            IsClassic = Flag(peer, "classic") ?? false,
            HasOffload = Flag(peer, "offload") ?? false,
            Rule = Text(peer, "rule"),
            Limits = Child(peer, "limits", JsonValueKind.Object) is { } limits ? RulesJson.TryReadLimits(limits) : null,
            IsBlocked = Flag(peer, "blocked") ?? false,
            // The C server marks its tap only by giving it an address but no time of joining.
            IsTap = Flag(peer, "tap") ?? (mac is not null && unix == 0),
        };
    }

    private static JsonElement? Child(JsonElement parent, string key, JsonValueKind kind) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(key, out var child) && child.ValueKind == kind ? child : null;

    private static string Text(JsonElement parent, string key) => Child(parent, key, JsonValueKind.String)?.GetString() ?? "";

    private static long Number(JsonElement parent, string key) =>
        Child(parent, key, JsonValueKind.Number) is { } number ? Number(number) : 0;

    private static long Number(JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var value) ? value : 0;

    private static bool? Flag(JsonElement parent, string key) =>
        Child(parent, key, JsonValueKind.True) is not null ? true : Child(parent, key, JsonValueKind.False) is not null ? false : null;

    private static MacAddress? Mac(string? text) => MacAddress.TryParse(text, out var mac) && !mac.IsZero ? mac : null;

    private static MacAddress[] Addresses(JsonElement peer) =>
        Child(peer, "macs", JsonValueKind.Array) is { } macs
            ? [.. macs.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? Mac(item.GetString()) : null).OfType<MacAddress>()]
            : [];

    private static Dictionary<string, long> Drops(JsonElement peer)
    {
        var drops = new Dictionary<string, long>();
        if (Child(peer, "drops", JsonValueKind.Object) is { } all)
            foreach (var drop in all.EnumerateObject()) drops[drop.Name] = Number(drop.Value);
        return drops;
    }

    private static DateTimeOffset Time(long unix) => DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(
        unix, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds()));
}
