using System.Collections.ObjectModel;
using System.Globalization;
using VpnWs.Switching;

namespace VpnWs.Transport;

/// <summary>
/// What a server or a client has done, as it stood at one moment. Received is what came into the LAN's switch, or to this machine from the LAN; sent
/// is what went the other way: see each number. All but <see cref="Peers"/> and <see cref="QueuedBytes"/> only ever grow.
/// </summary>
public sealed record EngineStatistics
{
    /// <summary>A server's connected peers; for a client 1 while its link is up, else 0.</summary>
    public int Peers { get; init; }

    /// <summary>The bytes that wait to be sent to a server's peers, or on a client's link.</summary>
    public long QueuedBytes { get; init; }

    /// <summary>Ethernet frames that a server's peers and tap brought, or that a client wrote to its tap. A super-frame counts as one.</summary>
    public long FramesReceived { get; init; }

    /// <summary>The bytes of those frames, Ethernet header included.</summary>
    public long BytesReceived { get; init; }

    /// <summary>How many of them were super-frames.</summary>
    public long SuperFramesReceived { get; init; }

    /// <summary>Ethernet frames that were handed to a server's peers and tap, or that a client read from its tap. A super-frame counts as one.</summary>
    public long FramesSent { get; init; }

    /// <summary>The bytes of those frames, Ethernet header included.</summary>
    public long BytesSent { get; init; }

    /// <summary>How many of them were super-frames.</summary>
    public long SuperFramesSent { get; init; }

    /// <summary>The frames that super-frames were cut into, for ends that do not take them whole.</summary>
    public long SegmentsCut { get; init; }

    /// <summary>Small frames that were joined into super-frames for a tap.</summary>
    public long FramesCoalesced { get; init; }

    /// <summary>Receives from connections that brought bytes.</summary>
    public long Batches { get; init; }

    /// <summary>The messages with frames that those receives brought; over <see cref="Batches"/> this is the mean batch.</summary>
    public long Messages { get; init; }

    /// <summary>The dropped frames by reason, such as <c>outboxFull</c>; only reasons that occurred. Those of peers that have left are in it.</summary>
    public IReadOnlyDictionary<string, long> Drops { get; init; } = ReadOnlyDictionary<string, long>.Empty;

    /// <summary>All of it as one line for a log.</summary>
    public override string ToString()
    {
        var drops = string.Join(", ", Drops.OrderByDescending(static drop => drop.Value).Select(static drop => $"{drop.Key} {drop.Value}"));
        var mean = Batches == 0 ? 0 : (double)Messages / Batches;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Peers} peers; received {FramesReceived} frames ({SuperFramesReceived} super), {BytesReceived} bytes; sent {FramesSent} frames ({SuperFramesSent} super), "
            + $"{BytesSent} bytes; cut {SegmentsCut} segments, joined {FramesCoalesced} frames; dropped {Drops.Values.Sum()} frames{(drops.Length > 0 ? $" ({drops})" : "")}; "
            + $"{QueuedBytes} bytes queued; {mean:0.0} messages per receive");
    }

    /// <summary>The numbers of counters from where the LAN is: what came from a port was received.</summary>
    internal static EngineStatistics Of(CounterSnapshot counters) => new()
    {
        FramesReceived = counters.FramesReceived,
        BytesReceived = counters.BytesReceived,
        SuperFramesReceived = counters.SuperFramesReceived,
        FramesSent = counters.FramesSent,
        BytesSent = counters.BytesSent,
        SuperFramesSent = counters.SuperFramesSent,
        SegmentsCut = counters.SegmentsCut,
        FramesCoalesced = counters.FramesCoalesced,
        Batches = counters.Batches,
        Messages = counters.Messages,
        Drops = counters.DropsByReason(),
    };

    /// <summary>The same with received and sent exchanged, as seen from the other side of the only port.</summary>
    internal EngineStatistics Mirrored() => this with
    {
        FramesReceived = FramesSent,
        BytesReceived = BytesSent,
        SuperFramesReceived = SuperFramesSent,
        FramesSent = FramesReceived,
        BytesSent = BytesReceived,
        SuperFramesSent = SuperFramesReceived,
    };

    /// <summary>The sum of two.</summary>
    internal EngineStatistics Plus(EngineStatistics other) => new()
    {
        Peers = Peers + other.Peers,
        QueuedBytes = QueuedBytes + other.QueuedBytes,
        FramesReceived = FramesReceived + other.FramesReceived,
        BytesReceived = BytesReceived + other.BytesReceived,
        SuperFramesReceived = SuperFramesReceived + other.SuperFramesReceived,
        FramesSent = FramesSent + other.FramesSent,
        BytesSent = BytesSent + other.BytesSent,
        SuperFramesSent = SuperFramesSent + other.SuperFramesSent,
        SegmentsCut = SegmentsCut + other.SegmentsCut,
        FramesCoalesced = FramesCoalesced + other.FramesCoalesced,
        Batches = Batches + other.Batches,
        Messages = Messages + other.Messages,
        Drops = Drops.Concat(other.Drops).GroupBy(static drop => drop.Key).ToDictionary(static group => group.Key, static group => group.Sum(static drop => drop.Value)),
    };
}
