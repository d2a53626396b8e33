using System.Runtime.InteropServices;

namespace VpnWs.Taps;

/// <summary>Reads one message that answers a request.</summary>
/// <param name="type">The message's type.</param>
/// <param name="payload">What follows its header.</param>
internal delegate void NetlinkReply(ushort type, ReadOnlySpan<byte> payload);

/// <summary>What the kernel made of a request.</summary>
/// <param name="Error">The error number, 0 for success.</param>
/// <param name="Text">The kernel's own words about the error, if it had any.</param>
internal readonly record struct NetlinkResult(int Error, string? Text);

/// <summary>
/// A route netlink socket (rtnetlink(7)): one request at a time, each answered before the next. It belongs to the network
/// namespace of the thread that opened it. Not for use by several threads at once.
/// </summary>
internal sealed class NetlinkSocket : IDisposable
{
    internal const int RouteProtocol = 0;
    internal const int ReceiveRoom = 32 * 1024;

    private const int NetlinkLevel = 270;
    private const int ShortErrors = 10;
    private const int ExplainedErrors = 11;

    private const ushort ErrorType = 2;
    private const ushort DoneType = 3;
    private const ushort HasAttributes = 0x200;
    private const ushort MessageAttribute = 1;

    private readonly Descriptor _socket;
    private readonly byte[] _received = new byte[ReceiveRoom];
    private uint _sequence;

    internal NetlinkSocket()
    {
        _socket = Descriptor.Open(
            static () => Libc.Socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.O_CLOEXEC, RouteProtocol),
            static error => LinuxErrors.Failed("Cannot open a netlink socket (AF_NETLINK) to set up the tap", error));
        // Kernels before 4.12 know neither: errors then come without words.
        SetOption(ShortErrors);
        SetOption(ExplainedErrors);
    }

    /// <summary>Sends a request and takes in its answer to the end.</summary>
    internal NetlinkResult Request(NetlinkMessage message, NetlinkReply? onReply = null)
    {
        var sequence = ++_sequence;
        var error = Send(message.Finish(sequence));
        while (error == 0)
        {
            error = Receive(out var length);
            var messages = _received.AsSpan(0, length);
            while (Next(ref messages, out var header, out var payload))
            {
                if (header.Sequence != sequence) continue;
                if (header.Type == ErrorType) return ReadError(header, payload);
                if (header.Type == DoneType) return default;
                onReply?.Invoke(header.Type, payload);
            }
        }

        return new NetlinkResult(error, null);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Takes the first message off <paramref name="messages"/>; false when there is none left.</summary>
    internal static bool Next(ref Span<byte> messages, out Header header, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (!MemoryMarshal.TryRead(messages, out header) || header.Length < NetlinkMessage.HeaderLength || header.Length > messages.Length)
            return false;
        payload = messages[NetlinkMessage.HeaderLength..header.Length];
        messages = messages[Math.Min(NetlinkMessage.Align(header.Length), messages.Length)..];
        return true;
    }

    private static NetlinkResult ReadError(Header header, ReadOnlySpan<byte> payload)
    {
        var error = -MemoryMarshal.Read<int>(payload);
        string? text = null;
        // With short errors only the header of the refused request comes back before the attributes.
        var attributes = payload[Math.Min(payload.Length, sizeof(int) + NetlinkMessage.HeaderLength)..];
        while ((header.Flags & HasAttributes) != 0 && NetlinkMessage.Next(ref attributes, out var type, out var value))
        {
            if (type == MessageAttribute) text = NetlinkMessage.Text(value);
        }

        return new NetlinkResult(error, text);
    }

    private unsafe int Send(ReadOnlySpan<byte> message)
    {
        fixed (byte* start = message)
        {
            while (Libc.Write(_socket.Number, start, (nuint)message.Length) < 0)
            {
                if (Marshal.GetLastPInvokeError() is not Libc.EINTR and var error) return error;
            }
        }

        return 0;
    }

    private unsafe int Receive(out int length)
    {
        fixed (byte* start = _received)
        {
            while ((length = (int)Libc.Read(_socket.Number, start, ReceiveRoom)) < 0)
            {
                if (Marshal.GetLastPInvokeError() is Libc.EINTR) continue;
                length = 0;
                return Marshal.GetLastPInvokeError();
            }
        }

        return 0;
    }

    private unsafe void SetOption(int option)
    {
        var on = 1;
        _ = Libc.SetSocketOption(_socket.Number, NetlinkLevel, option, &on, sizeof(int));
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Header
    {
        internal int Length;
        internal ushort Type;
        internal ushort Flags;
        internal uint Sequence;
        internal uint Port;
    }
}
