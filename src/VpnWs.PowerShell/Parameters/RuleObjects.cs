using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text.Json;
using VpnWs.Switching.Guards;

namespace VpnWs.PowerShell;

/// <summary>Makes rules of what a script gives: hashtables or other objects, whose properties are called as in the rules file. They go through its reader, so that both take and refuse the same.</summary>
internal static class RuleObjects
{
    /// <summary>The first part of the error id for rules, or a file of them, that cannot be.</summary>
    public const string Invalid = "RulesInvalid";

    /// <summary>What to do about such rules.</summary>
    public const string Advice = "docs/rules.md has all settings of a rule.";

    /// <summary>Rules from objects.</summary>
    /// <exception cref="LanException">They are broken.</exception>
    public static PeerRules ReadRules(IEnumerable<object> rules)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("rules");
            foreach (var rule in rules) Write(json, Properties(rule));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Checked(() => PeerRules.Parse(buffer.ToArray()));
    }

    /// <summary>Limits from the parameters of a cmdlet.</summary>
    /// <exception cref="LanException">They cannot be.</exception>
    public static PortLimits ReadLimits(IEnumerable<KeyValuePair<string, object?>> settings)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer)) Write(json, settings);
        return Checked(() => PortLimits.Parse(buffer.ToArray()));
    }

    private static T Checked<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException e)
        {
            throw new LanException(Invalid, ErrorCategory.InvalidData, e.Message, Advice);
        }
    }

    private static IEnumerable<KeyValuePair<string, object?>> Properties(object rule) => (rule is PSObject wrapped ? wrapped.BaseObject : rule) switch
    {
        IDictionary table => table.Cast<DictionaryEntry>().Select(static entry => KeyValuePair.Create(Text(entry.Key), entry.Value)),
        string => throw new FormatException("a rule is a hashtable or another object; a file is given alone"),
        _ => PSObject.AsPSObject(rule).Properties.Select(static property => KeyValuePair.Create(property.Name, (object?)property.Value)),
    };

    private static void Write(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, object?>> properties)
    {
        json.WriteStartObject();
        foreach (var (name, value) in properties.Where(static property => property.Value is not null))
        {
            json.WritePropertyName(JsonNamingPolicy.CamelCase.ConvertName(name));
            Write(json, value);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value is PSObject wrapped ? wrapped.BaseObject : value)
        {
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case SwitchParameter flag:
                json.WriteBooleanValue(flag);
                break;
            case int or long or short or byte or double or decimal:
                json.WriteRawValue(Text(value!));
                break;
            case IEnumerable items and not string:
                json.WriteStartArray();
                foreach (var item in items) Write(json, item);
                json.WriteEndArray();
                break;
            case var other:
                json.WriteStringValue(Text(other ?? ""));
                break;
        }
    }

    private static string Text(object value) => Convert.ToString(value is PSObject wrapped ? wrapped.BaseObject : value, CultureInfo.InvariantCulture) ?? "";
}
