using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using VpnWs.Ethernet;
using VpnWs.Switching.Guards;

namespace VpnWs.Server;

/// <summary>Writes the list of peers as the C server does, its keys first and in its order (WIRE section 4), then what we add.</summary>
internal static class ControlWriter
{
    // The C server writes text outside ASCII and signs such as + as they are, and scripts that search the text count on it.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Builds the JSON text, UTF-8.</summary>
    public static ReadOnlySpan<byte> Write(IReadOnlyList<PeerInfo> peers, TimeZoneInfo zone)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("status"u8, "ok"u8);
            json.WriteStartArray("peers"u8);
            foreach (var peer in peers) Write(json, peer, zone);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }

    private static void Write(Utf8JsonWriter json, PeerInfo peer, TimeZoneInfo zone)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, peer.Id);
        json.WriteString("MAC"u8, Text(peer.Mac ?? MacAddress.Zero));
        json.WriteString("REMOTE_ADDR"u8, peer.RemoteAddress);
        json.WriteString("REMOTE_USER"u8, peer.RemoteUser);
        json.WriteString("DN"u8, peer.DistinguishedName);
        json.WriteString("ts"u8, CTime(TimeZoneInfo.ConvertTime(peer.ConnectedAt, zone)));
        json.WriteNumber("bridge"u8, peer.IsBridge ? 1 : 0);
        json.WriteStartArray("macs"u8);
        foreach (var mac in peer.Addresses) json.WriteStringValue(Text(mac));
        json.WriteEndArray();
        json.WriteNumber("unix"u8, peer.ConnectedAt.ToUnixTimeSeconds());
        json.WriteNumber("tx"u8, peer.BytesSent);
        json.WriteNumber("rx"u8, peer.BytesReceived);

        json.WriteNumber("frames_tx"u8, peer.FramesSent);
        json.WriteNumber("frames_rx"u8, peer.FramesReceived);
        json.WriteNumber("dropped"u8, peer.FramesDropped);
        json.WriteStartObject("drops"u8);
        foreach (var (reason, count) in peer.Drops) json.WriteNumber(reason, count);
        json.WriteEndObject();
        json.WriteNumber("idle_ms"u8, peer.IdleTime.Ticks / TimeSpan.TicksPerMillisecond);
        json.WriteString("transport"u8, peer.Transport);
        json.WriteBoolean("classic"u8, peer.IsClassic);
        json.WriteBoolean("offload"u8, peer.HasOffload);
        json.WriteBoolean("tap"u8, peer.IsTap);
        json.WriteString("rule"u8, peer.Rule);
        json.WriteBoolean("blocked"u8, peer.IsBlocked);
        if (peer.Limits is { } limits)
        {
            json.WritePropertyName("limits"u8);
            RulesJson.Write(json, limits);
        }

        json.WriteEndObject();
    }

    private static string Text(MacAddress mac) => mac.ToString().ToUpperInvariant();

    // ctime(3) without its line end: the day of the month is padded with a blank.
    private static string CTime(DateTimeOffset time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time:ddd MMM} {time.Day,2} {time:HH:mm:ss yyyy}");
}
