using System.Collections;
using System.Globalization;

namespace VpnWs.Tests.Hosting;

/// <summary>Reads a property of settings by its path and writes it as a test table can hold it.</summary>
internal static class SettingsText
{
    public static string Of(object settings, string path)
    {
        object? value = settings;
        foreach (var name in path.Split('.'))
        {
            if (value is null) return "null";
            value = (value.GetType().GetProperty(name) ?? throw new ArgumentException($"{value.GetType()} has no {name}")).GetValue(value);
        }

        return Text(value);
    }

    public static string Text(object? value) => value switch
    {
        null => "null",
        string text => text,
        KeyValuePair<string, string> pair => $"{pair.Key}={pair.Value}",
        TimeSpan time => time.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        Enum number => Convert.ToInt32(number, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture),
        IEnumerable many => string.Join(',', many.Cast<object?>().Select(Text)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
