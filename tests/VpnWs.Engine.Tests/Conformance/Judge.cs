using System.Net.Sockets;
using VpnWs.Tests.Transport;
using VpnWs.Tests.WebSockets;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Conformance;

/// <summary>Plays a case against the other end of a connection and wants exactly what it says to come of it.</summary>
internal static class Judge
{
    private const string Last = "the last ping";

    public static async Task Play(Script script, RawPeer peer, TapEnd tap)
    {
        var bytes = script.Bytes;
        try
        {
            var step = script.Chop == 0 ? bytes.Length : script.Chop;
            for (var at = 0; at < bytes.Length; at += step) await peer.Send(bytes[at..Math.Min(at + step, bytes.Length)]);
            if (script.Code is null) await peer.Send(Control(script, Opcode.Ping, Convert.ToHexString(System.Text.Encoding.ASCII.GetBytes(Last))));
        }
        catch (IOException) when (script.Code is not null)
        {
            // It has closed before it was sent all of it; its answer is there to be read.
        }

        var pongs = new List<string>();
        int? code = null;
        while (code is null && await peer.Read() is { } frame)
        {
            if (frame.Opcode == Opcode.Close) code = frame.CloseCode;
            if (frame.Opcode != Opcode.Pong) continue;
            if (System.Text.Encoding.Latin1.GetString(frame.Payload) == Last) break;
            pongs.Add(Wire.Hex(frame.Payload));
        }

        Assert.Equal(script.Code, code);
        Assert.Equal(script.Pongs.Select(payload => Wire.Hex(payload)), pongs);
        foreach (var frame in script.Delivered) await tap.Expect(frame);
        Assert.Equal(0, tap.Waiting);
        if (code is not null) await End(script, peer);
    }

    /// <summary>The close is answered, and then the connection must end.</summary>
    private static async Task End(Script script, RawPeer peer)
    {
        try
        {
            await peer.Send(Control(script, Opcode.Close, "03e8"));
            peer.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // It has ended already.
        }

        await peer.ExpectEnd();
    }

    private static byte[] Control(Script script, Opcode opcode, string hex) => Wire.Frame(opcode, Wire.Bytes(hex), script.IsMasked ? Wire.Key : null);
}
