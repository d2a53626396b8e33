using System.Globalization;
using System.Text;

namespace VpnWs.Server;

/// <summary>An answer of the control interface, taken apart.</summary>
/// <param name="Status">The HTTP status code: 200, or 404 where there was no such peer.</param>
/// <param name="Body">The JSON text.</param>
internal sealed record ControlResponse(int Status, ReadOnlyMemory<byte> Body)
{
    /// <summary>Takes all bytes that came until the server closed the connection.</summary>
    /// <exception cref="InvalidDataException">This is not an HTTP response, or it is cut short.</exception>
    public static ControlResponse Parse(ReadOnlyMemory<byte> response)
    {
        var end = response.Span.IndexOf("\r\n\r\n"u8);
        if (end < 0) throw new InvalidDataException("The answer of the control interface is cut short.");
        var lines = Encoding.Latin1.GetString(response.Span[..end]).Split("\r\n");
        var body = response[(end + 4)..];
        var status = lines[0].Split(' ');
        if (status.Length < 2 || !status[0].StartsWith("HTTP/1.", StringComparison.Ordinal) || !TryParse(status[1], out var code))
            throw new InvalidDataException("The answer of the control interface is not an HTTP response.");

        // The C server tells no length: its answer goes on until the connection ends.
        return ContentLength(lines) is not { } length ? new ControlResponse(code, body)
            : length <= body.Length ? new ControlResponse(code, body[..length])
            : throw new InvalidDataException("The answer of the control interface is cut short.");
    }

    private static int? ContentLength(IEnumerable<string> lines)
    {
        const string Name = "Content-Length:";
        var line = lines.FirstOrDefault(line => line.StartsWith(Name, StringComparison.OrdinalIgnoreCase));
        return line is not null && TryParse(line[Name.Length..].Trim(), out var length) ? length : null;
    }

    private static bool TryParse(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
