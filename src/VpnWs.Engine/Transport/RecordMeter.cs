using System.Buffers.Binary;

namespace VpnWs.Transport;

/// <summary>Follows where one TLS record ends and the next begins in a stream of them (RFC 8446 section 5.1).</summary>
internal struct RecordMeter
{
    private const int HeaderLength = 5;

    private uint _lengthSoFar;
    private int _headerBytes;
    private int _bodyLeft;

    /// <summary>Takes note of bytes that have been passed on.</summary>
    public void Advance(ReadOnlySpan<byte> passed)
    {
        while (!passed.IsEmpty)
        {
            if (_bodyLeft > 0)
            {
                var skipped = Math.Min(_bodyLeft, passed.Length);
                _bodyLeft -= skipped;
                passed = passed[skipped..];
            }
            else
            {
                _lengthSoFar = (_lengthSoFar << 8) | passed[0];
                passed = passed[1..];
                if (++_headerBytes < HeaderLength) continue;
                _bodyLeft = (ushort)_lengthSoFar;
                _headerBytes = 0;
            }
        }
    }

    /// <summary>Whether these bytes, which come next, bring at least one record to its end.</summary>
    public readonly bool EndsRecord(ReadOnlySpan<byte> next)
    {
        if (_bodyLeft > 0) return next.Length >= _bodyLeft;
        var headerLeft = HeaderLength - _headerBytes;
        if (next.Length < headerLeft) return false;
        var length = headerLeft >= 2
            ? BinaryPrimitives.ReadUInt16BigEndian(next[(headerLeft - 2)..])
            : (ushort)((_lengthSoFar << 8) | next[0]);
        return next.Length - headerLeft >= length;
    }
}
