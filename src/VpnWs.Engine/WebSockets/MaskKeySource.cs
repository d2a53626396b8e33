using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace VpnWs.WebSockets;

/// <summary>
/// Keys that nobody can foresee, a fresh one for each frame (RFC 6455 section 5.3). They are drawn in blocks, since asking the
/// system for one at a time costs more than masking a frame. Not for use by two threads at once.
/// </summary>
internal sealed class MaskKeySource
{
    private const int BlockLength = 256;

    private readonly uint[] _block = new uint[BlockLength];
    private int _next = BlockLength;

    /// <summary>The next key; never 0, which would leave the payload as it is.</summary>
    public uint Next()
    {
        uint key;
        do
        {
            if (_next == BlockLength) Refill();
            key = _block[_next++];
        }
        while (key == 0);

        return key;
    }

    private void Refill()
    {
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(_block.AsSpan()));
        _next = 0;
    }
}
