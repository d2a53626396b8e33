using System.Text;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Conformance;

/// <summary>
/// The cases of RFC 6455, grouped and numbered in the manner of the Autobahn test suite. Where that one echoes, a binary message has to arrive as a frame;
/// text is refused with 1003 here, so that UTF-8 (group 6) matters in the reasons of close frames.
/// </summary>
internal static class Cases
{
    private const int ProtocolError = 1002;
    private const int NoText = 1003;
    private const int NoUtf8 = 1007;
    private const int TooBig = 1009;
    private const int NoCode = 1005;

    private static readonly string[] ValidText =
    [
        "", "Hello-µ@ßöäüàá-UTF-8!!", "κόσμε", "\0", "\u0080", "\u0800", "\U00010000", "\u007f", "\u07ff", "\uffff", "\U0010ffff", "\ud7ff", "\ue000", "\ufffd", "\ufeff", "\ufffe",
        "\u2260\U0001f680\u0301",
    ];

    private static readonly string[] InvalidText =
    [
        "cebae1bdb9cf83cebcceb5f4908080656469746564", "80", "bf", "80bf", "c0", "c0af", "e080af", "f08080af", "f8808080af", "fc80808080af", "c1bf", "e09fbf", "f08fbfbf", "eda080", "edad7f", "edbfbf",
        "eda080edb080", "edafbfedbfbf", "f5808080", "f4908080", "fe", "ff", "fffe", "c3", "e282", "f09f9a", "c328", "e228a1", "61c3", "c361",
    ];

    /// <summary>Every case by its name.</summary>
    public static IReadOnlyDictionary<string, Action<Script>> All { get; } = Framing().Concat(Pings()).Concat(ReservedBits()).Concat(Opcodes())
        .Concat(Fragmentation()).Concat(Utf8()).Concat(Closes()).ToDictionary(one => one.Name, one => one.Write);

    private static IEnumerable<(string Name, Action<Script> Write)> Framing()
    {
        foreach (var (i, length) in Numbered(0, 125, 126, 127, 128, 65_535, 65_536))
            yield return ($"1.1.{i} text of {length} bytes", s => s.Send(Opcode.Text, new string('*', length)).Closes(NoText));
        foreach (var (i, length) in Numbered(60, 125, 126, 127, 128, 1514, 65_535, 65_536, 65_549))
        {
            yield return ($"1.2.{i} message of {length} bytes", s => s.Deliver(length));
            yield return ($"1.3.{i} message of {length} bytes in pieces of 997", s => (s.Chop, _) = (997, s.Deliver(length)));
        }

        yield return ("1.4.1 message of 0 bytes", s => s.Send(Opcode.Binary, []).Deliver(60));
        yield return ("1.4.2 message of 65550 bytes", s => s.Deliver(60).Send(Opcode.Binary, new byte[65_550]).Closes(TooBig));
        yield return ("1.4.3 message shorter than an Ethernet header", s => s.Send(Opcode.Binary, new byte[13]).Deliver(60));
        yield return ("1.5.1 masking the wrong way round", s => s.SendWrongMask(Opcode.Binary, s.Frame(60)).Closes(ProtocolError));
        yield return ("1.5.2 masking a ping the wrong way round", s => s.SendWrongMask(Opcode.Ping, []).Closes(ProtocolError));
        yield return ("1.6.1 125 bytes with a length of 16 bits", s => s.Raw(0x82, (byte)(Mask(s) | 126), 0, 125).Closes(ProtocolError));
        yield return ("1.6.2 126 bytes with a length of 64 bits", s => s.Raw(0x82, (byte)(Mask(s) | 127), 0, 0, 0, 0, 0, 0, 0, 126).Closes(ProtocolError));
        yield return ("1.6.3 65535 bytes with a length of 64 bits", s => s.Raw(0x82, (byte)(Mask(s) | 127), 0, 0, 0, 0, 0, 0, 0xff, 0xff).Closes(ProtocolError));
        yield return ("1.6.4 a length of 2^63", s => s.Raw(0x82, (byte)(Mask(s) | 127), 0x80, 0, 0, 0, 0, 0, 0, 0).Closes(ProtocolError));
        yield return ("1.6.5 a length of 2^63-1", s => s.Raw(0x82, (byte)(Mask(s) | 127), 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff).Closes(TooBig));
        yield return ("1.6.6 a length of 2^32", s => s.Raw(0x82, (byte)(Mask(s) | 127), 0, 0, 0, 1, 0, 0, 0, 0).Closes(TooBig));
    }

    private static IEnumerable<(string Name, Action<Script> Write)> Pings()
    {
        yield return ("2.1 empty ping", s => s.Ping(""));
        yield return ("2.2 ping with text", s => s.Ping("Hello, world!"));
        yield return ("2.3 ping with bytes that are no text", s => s.Ping([0, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0, 0xff]));
        yield return ("2.4 ping of 125 bytes", s => s.Ping(new byte[125]));
        yield return ("2.5 ping of 126 bytes", s => s.Send(Opcode.Ping, new byte[126]).Closes(ProtocolError));
        yield return ("2.6 ping of 125 bytes, byte by byte", s => (s.Chop, _) = (1, s.Ping(new byte[125])));
        yield return ("2.7 pong that nobody asked for", s => s.Send(Opcode.Pong, ""));
        yield return ("2.8 pong with a payload that nobody asked for", s => s.Send(Opcode.Pong, "unsolicited pong payload"));
        yield return ("2.9 such a pong, then a ping", s => s.Send(Opcode.Pong, "unsolicited").Ping("ping payload"));
        yield return ("2.10 ten pings", s => Ten(s, 0));
        yield return ("2.11 ten pings, byte by byte", s => Ten(s, 1));
        yield return ("2.12 pong of 126 bytes", s => s.Send(Opcode.Pong, new byte[126]).Closes(ProtocolError));
    }

    private static void Ten(Script s, int chop)
    {
        s.Chop = chop;
        for (var i = 0; i < 10; i++) s.Ping($"payload-{i}");
    }

    private static IEnumerable<(string Name, Action<Script> Write)> ReservedBits()
    {
        for (var bits = 1; bits <= 7; bits++)
        {
            var reserved = bits;
            yield return ($"3.{bits}.1 message with reserved bits {bits}", s => s.Send(Opcode.Binary, s.Frame(60), reserved: reserved).Closes(ProtocolError));
            yield return ($"3.{bits}.2 the same after a message and before a ping", s => s.Deliver(100).Send(Opcode.Binary, s.Frame(60), reserved: reserved).Send(Opcode.Ping, "no").Closes(ProtocolError));
            yield return ($"3.{bits}.3 ping with reserved bits {bits}", s => s.Send(Opcode.Ping, "", reserved: reserved).Closes(ProtocolError));
            yield return ($"3.{bits}.4 close with reserved bits {bits}", s => s.Send(Opcode.Close, "", reserved: reserved).Closes(ProtocolError));
            yield return ($"3.{bits}.5 continuation with reserved bits {bits}, byte by byte", s =>
            {
                s.Chop = 1;
                s.Send(Opcode.Binary, s.Frame(60), final: false).Send(Opcode.Continuation, "x", reserved: reserved).Closes(ProtocolError);
            }
            );
        }
    }

    private static IEnumerable<(string Name, Action<Script> Write)> Opcodes()
    {
        foreach (var opcode in (int[])[3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
        {
            var group = opcode < 8 ? $"4.1.{opcode - 2}" : $"4.2.{opcode - 10}";
            yield return ($"{group}.1 opcode {opcode}", s => s.Send((Opcode)opcode, "").Closes(ProtocolError));
            yield return ($"{group}.2 opcode {opcode} with a payload", s => s.Send((Opcode)opcode, "reserved opcode payload").Closes(ProtocolError));
            yield return ($"{group}.3 opcode {opcode} after a message and before a ping", s => s.Deliver(100).Send((Opcode)opcode, "").Send(Opcode.Ping, "").Closes(ProtocolError));
            yield return ($"{group}.4 opcode {opcode}, byte by byte", s => (s.Chop, _) = (1, Code(s.Deliver(60).Send((Opcode)opcode, "x"), ProtocolError)));
        }
    }

    private static IEnumerable<(string Name, Action<Script> Write)> Fragmentation()
    {
        yield return ("5.1 fragmented ping", s => s.Send(Opcode.Ping, "fragment1", final: false).Send(Opcode.Continuation, "fragment2").Closes(ProtocolError));
        yield return ("5.2 fragmented pong", s => s.Send(Opcode.Pong, "fragment1", final: false).Send(Opcode.Continuation, "fragment2").Closes(ProtocolError));
        yield return ("5.3 two fragments", s => Fragments(s, 200, 2));
        yield return ("5.4 two fragments in pieces of 7", s => Fragments(s, 200, 2, chop: 7));
        yield return ("5.5 two fragments, byte by byte", s => Fragments(s, 200, 2, chop: 1));
        yield return ("5.6 two fragments around a ping", s => Fragments(s, 200, 2, pings: true));
        yield return ("5.7 two fragments around a ping in pieces of 7", s => Fragments(s, 200, 2, pings: true, chop: 7));
        yield return ("5.8 two fragments around a ping, byte by byte", s => Fragments(s, 200, 2, pings: true, chop: 1));
        foreach (var (i, final) in Numbered(true, false))
        {
            yield return ($"5.9.{i} continuation of nothing", s => s.Send(Opcode.Continuation, "x", final).Send(Opcode.Binary, s.Frame(60)).Closes(ProtocolError));
            yield return ($"5.10.{i} empty continuation of nothing", s => s.Send(Opcode.Continuation, "", final).Closes(ProtocolError));
            yield return ($"5.11.{i} continuation of nothing, byte by byte", s => (s.Chop, _) = (1, Code(s.Send(Opcode.Continuation, "x", final), ProtocolError)));
            yield return ($"5.12.{i} continuation after a whole message", s => s.Deliver(60).Send(Opcode.Continuation, "x", final).Closes(ProtocolError));
            yield return ($"5.13.{i} continuation after a message in fragments", s => Code(Fragments(s, 200, 2).Send(Opcode.Continuation, "x", final), ProtocolError));
        }

        yield return ("5.14 message within a message", s => s.Send(Opcode.Binary, s.Frame(60), final: false).Send(Opcode.Binary, s.Frame(60)).Closes(ProtocolError));
        yield return ("5.15 text within a message", s => s.Send(Opcode.Binary, s.Frame(60), final: false).Send(Opcode.Text, "x").Closes(ProtocolError));
        yield return ("5.16 text in fragments", s => s.Send(Opcode.Text, "x", final: false).Closes(NoText));
        yield return ("5.17 six fragments around pings", s => Fragments(s, 600, 6, pings: true));
        yield return ("5.18 six fragments around pings, byte by byte", s => Fragments(s, 600, 6, pings: true, chop: 1));
        yield return ("5.19 as many fragments as bytes", s => Fragments(s, 100, 100));
        yield return ("5.20 empty fragments", s =>
        {
            var frame = s.Frame(60);
            s.Send(Opcode.Binary, [], final: false).Send(Opcode.Continuation, [], final: false).Send(Opcode.Continuation, frame, final: false).Send(Opcode.Continuation, []).Arrives(frame);
        }
        );
        yield return ("5.21 the longest message in fragments", s => Fragments(s, 65_549, 13));
        yield return ("5.22 fragments over the limit", s => s.Send(Opcode.Binary, new byte[40_000], final: false).Send(Opcode.Continuation, new byte[25_000], final: false).Send(Opcode.Continuation, new byte[550]).Closes(TooBig));
        yield return ("5.23 two messages in fragments", s => Fragments(Fragments(s, 200, 3), 300, 4));
    }

    private static IEnumerable<(string Name, Action<Script> Write)> Utf8()
    {
        foreach (var (i, text) in Numbered(ValidText))
        {
            yield return ($"6.1.{i} close with a reason of valid UTF-8", s => s.SendClose(1000, text).Closes(1000));
            yield return ($"6.2.{i} text of valid UTF-8", s => s.Send(Opcode.Text, text).Closes(NoText));
        }

        foreach (var (i, hex) in Numbered(InvalidText))
        {
            yield return ($"6.3.{i} close with a reason of invalid UTF-8 ({hex})", s => s.SendClose(1000, Convert.FromHexString(hex)).Closes(NoUtf8));
            yield return ($"6.4.{i} text of invalid UTF-8 ({hex})", s => s.Send(Opcode.Text, Convert.FromHexString(hex)).Closes(NoText));
        }

        yield return ("6.5 close with a reason of UTF-8, byte by byte", s => (s.Chop, _) = (1, Code(s.SendClose(1000, ValidText[1]), 1000)));
    }

    private static IEnumerable<(string Name, Action<Script> Write)> Closes()
    {
        yield return ("7.1.1 message, then close", s => s.Deliver(60).SendClose(1000).Closes(1000));
        yield return ("7.1.2 two closes", s => s.SendClose(1000).SendClose(1001).Closes(1000));
        yield return ("7.1.3 ping after the close", s => s.SendClose(1000).Send(Opcode.Ping, "").Closes(1000));
        yield return ("7.1.4 message after the close", s => s.SendClose(1000).Send(Opcode.Binary, s.Frame(60)).Closes(1000));
        yield return ("7.1.5 close within a message in fragments", s => s.Send(Opcode.Binary, s.Frame(60), final: false).SendClose(1000).Send(Opcode.Continuation, "x").Closes(1000));
        yield return ("7.1.6 long message, then close", s => s.Deliver(65_549).Deliver(65_549).SendClose(1000).Closes(1000));
        yield return ("7.3.1 close without a code", s => s.Send(Opcode.Close, "").Closes(NoCode));
        yield return ("7.3.2 close of one byte", s => s.Send(Opcode.Close, "x").Closes(ProtocolError));
        yield return ("7.3.3 close with a code", s => s.SendClose(1000).Closes(1000));
        yield return ("7.3.4 close with a code and a reason", s => s.SendClose(1000, "Goodbye").Closes(1000));
        yield return ("7.3.5 close with the longest reason", s => s.SendClose(1000, new string('*', 123)).Closes(1000));
        yield return ("7.3.6 close of 126 bytes", s => s.SendClose(1000, new string('*', 124)).Closes(ProtocolError));
        yield return ("7.3.7 fragmented close", s => s.Send(Opcode.Close, Encoding.ASCII.GetBytes("\u0003\u00e8"), final: false).Closes(ProtocolError));
        foreach (var (i, code) in Numbered(1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999))
            yield return ($"7.7.{i} close with code {code}", s => s.SendClose(code).Closes(code));
        foreach (var (i, code) in Numbered(0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535))
            yield return ($"7.9.{i} close with code {code}", s => s.SendClose(code).Closes(ProtocolError));
    }

    private static Script Fragments(Script s, int length, int count, bool pings = false, int chop = 0)
    {
        s.Chop = chop;
        var frame = s.Frame(length);
        for (var i = 0; i < count; i++)
        {
            var (from, to) = (length * i / count, length * (i + 1) / count);
            s.Send(i == 0 ? Opcode.Binary : Opcode.Continuation, frame[from..to], final: i == count - 1);
            if (pings && i < count - 1) s.Ping($"between {i}");
        }

        return s.Arrives(frame);
    }

    private static Script Code(Script s, int code)
    {
        s.Closes(code);
        return s;
    }

    private static int Mask(Script s) => s.IsMasked ? 0x80 : 0;

    private static IEnumerable<(int Number, T Item)> Numbered<T>(params T[] items) => items.Select((item, i) => (i + 1, item));
}
