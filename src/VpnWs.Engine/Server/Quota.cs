namespace VpnWs.Server;

/// <summary>How many of something each key has at this moment. Only keys that have any are kept.</summary>
/// <param name="most">How many one key may have.</param>
internal sealed class Quota<TKey>(int most)
    where TKey : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, int> _taken = [];

    /// <summary>Takes one; false where the key has as many as it may. A null key may have any number.</summary>
    public bool TryTake(TKey? key)
    {
        if (key is null) return true;
        lock (_gate)
        {
            var taken = _taken.GetValueOrDefault(key);
            if (taken >= most) return false;
            _taken[key] = taken + 1;
            return true;
        }
    }

    /// <summary>Whether the key has as many as it may; a null key never has.</summary>
    public bool IsFull(TKey? key)
    {
        if (key is null) return false;
        lock (_gate) return _taken.GetValueOrDefault(key) >= most;
    }

    /// <summary>Gives one back that was taken.</summary>
    public void Release(TKey? key)
    {
        if (key is null) return;
        lock (_gate)
        {
            var left = _taken[key] - 1;
            if (left > 0) _taken[key] = left;
            else _taken.Remove(key);
        }
    }
}
