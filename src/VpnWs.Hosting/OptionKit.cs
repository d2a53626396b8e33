using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace VpnWs.Hosting;

/// <summary>Makes the options of the programs' command lines; each says in one line what is wrong with its value.</summary>
internal static class OptionKit
{
    /// <summary>An option without a value.</summary>
    public static Option<bool> Flag(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.Zero };

    /// <summary>An option with any text as its value; null where it is not given.</summary>
    public static Option<string?> Text(string name, string valueName, string description) =>
        new(name) { Description = description, HelpName = valueName, Arity = ArgumentArity.ExactlyOne };

    /// <summary>An option with the path of a file; null where it is not given.</summary>
    public static Option<string?> Path(string name, string description) =>
        Value<string?>(name, "FILE", description, static text => text.Length > 0 ? text : throw new FormatException("give the path of a file"));

    /// <summary>An option whose value is read by <paramref name="read"/>, which throws <see cref="FormatException"/> where it is wrong.</summary>
    public static Option<T?> Value<T>(string name, string valueName, string description, Func<string, T> read) =>
        new(name)
        {
            Description = description,
            HelpName = valueName,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result => Read(result, name, read) is [var value, ..] ? value : default,
        };

    /// <summary>An option that may be given more than once, each value read by <paramref name="read"/>; empty where it is not given.</summary>
    public static Option<T[]> Values<T>(string name, string valueName, string description, Func<string, T> read) =>
        new(name)
        {
            Description = description + " May be given more than once.",
            HelpName = valueName,
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result => Read(result, name, read),
            DefaultValueFactory = _ => [],
        };

    /// <summary>An option with a whole number between two bounds; null where it is not given.</summary>
    public static Option<int?> Whole(string name, string valueName, string description, int least, int most) =>
        Value<int?>(name, valueName, description, text =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                ? number
                : throw new FormatException($"'{text}' is not a whole number from {least} to {most}"));

    /// <summary>An option with a time in seconds, such as <c>20</c> or <c>0.5</c>; null where it is not given.</summary>
    public static Option<TimeSpan?> Seconds(string name, string description, double least, double most) =>
        Value<TimeSpan?>(name, "SECONDS", description, text =>
            double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                ? TimeSpan.FromSeconds(number)
                : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"'{text}' is not a number of seconds from {least} to {most}")));

    private static T[] Read<T>(ArgumentResult result, string name, Func<string, T> read)
    {
        var values = new T[result.Tokens.Count];
        for (var i = 0; i < values.Length; i++)
        {
            try
            {
                values[i] = read(result.Tokens[i].Value);
            }
            catch (FormatException e)
            {
                result.AddError($"{name}: {e.Message}");
                return [];
            }
        }

        return values;
    }
}
