using System.Diagnostics;

namespace VpnWs.Tests.Framework;

/// <summary>Two innocent peers: one sends the other a frame every few milliseconds, and every one must arrive.</summary>
internal sealed class PeerPair : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly string _from = EthernetFrames.Address(0xFF01);
    private readonly string _to = EthernetFrames.Address(0xFF02);
    private readonly RawWebSocket _sender;
    private readonly RawWebSocket _receiver;
    private readonly Task _talking;
    private readonly List<double> _roundTrips = [];
    private volatile bool _enough;

    public PeerPair(string socketPath)
    {
        _sender = RawWebSocket.Join(socketPath, _from);
        _receiver = RawWebSocket.Join(socketPath, _to);
        _talking = Task.Factory.StartNew(Talk, TaskCreationOptions.LongRunning);
    }

    /// <summary>Ends the talk and wants nothing to have been lost; returns the times to and fro in milliseconds, sorted.</summary>
    public IReadOnlyList<double> Complete()
    {
        _enough = true;
        _talking.GetAwaiter().GetResult();
        Assert.NotEmpty(_roundTrips);
        _roundTrips.Sort();
        return _roundTrips;
    }

    public void Dispose()
    {
        _enough = true;
        _sender.Dispose();
        _receiver.Dispose();
    }

    private void Talk()
    {
        // At least once, however soon it is enough.
        do
        {
            var watch = Stopwatch.StartNew();
            Pass(_sender, _receiver, EthernetFrames.Marked(_to, _from, 0xAA));
            Pass(_receiver, _sender, EthernetFrames.Marked(_from, _to, 0xBB));
            _roundTrips.Add(watch.Elapsed.TotalMilliseconds);
            Thread.Sleep(Pause);
        }
        while (!_enough);
    }

    private static void Pass(RawWebSocket from, RawWebSocket to, byte[] frame)
    {
        from.SendBinary(frame);
        byte[] received;
        do received = to.ReadNext(RawFrame.Binary).Payload;
        while (!received.SequenceEqual(frame));
    }
}
