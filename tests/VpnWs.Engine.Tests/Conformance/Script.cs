using System.Text;
using VpnWs.Ethernet;
using VpnWs.Tests.Transport;
using VpnWs.Tests.WebSockets;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Conformance;

/// <summary>What one case sends, and what must come of it. Unless it says how the connection ends, that must go on.</summary>
/// <param name="masked">Whether the sender plays a client, which masks.</param>
/// <param name="to">The station that frames are for.</param>
/// <param name="from">The station that they come from.</param>
internal sealed class Script(bool masked, MacAddress to, MacAddress from)
{
    private readonly List<byte> _bytes = [];
    private int _seed;

    /// <summary>Whether the sender masks, as a client does.</summary>
    public bool IsMasked => masked;

    /// <summary>The bytes to send.</summary>
    public byte[] Bytes => [.. _bytes];

    /// <summary>How many bytes to send at once; 0 for all.</summary>
    public int Chop { get; set; }

    /// <summary>The Ethernet frames that must arrive, in order.</summary>
    public List<byte[]> Delivered { get; } = [];

    /// <summary>The payloads of the pongs that must come back, in order.</summary>
    public List<byte[]> Pongs { get; } = [];

    /// <summary>The code of the close frame that must come back; 1005 for one without a code, null for none.</summary>
    public int? Code { get; private set; }

    /// <summary>An Ethernet frame that can be delivered, of this length, different each time.</summary>
    public byte[] Frame(int length) => Ether.Frame(to, from, length, ++_seed);

    /// <summary>Sends a WebSocket frame.</summary>
    public Script Send(Opcode opcode, byte[] payload, bool final = true, int reserved = 0) =>
        Raw(Wire.Frame(opcode, payload, masked ? Wire.Key : null, final, reserved));

    /// <summary>Sends a frame with text as its payload.</summary>
    public Script Send(Opcode opcode, string text, bool final = true, int reserved = 0) => Send(opcode, Encoding.UTF8.GetBytes(text), final, reserved);

    /// <summary>Sends a frame masked as it must not be.</summary>
    public Script SendWrongMask(Opcode opcode, byte[] payload) => Raw(Wire.Frame(opcode, payload, masked ? null : Wire.Key));

    /// <summary>Sends a close frame.</summary>
    public Script SendClose(int code, string reason = "") => SendClose(code, Encoding.UTF8.GetBytes(reason));

    /// <summary>Sends a close frame whose reason is these bytes.</summary>
    public Script SendClose(int code, byte[] reason) => Send(Opcode.Close, [(byte)(code >> 8), (byte)code, .. reason]);

    /// <summary>Sends bytes as they are.</summary>
    public Script Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>Sends a message with a frame that must arrive.</summary>
    public Script Deliver(int length)
    {
        var frame = Frame(length);
        return Send(Opcode.Binary, frame).Arrives(frame);
    }

    /// <summary>A frame must arrive.</summary>
    public Script Arrives(byte[] frame)
    {
        Delivered.Add(frame);
        return this;
    }

    /// <summary>Sends a ping that must be answered.</summary>
    public Script Ping(byte[] payload)
    {
        Pongs.Add(payload);
        return Send(Opcode.Ping, payload);
    }

    /// <summary>Sends a ping that must be answered.</summary>
    public Script Ping(string payload) => Ping(Encoding.UTF8.GetBytes(payload));

    /// <summary>The connection must be closed with this code.</summary>
    public void Closes(int code) => Code = code;
}
