using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace VpnWs.Transport;

/// <summary>Growing buffers of the shared pool.</summary>
internal static class RentedBuffer
{
    private const int MinLength = 4096;

    /// <summary>Makes room behind what a buffer holds: rents one where there is none, and at least doubles one that is too short.</summary>
    /// <param name="buffer">The buffer, or null.</param>
    /// <param name="filled">How much of it is in use.</param>
    /// <param name="room">How many bytes more it must hold.</param>
    /// <returns>The room, of exactly that length.</returns>
    public static Span<byte> MakeRoom([NotNull] ref byte[]? buffer, int filled, int room)
    {
        if (buffer is null)
        {
            buffer = ArrayPool<byte>.Shared.Rent(Math.Max(MinLength, room));
        }
        else if (buffer.Length - filled < room)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(buffer.Length * 2, filled + room));
            buffer.AsSpan(0, filled).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }

        return buffer.AsSpan(filled, room);
    }
}
