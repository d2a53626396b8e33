using System.Net;
using System.Runtime.InteropServices;

namespace VpnWs.Server;

/// <summary>How often clients begin handshakes: each address has a bucket that fills with the rate and holds ten seconds of it.</summary>
/// <param name="perSecond">The rate.</param>
internal sealed class HandshakeRate(int perSecond)
{
    /// <summary>How many addresses are remembered; when there are more, new ones are not held to the rate until others are forgotten.</summary>
    internal const int MaxAddresses = 65_536;

    private const int BurstSeconds = 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Bucket> _buckets = [];
    private readonly double _capacity = (double)perSecond * BurstSeconds;

    /// <summary>Whether an address may begin one more now; a null address always may.</summary>
    /// <param name="address">The address.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public bool TryBegin(IPAddress? address, long now)
    {
        if (address is null) return true;
        lock (_gate)
        {
            if (_buckets.Count >= MaxAddresses && !_buckets.ContainsKey(address)) return true;
            ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(_buckets, address, out var isKnown);
            var left = isKnown ? LeftIn(bucket, now) : _capacity;
            if (left < 1) return false;
            bucket = new Bucket(left - 1, now);
            return true;
        }
    }

    /// <summary>Forgets addresses whose buckets are full again; to be called now and then.</summary>
    public void Tick(long now)
    {
        lock (_gate)
        {
            foreach (var (address, bucket) in _buckets)
            {
                if (LeftIn(bucket, now) >= _capacity) _buckets.Remove(address);
            }
        }
    }

    /// <summary>How many addresses are remembered.</summary>
    internal int Count
    {
        get
        {
            lock (_gate) return _buckets.Count;
        }
    }

    private double LeftIn(Bucket bucket, long now) => Math.Min(_capacity, bucket.Left + ((now - bucket.Time) * (perSecond / 1000.0)));

    private readonly record struct Bucket(double Left, long Time);
}
