using System.Net;
using System.Runtime.InteropServices;

namespace VpnWs.Server;

/// <summary>
/// How long a wrong password is answered with nothing. The first three from an address cost a second each, each one after that twice as long as the one
/// before, up to eight seconds; one is forgotten every half minute. Right passwords cost nothing.
/// </summary>
internal sealed class LoginPenalty
{
    /// <summary>How many addresses are remembered; when there are more, new ones pay a second each time.</summary>
    internal const int MaxAddresses = 65_536;

    private const int Free = 3;
    private const int MaxDoublings = 3;
    private const int MostFailures = Free + MaxDoublings;
    private const long ForgetAfter = 30_000;

    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Record> _records = [];

    /// <summary>Notes a wrong password and says what it costs. From a null address it is always a second: that may be a proxy for many.</summary>
    /// <param name="address">The address.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public TimeSpan Failed(IPAddress? address, long now)
    {
        if (address is null) return Least;
        lock (_gate)
        {
            if (_records.Count >= MaxAddresses && !_records.ContainsKey(address)) return Least;
            ref var record = ref CollectionsMarshal.GetValueRefOrAddDefault(_records, address, out _);
            var failures = Math.Min(MostFailures, LeftOf(record, now) + 1);
            record = new Record(failures, now);
            return Least * (1 << Math.Max(0, failures - Free));
        }
    }

    /// <summary>Forgets addresses that have been good for long enough; to be called now and then.</summary>
    public void Tick(long now)
    {
        lock (_gate)
        {
            foreach (var (address, record) in _records)
            {
                if (LeftOf(record, now) == 0) _records.Remove(address);
            }
        }
    }

    private static int LeftOf(Record record, long now) => (int)Math.Max(0, record.Failures - ((now - record.Time) / ForgetAfter));

    private readonly record struct Record(int Failures, long Time);
}
