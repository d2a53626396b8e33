using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace VpnWs.Tests.Framework;

/// <summary>One TCP connection between two namespaces that carries bytes of a known sum; both ends are in this process.</summary>
internal sealed class Transfer : IDisposable
{
    private const int BlockSize = 256 * 1024;
    private const int Port = 5001;

    /// <summary>How long nothing may arrive before the transfer counts as stalled.</summary>
    private readonly TimeSpan _patience;

    private readonly Socket _listener;
    private readonly Socket _sender;
    private readonly Task<string> _sent;
    private readonly Task<string> _received;
    private long _bytesReceived;

    private Transfer(NetworkNamespace from, NetworkNamespace to, string address, long bytes, TimeSpan patience)
    {
        _patience = patience;
        var target = new IPEndPoint(IPAddress.Parse(address), Port);
        _listener = to.Inside(() => Listen(target));
        _sender = from.Inside(() => new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        _received = Task.Run(() => Receive(bytes));
        _sent = Task.Run(() => Send(target, bytes));
    }

    public long BytesReceived => Interlocked.Read(ref _bytesReceived);

    public static Transfer Start(NetworkNamespace from, NetworkNamespace to, string address, long bytes, TimeSpan? patience = null) =>
        new(from, to, address, bytes, patience ?? TimeSpan.FromSeconds(10));

    /// <summary>Sends the bytes and compares the sums.</summary>
    public static void Check(NetworkNamespace from, NetworkNamespace to, string address, long bytes)
    {
        using var transfer = Start(from, to, address, bytes);
        transfer.Complete();
    }

    /// <summary>Waits for the end and compares the sums of both sides.</summary>
    public void Complete()
    {
        try
        {
            Task.WaitAll(_sent, _received);
        }
        catch (AggregateException e)
        {
            Assert.Fail($"The transfer broke after {BytesReceived:N0} bytes: {string.Join(" / ", e.Flatten().InnerExceptions.Select(inner => inner.Message))}");
        }

        Assert.Equal(_sent.Result, _received.Result);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _sender.Dispose();
        // What was under way ends with an error now, and nobody is interested in it any more.
        Task.WhenAll(_sent, _received).ContinueWith(ended => _ = ended.Exception, TaskScheduler.Default).Wait();
    }

    private static Socket Listen(IPEndPoint endPoint)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(endPoint);
        socket.Listen();
        return socket;
    }

    private string Send(IPEndPoint target, long bytes)
    {
        _sender.SendTimeout = (int)_patience.TotalMilliseconds;
        _sender.Connect(target);
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[BlockSize];
        var random = new Random(1);
        for (var left = bytes; left > 0;)
        {
            random.NextBytes(block);
            var part = block.AsSpan(0, (int)Math.Min(left, BlockSize));
            sum.AppendData(part);
            for (var rest = part; !rest.IsEmpty;) rest = rest[_sender.Send(rest)..];
            left -= part.Length;
        }

        _sender.Shutdown(SocketShutdown.Send);
        return Convert.ToHexString(sum.GetHashAndReset());
    }

    private string Receive(long bytes)
    {
        if (!_listener.Poll(_patience, SelectMode.SelectRead)) throw new TimeoutException("Nobody connected.");
        using var socket = _listener.Accept();
        socket.ReceiveTimeout = (int)_patience.TotalMilliseconds;
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[BlockSize];
        while (socket.Receive(block) is var length and > 0)
        {
            sum.AppendData(block, 0, length);
            Interlocked.Add(ref _bytesReceived, length);
        }

        return BytesReceived == bytes ? Convert.ToHexString(sum.GetHashAndReset()) : throw new EndOfStreamException("The stream ended early.");
    }
}
