using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using VpnWs.Ethernet;

namespace VpnWs.Switching.Guards;

/// <summary>Reads and writes rules as JSON.</summary>
internal static class RulesJson
{
    private static readonly RulesContext Context = new(new JsonSerializerOptions
    {
        AllowDuplicateProperties = false,
        AllowTrailingCommas = true,
        Converters = { new MacAddressJson(), new NetworkJson(), new VlanRangeJson(), new RateJson() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNameCaseInsensitive = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        ReadCommentHandling = JsonCommentHandling.Skip,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    });

    /// <summary>Reads a rules file.</summary>
    /// <exception cref="FormatException">It is broken; the message says in which line, and how.</exception>
    public static PeerRules Read(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith(Encoding.UTF8.Preamble)) utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        try
        {
            var file = JsonSerializer.Deserialize(utf8, Context.RulesText) ?? throw new FormatException("line 1: this is not { \"rules\": [ ... ] }");
            if (file.Rules is not { } rules) throw new FormatException($"line {LineOf(utf8, "rules", null)}: rules is not [ ... ]");
            if (PeerRules.FindFault(rules, file.Defaults) is { } fault)
                throw new FormatException($"line {LineOf(utf8, fault.Rule is null ? "defaults" : "rules", fault.Rule)}: {fault}");
            return new PeerRules(rules, file.Defaults);
        }
        catch (JsonException e)
        {
            throw new FormatException($"line {(e.LineNumber ?? 0) + 1}: {Explain(e)}", e);
        }
    }

    /// <summary>Reads limits alone.</summary>
    /// <exception cref="FormatException">They are broken; the message says how.</exception>
    public static PortLimits ReadLimits(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, Context.PortLimits) ?? throw new FormatException("these are no limits: { ... }");
        }
        catch (JsonException e)
        {
            throw new FormatException(Explain(e), e);
        }
    }

    /// <summary>Writes what limits say.</summary>
    public static string Write(PortLimits limits) => JsonSerializer.Serialize(limits, Context.PortLimits);

    /// <summary>Writes what limits say as the value of a property.</summary>
    public static void Write(Utf8JsonWriter json, PortLimits limits) => JsonSerializer.Serialize(json, limits, Context.PortLimits);

    /// <summary>Reads limits; null where they are none.</summary>
    public static PortLimits? TryReadLimits(JsonElement element)
    {
        try
        {
            return element.Deserialize(Context.PortLimits);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Where a property of the whole starts, or the item of that index in it.
    private static int LineOf(ReadOnlySpan<byte> utf8, string property, int? item)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isWanted = property.Equals(reader.GetString(), StringComparison.OrdinalIgnoreCase);
            reader.Read();
            if (!isWanted)
            {
                reader.Skip();
                continue;
            }

            for (var i = 0; i <= item && reader.Read(); i++)
            {
                if (i < item) reader.Skip();
            }

            break;
        }

        return 1 + utf8[..(int)reader.TokenStartIndex].Count((byte)'\n');
    }

    // The library's own sentences name its types, and end with what we say ourselves.
    private static string Explain(JsonException e)
    {
        var text = e.Message;
        var end = text.IndexOf(" Path: ", StringComparison.Ordinal);
        if (end < 0) end = text.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        text = (end < 0 ? text : text[..end]).TrimEnd('.');
        var place = (e.Path ?? "").TrimStart('$', '.');
        var quoted = text.Split('\'');
        if (text.Contains("could not be mapped", StringComparison.Ordinal)) return $"there is no setting '{quoted[1]}'";
        if (text.Contains("missing required", StringComparison.Ordinal)) return "there is no \"rules\": [ ... ]";
        if (text.Contains("Duplicate property", StringComparison.Ordinal)) return $"the setting '{quoted[1]}' is there twice";
        if (text.Contains("could not be converted", StringComparison.Ordinal)) return place.Length == 0 ? "this is not { ... }" : $"{place} cannot have this value";
        return place.Length == 0 ? text : $"{place}: {text}";
    }

    private sealed class MacAddressJson : JsonConverter<MacAddress>
    {
        public override MacAddress Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && MacAddress.TryParse(reader.GetString(), out var mac) ? mac : throw new JsonException("this is no MAC address, such as \"02:00:00:00:00:01\"");

        public override void Write(Utf8JsonWriter writer, MacAddress value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }

    private sealed class NetworkJson : JsonConverter<IPNetwork>
    {
        public override IPNetwork Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            return IPNetwork.TryParse(text, out var network) && IsExact(text!, network) ? network
                : IPAddress.TryParse(text, out var address) && IsPlain(text!, address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
                : throw new JsonException("this is no IP address and no network, such as \"10.0.0.7\" or \"fd00:1::/64\"");
        }

        // Whoever writes 10.0.0.7/24 may mean either.
        private static bool IsExact(string text, IPNetwork network) => IPAddress.Parse(text[..text.IndexOf('/', StringComparison.Ordinal)]).Equals(network.BaseAddress);

        // The library also takes 10.1 and 0x0a000001, which few would read as 10.0.0.1; and a scope says nothing here.
        private static bool IsPlain(string text, IPAddress address) =>
            text.Contains(':', StringComparison.Ordinal) ? !text.Contains('%', StringComparison.Ordinal) : text == address.ToString();

        public override void Write(Utf8JsonWriter writer, IPNetwork value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.PrefixLength == value.BaseAddress.GetAddressBytes().Length * 8 ? value.BaseAddress.ToString() : value.ToString());
    }

    private sealed class VlanRangeJson : JsonConverter<VlanRange>
    {
        public override VlanRange Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            try
            {
                return reader.TokenType switch
                {
                    JsonTokenType.Number when reader.TryGetInt32(out var id) => VlanRange.Parse(id.ToString(CultureInfo.InvariantCulture)),
                    JsonTokenType.String => VlanRange.Parse(reader.GetString()!),
                    _ => throw new JsonException("this is no VLAN, such as 10, and no range of them, such as \"10-19\""),
                };
            }
            catch (FormatException e)
            {
                throw new JsonException(e.Message, e);
            }
        }

        public override void Write(Utf8JsonWriter writer, VlanRange value, JsonSerializerOptions options)
        {
            if (value.First == value.Last) writer.WriteNumberValue(value.First);
            else writer.WriteStringValue(value.ToString());
        }
    }

    /// <summary>Numbers that may be written <c>"20M"</c>.</summary>
    private sealed class RateJson : JsonConverter<long>
    {
        public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.Number when reader.TryGetInt64(out var number) => number,
            JsonTokenType.String when Rate.TryParse(reader.GetString(), out var rate) => rate,
            _ => throw new JsonException("this is no whole number, such as 1000 or \"20M\""),
        };

        public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
    }
}

/// <summary>What is in a rules file.</summary>
internal sealed class RulesText
{
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    public PortLimits? Defaults { get; init; }

    [JsonRequired]
    public IReadOnlyList<PeerRule>? Rules { get; init; }
}

[JsonSerializable(typeof(RulesText))]
internal sealed partial class RulesContext : JsonSerializerContext;
