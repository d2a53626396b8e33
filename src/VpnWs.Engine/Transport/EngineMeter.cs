using System.Diagnostics.Metrics;

namespace VpnWs.Transport;

/// <summary>
/// The meter <c>VpnWs</c> (System.Diagnostics.Metrics): what all servers and clients of this process do, summed by role. Its instruments are read
/// from counters that are kept anyhow, so that a frame costs nothing more while somebody watches. Every measurement has the tag <c>role</c>
/// (<c>server</c> or <c>client</c>), and of the rows with two directions <c>direction</c> (<c>receive</c> or <c>transmit</c>).
/// <list type="table">
/// <item><term><c>vpnws.frames</c> {frame}</term><description>Ethernet frames by direction; a super-frame counts as one.</description></item>
/// <item><term><c>vpnws.io</c> By</term><description>Their bytes by direction.</description></item>
/// <item><term><c>vpnws.super_frames</c> {frame}</term><description>How many of them were super-frames, by direction.</description></item>
/// <item><term><c>vpnws.segments</c> {segment}</term><description>Frames that super-frames were cut into.</description></item>
/// <item><term><c>vpnws.coalesced</c> {frame}</term><description>Small frames that were joined into super-frames.</description></item>
/// <item><term><c>vpnws.drops</c> {frame}</term><description>Dropped frames by <c>reason</c>.</description></item>
/// <item><term><c>vpnws.batches</c> {batch}</term><description>Receives from connections.</description></item>
/// <item><term><c>vpnws.messages</c> {message}</term><description>Messages that they brought; over <c>vpnws.batches</c> the mean batch.</description></item>
/// <item><term><c>vpnws.peers</c> {peer}</term><description>A server's connected peers, a client's link.</description></item>
/// <item><term><c>vpnws.queue</c> By</term><description>Bytes that wait to be sent.</description></item>
/// </list>
/// </summary>
internal static class EngineMeter
{
    /// <summary>The meter's name.</summary>
    public const string Name = "VpnWs";

    private static readonly Lock Gate = new();
    private static readonly List<Entry> Entries = [];
    private static readonly Dictionary<string, EngineStatistics> Ended = [];
    private static readonly Meter Shared = Create();

    /// <summary>Adds a server or client to the sums. Its counters stay in them when it ends, as counters never go back; its peers and queue leave.</summary>
    /// <param name="role"><c>server</c> or <c>client</c>.</param>
    /// <param name="read">Reads its numbers, from any thread.</param>
    /// <returns>What ends it; a second time does nothing.</returns>
    public static IDisposable Add(string role, Func<EngineStatistics> read)
    {
        var entry = new Entry(role, read);
        lock (Gate)
        {
            Ended.TryAdd(role, new EngineStatistics());
            Entries.Add(entry);
        }

        return entry;
    }

    private static Meter Create()
    {
        var meter = new Meter(Name, typeof(EngineMeter).Assembly.GetName().Version?.ToString(3));
        meter.CreateObservableCounter("vpnws.frames", () => BothWays(static all => (all.FramesReceived, all.FramesSent)), "{frame}", "Ethernet frames; a super-frame counts as one.");
        meter.CreateObservableCounter("vpnws.io", () => BothWays(static all => (all.BytesReceived, all.BytesSent)), "By", "The bytes of the Ethernet frames.");
        meter.CreateObservableCounter(
            "vpnws.super_frames", () => BothWays(static all => (all.SuperFramesReceived, all.SuperFramesSent)), "{frame}", "The frames that were super-frames.");
        meter.CreateObservableCounter("vpnws.segments", () => Each(static all => all.SegmentsCut), "{segment}", "Frames that super-frames were cut into.");
        meter.CreateObservableCounter("vpnws.coalesced", () => Each(static all => all.FramesCoalesced), "{frame}", "Small frames that were joined into super-frames.");
        meter.CreateObservableCounter("vpnws.drops", Drops, "{frame}", "Dropped frames.");
        meter.CreateObservableCounter("vpnws.batches", () => Each(static all => all.Batches), "{batch}", "Receives from connections.");
        meter.CreateObservableCounter("vpnws.messages", () => Each(static all => all.Messages), "{message}", "Messages that the receives brought.");
        meter.CreateObservableUpDownCounter("vpnws.peers", () => Each(static all => all.Peers), "{peer}", "Connected peers.");
        meter.CreateObservableUpDownCounter("vpnws.queue", () => Each(static all => all.QueuedBytes), "By", "Bytes that wait to be sent.");
        return meter;
    }

    private static List<Measurement<long>> BothWays(Func<EngineStatistics, (long Receive, long Transmit)> select)
    {
        var measurements = new List<Measurement<long>>();
        foreach (var (role, all) in Sums())
        {
            var (receive, transmit) = select(all);
            measurements.Add(new Measurement<long>(receive, Tag("role", role), Tag("direction", "receive")));
            measurements.Add(new Measurement<long>(transmit, Tag("role", role), Tag("direction", "transmit")));
        }

        return measurements;
    }

    private static List<Measurement<long>> Each(Func<EngineStatistics, long> select) =>
        Sums().ConvertAll(sum => new Measurement<long>(select(sum.All), Tag("role", sum.Role)));

    private static IEnumerable<Measurement<long>> Drops() =>
        Sums().SelectMany(static sum => sum.All.Drops.Select(drop => new Measurement<long>(drop.Value, Tag("role", sum.Role), Tag("reason", drop.Key))));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    private static List<(string Role, EngineStatistics All)> Sums()
    {
        lock (Gate)
        {
            return [.. Ended.Select(static ended => (
                ended.Key, Entries.Where(entry => entry.Role == ended.Key).Aggregate(ended.Value, static (sum, entry) => sum.Plus(entry.Read()))))];
        }
    }

    private sealed class Entry(string role, Func<EngineStatistics> read) : IDisposable
    {
        public string Role => role;

        public Func<EngineStatistics> Read => read;

        public void Dispose()
        {
            lock (Gate)
            {
                if (Entries.Remove(this)) Ended[role] = Ended[role].Plus(read() with { Peers = 0, QueuedBytes = 0 });
            }
        }
    }
}
