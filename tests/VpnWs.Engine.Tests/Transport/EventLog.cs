namespace VpnWs.Tests.Transport;

/// <summary>Keeps every event that was raised, in order.</summary>
internal sealed class EventLog<T>
    where T : class
{
    private readonly List<T> _items = [];

    public void Add(object? sender, T item)
    {
        lock (_items) _items.Add(item);
    }

    /// <summary>The events of a kind so far.</summary>
    public List<TEvent> All<TEvent>(Func<TEvent, bool>? match = null)
        where TEvent : T
    {
        lock (_items) return [.. _items.OfType<TEvent>().Where(match ?? (static _ => true))];
    }

    /// <summary>The first event of a kind, or a later one, as soon as it is there.</summary>
    public async Task<TEvent> WaitFor<TEvent>(Func<TEvent, bool>? match = null, int number = 1)
        where TEvent : T
    {
        List<TEvent> found = [];
        try
        {
            await Eventually.True($"{typeof(TEvent).Name} number {number}", () => (found = All(match)).Count >= number);
        }
        catch (Xunit.Sdk.XunitException e)
        {
            Assert.Fail($"{e.Message} Among: {this}");
        }

        return found[number - 1];
    }

    public override string ToString() => string.Join("; ", All<T>());
}
