using System.Buffers.Binary;
using VpnWs.Http;

namespace VpnWs.Uwsgi;

/// <summary>The CGI-style variables of a uwsgi packet: keys and values, each after its length as a little-endian u16.</summary>
internal readonly ref struct UwsgiVariables
{
    private readonly ReadOnlySpan<byte> _body;

    private UwsgiVariables(ReadOnlySpan<byte> body) => _body = body;

    /// <summary>Takes the bytes after the packet's header; false where a length lies or a key is empty.</summary>
    public static bool TryCreate(ReadOnlySpan<byte> body, out UwsgiVariables variables)
    {
        variables = new UwsgiVariables(body);
        while (!body.IsEmpty)
            if (!TryCut(ref body, out var key) || key.IsEmpty || !TryCut(ref body, out _)) return false;
        return true;
    }

    /// <summary>
    /// The text of a variable, of the last one where there are several; null where there is none or it is empty, which is how a
    /// web server passes on a header that was not sent.
    /// </summary>
    public string? this[ReadOnlySpan<byte> key]
    {
        get
        {
            var rest = _body;
            ReadOnlySpan<byte> found = default;
            while (TryCut(ref rest, out var name) && TryCut(ref rest, out var value))
                if (name.SequenceEqual(key)) found = value;
            return found.IsEmpty ? null : HeadText.Decode(found);
        }
    }

    private static bool TryCut(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> item)
    {
        item = default;
        if (!BinaryPrimitives.TryReadUInt16LittleEndian(rest, out var length) || length > rest.Length - 2) return false;
        item = rest.Slice(2, length);
        rest = rest[(2 + length)..];
        return true;
    }
}
