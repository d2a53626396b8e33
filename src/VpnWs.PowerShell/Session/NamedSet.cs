using System.Globalization;

namespace VpnWs.PowerShell;

/// <summary>An object of a session that is known by its name.</summary>
internal interface INamed
{
    string Name { get; }
}

/// <summary>What sets of named objects have in common.</summary>
internal static class NamedSet
{
    /// <summary>Whether two names are the same; case does not matter, as everywhere in PowerShell.</summary>
    public static bool SameName(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The objects of one kind that a session has, each with a name of its own. Safe to use from any thread.</summary>
internal sealed class NamedSet<T>
    where T : class, INamed
{
    private readonly Lock _gate = new();
    private readonly List<T> _items = [];

    /// <summary>All of them, in the order in which they came.</summary>
    public IReadOnlyList<T> All
    {
        get
        {
            lock (_gate) return [.. _items];
        }
    }

    /// <summary>Adds one unless its name is taken.</summary>
    public bool TryAdd(T item)
    {
        lock (_gate)
        {
            if (FindLocked(item.Name) is not null) return false;
            _items.Add(item);
            return true;
        }
    }

    /// <summary>Takes one out.</summary>
    public bool Remove(T item)
    {
        lock (_gate) return _items.Remove(item);
    }

    /// <summary>Takes all of them out, the last one first.</summary>
    public IReadOnlyList<T> TakeAll()
    {
        lock (_gate)
        {
            T[] taken = [.. Enumerable.Reverse(_items)];
            _items.Clear();
            return taken;
        }
    }

    /// <summary>The one of that name, or null.</summary>
    public T? Find(string name)
    {
        lock (_gate) return FindLocked(name);
    }

    /// <summary>Those whose names match a wildcard pattern.</summary>
    /// <exception cref="LanException">It is no pattern.</exception>
    public IReadOnlyList<T> Match(string pattern)
    {
        var wildcard = Patterns.Read(pattern);
        return [.. All.Where(item => wildcard.IsMatch(item.Name))];
    }

    /// <summary>A name that nobody has yet: the stem and the first free number.</summary>
    public string FreeName(string stem)
    {
        for (var number = 0; ; number++)
        {
            var name = stem + number.ToString(CultureInfo.InvariantCulture);
            if (Find(name) is null) return name;
        }
    }

    private T? FindLocked(string name) => _items.Find(item => NamedSet.SameName(item.Name, name));
}
