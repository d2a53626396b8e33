using System.Buffers.Binary;
using System.Text;

namespace VpnWs.Tests.Framework;

/// <summary>A request in the uwsgi protocol, made by hand: a 4-byte header, then keys and values with their lengths before them.</summary>
internal static class UwsgiPacket
{
    public static byte[] Build(byte modifier1, params IEnumerable<(string Key, string Value)> variables)
    {
        var packet = new List<byte> { modifier1, 0, 0, 0 };
        foreach (var (key, value) in variables)
        {
            Append(packet, key);
            Append(packet, value);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(packet)[1..], checked((ushort)(packet.Count - 4)));
        return [.. packet];
    }

    private static void Append(List<byte> packet, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        packet.Add((byte)bytes.Length);
        packet.Add((byte)(bytes.Length >> 8));
        packet.AddRange(bytes);
    }
}
