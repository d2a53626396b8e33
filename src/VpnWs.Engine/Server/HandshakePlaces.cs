namespace VpnWs.Server;

/// <summary>
/// The places for connections in their handshake. When all are taken, one whose head has been coming for two seconds has to make way for the next
/// connection: who is slow on purpose cannot keep others out for as long as a slow link is given.
/// </summary>
/// <param name="most">How many places there are.</param>
internal sealed class HandshakePlaces(int most)
{
    /// <summary>How long nobody is asked to make way, in milliseconds.</summary>
    internal const long Grace = 2000;

    private readonly Lock _gate = new();
    private readonly LinkedList<Place> _waiting = new();
    private int _taken;

    /// <summary>Takes a place, to be disposed; null where there is none.</summary>
    /// <param name="now">Monotonic milliseconds.</param>
    public Place? TryTake(long now)
    {
        Place? oldest = null;
        Place taken;
        lock (_gate)
        {
            if (_taken >= most)
            {
                oldest = _waiting.First?.Value;
                if (oldest is null || now - oldest.Since < Grace) return null;
                Free(oldest);
            }

            taken = new Place(this, now);
            taken.Node = _waiting.AddLast(taken);
            _taken++;
        }

        oldest?.MakeWay();
        return taken;
    }

    private void Free(Place place)
    {
        StopWaiting(place);
        if (place.IsFree) return;
        place.IsFree = true;
        _taken--;
    }

    private void StopWaiting(Place place)
    {
        if (place.Node is { } node) _waiting.Remove(node);
        place.Node = null;
    }

    /// <summary>A connection's place.</summary>
    internal sealed class Place(HandshakePlaces owner, long since) : IDisposable
    {
        private readonly CancellationTokenSource _pushed = new();

        /// <summary>When it was taken.</summary>
        public long Since { get; } = since;

        /// <summary>Cancelled when the connection has to make way.</summary>
        public CancellationToken Pushed => _pushed.Token;

        /// <summary>Where it stands in the line of those who may have to make way; null once it may not.</summary>
        public LinkedListNode<Place>? Node { get; set; }

        /// <summary>Whether the place is somebody else's by now.</summary>
        public bool IsFree { get; set; }

        /// <summary>The head is there: from now on the place is kept until disposed.</summary>
        public void Settle()
        {
            lock (owner._gate) owner.StopWaiting(this);
        }

        /// <summary>Ends the connection.</summary>
        public void MakeWay() => _pushed.Cancel();

        /// <summary>Gives the place back. A second call does nothing.</summary>
        public void Dispose()
        {
            lock (owner._gate) owner.Free(this);
        }
    }
}
