using System.Buffers.Binary;

namespace VpnWs.Ethernet;

/// <summary>Tells frames of one conversation from those of others, well enough for fair queueing; different conversations may share a number.</summary>
internal static class FlowHash
{
    private const int AddressesLength = 2 * MacAddress.Length;

    /// <summary>The number of a frame's conversation: by addresses, protocol and ports for IP, by MAC addresses otherwise.</summary>
    public static uint Of(ReadOnlySpan<byte> frame)
    {
        if (PacketLayout.Read(frame, out var layout) != PacketStatus.Whole) return Mix(0, frame[..AddressesLength]);
        var hash = Mix(layout.Protocol, frame.Slice(layout.AddressOffset, layout.AddressesLength));
        var hasPorts = layout.Protocol is IPProtocols.Tcp or IPProtocols.Udp && !layout.IsFragment && layout.TransportLength >= sizeof(uint);
        return hasPorts ? Mix(hash, frame.Slice(layout.TransportOffset, sizeof(uint))) : hash;
    }

    private static uint Mix(uint hash, ReadOnlySpan<byte> bytes)
    {
        // FNV-1a's prime, four bytes at a time, and a shift so that high bits count in the low ones too.
        for (; bytes.Length >= sizeof(uint); bytes = bytes[sizeof(uint)..])
        {
            hash = (hash ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes)) * 16_777_619;
            hash ^= hash >> 15;
        }

        return hash;
    }
}
