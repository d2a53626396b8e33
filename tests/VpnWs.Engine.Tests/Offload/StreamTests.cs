using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using VpnWs.Offload;

namespace VpnWs.Tests.Offload;

/// <summary>Two kernels' worth of stack, each in its own namespace, talk through two taps with us between them.</summary>
public sealed class StreamTests
{
    private const int Port = 5001;
    private const int Patience = 20_000;
    private const int StreamLength = 8 * 1024 * 1024;
    private const int DatagramLength = 1200;
    private const int Datagrams = 40;

    // IPPROTO_UDP, UDP_SEGMENT.
    private const int UdpLevel = 17;
    private const int UdpSegment = 103;

    /// <summary>What we do with the frames between the taps.</summary>
    public enum Relay
    {
        /// <summary>Hand them over as they are.</summary>
        Carry,

        /// <summary>Cut super-frames and finish checksums, as for a peer without offload.</summary>
        Cut,

        /// <summary>The same, and coalesce on the other side.</summary>
        CutAndJoin,
    }

    [Theory]
    [InlineData(Relay.Carry, "10.0.0.1", "10.0.0.2")]
    [InlineData(Relay.Cut, "10.0.0.1", "10.0.0.2")]
    [InlineData(Relay.CutAndJoin, "10.0.0.1", "10.0.0.2")]
    [InlineData(Relay.Carry, "fd00::1", "fd00::2")]
    [InlineData(Relay.CutAndJoin, "fd00::1", "fd00::2")]
    public void A_stream_arrives_whole(Relay relay, string sender, string receiver)
    {
        var bytes = FrameSpec.Bytes(StreamLength);
        byte[]? received = null;
        var superFrames = Connect(relay, IPAddress.Parse(sender), IPAddress.Parse(receiver), () =>
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { SendTimeout = Patience };
            socket.Connect(IPAddress.Parse(receiver), Port);
            socket.Send(bytes);
            socket.Shutdown(SocketShutdown.Send);
            Assert.Equal(0, socket.Receive(new byte[1]));
        }, ready =>
        {
            using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Parse(receiver), Port));
            listener.Listen(1);
            ready.Set();
            using var socket = listener.Accept();
            socket.ReceiveTimeout = Patience;
            using var stream = new NetworkStream(socket);
            received = SHA256.HashData(stream);
        });
        Assert.Equal(SHA256.HashData(bytes), received);
        Assert.NotEqual(0, superFrames);
    }

    [Theory]
    [InlineData(Relay.Carry, "10.0.0.1", "10.0.0.2")]
    [InlineData(Relay.Cut, "10.0.0.1", "10.0.0.2")]
    [InlineData(Relay.CutAndJoin, "10.0.0.1", "10.0.0.2")]
    [InlineData(Relay.CutAndJoin, "fd00::1", "fd00::2")]
    public void Datagrams_arrive_one_by_one(Relay relay, string sender, string receiver)
    {
        var bytes = FrameSpec.Bytes((Datagrams * DatagramLength) - 1);
        var received = new List<byte[]>();
        var superFrames = Connect(relay, IPAddress.Parse(sender), IPAddress.Parse(receiver), () =>
        {
            using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
            try
            {
                socket.SetRawSocketOption(UdpLevel, UdpSegment, BitConverter.GetBytes(DatagramLength));
            }
            catch (SocketException)
            {
                Assert.Skip("This kernel does not segment UDP.");
            }

            socket.SendTo(bytes, new IPEndPoint(IPAddress.Parse(receiver), Port));
        }, ready =>
        {
            using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = Patience };
            socket.Bind(new IPEndPoint(IPAddress.Parse(receiver), Port));
            ready.Set();
            var buffer = new byte[65_536];
            for (var i = 0; i < Datagrams; i++) received.Add(buffer[..socket.Receive(buffer)]);
        });
        Assert.Equal(Enumerable.Repeat(DatagramLength, Datagrams - 1).Append(DatagramLength - 1), received.Select(datagram => datagram.Length));
        Assert.Equal(bytes, received.SelectMany(datagram => datagram));
        Assert.True(superFrames != 0 || relay is Relay.Carry);
    }

    // Returns how many super-frames went into the receiver's tap, or, where they are only cut, came out of the sender's.
    private static int Connect(Relay relay, IPAddress sender, IPAddress receiver, Action send, Action<ManualResetEventSlim> receive)
    {
        PrivateNetwork.SkipUnlessPossible();
        using var listening = new ManualResetEventSlim();
        using var made = new CountdownEvent(2);
        KernelTap? left = null;
        KernelTap? right = null;
        var receiving = PrivateNetwork.Start(() =>
        {
            right = MakeTap(receiver);
            made.Signal();
            receive(listening);
        });
        var sending = PrivateNetwork.Start(() =>
        {
            left = MakeTap(sender);
            made.Signal();
            Assert.True(listening.Wait(Patience));
            send();
        });
        try
        {
            Assert.True(made.Wait(Patience));
            var there = new Way(left!, right!, relay);
            var back = new Way(right!, left!, relay);
            var end = Environment.TickCount64 + (2 * Patience);
            while (!(sending.IsDone && receiving.IsDone) && Environment.TickCount64 < end)
            {
                there.Pass();
                back.Pass();
            }

            sending.Join();
            receiving.Join();
            return there.SuperFrames;
        }
        finally
        {
            left?.Dispose();
            right?.Dispose();
        }
    }

    private static KernelTap MakeTap(IPAddress address)
    {
        var tap = new KernelTap("tap", KernelTap.TcpOffload | KernelTap.UdpOffload);
        PrivateNetwork.SetAddress("tap", address);
        return tap;
    }

    private sealed class Way(KernelTap from, KernelTap to, Relay relay)
    {
        private readonly Coalescer _coalescer = new(to.HasUdpOffload);
        private readonly byte[] _buffer = new byte[65_600];

        public int SuperFrames { get; private set; }

        public void Pass()
        {
            var sink = new TapSink(to);
            var wait = 1;
            while (from.TryRead(wait, out var header, out var frame))
            {
                wait = 0;
                Assert.True(OffloadValidator.TryNormalize(ref header, frame, out var fault), $"{fault}: {header}");
                if (relay is not Relay.CutAndJoin && header.IsSuperFrame) SuperFrames++;
                if (relay is Relay.Carry) sink.Accept(header, frame);
                else Cut(header, frame, ref sink);
            }

            _coalescer.Flush(ref sink);
            if (relay is Relay.CutAndJoin) SuperFrames = (int)_coalescer.SuperFrames;
        }

        private void Cut(in VirtioNetHeader header, byte[] frame, ref TapSink sink)
        {
            if (!header.IsSuperFrame)
            {
                if (header.NeedsChecksum) ChecksumFinisher.Finish(frame, header);
                Hand(frame, ref sink);
                return;
            }

            var segmenter = new Segmenter(header, frame);
            while (segmenter.Next(_buffer, out var length)) Hand(_buffer.AsSpan(0, length), ref sink);
        }

        private void Hand(ReadOnlySpan<byte> frame, ref TapSink sink)
        {
            if (relay is Relay.CutAndJoin) _coalescer.Add(default, frame, ref sink);
            else sink.Accept(default, frame);
        }
    }

    private readonly struct TapSink(KernelTap tap) : IFrameSink
    {
        public void Accept(in VirtioNetHeader header, ReadOnlySpan<byte> frame) => tap.Write(header, frame);
    }
}
