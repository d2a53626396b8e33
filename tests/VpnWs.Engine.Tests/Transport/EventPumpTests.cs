using VpnWs.Transport;

namespace VpnWs.Tests.Transport;

public sealed class EventPumpTests
{
    private event EventHandler<string>? Raised;

    [Fact]
    public async Task Events_are_raised_in_order_and_all_of_them_before_the_end()
    {
        var seen = new List<string>();
        object? sender = null;
        Raised += (from, item) =>
        {
            sender = from;
            seen.Add(item);
        };
        var pump = Pump();
        var wanted = Enumerable.Range(0, 5000).Select(i => $"{i}").ToList();
        foreach (var item in wanted) pump.Post(item);
        await pump.DisposeAsync();
        Assert.Equal(wanted, seen);
        Assert.Same(this, sender);
    }

    [Fact]
    public async Task A_handler_that_throws_keeps_no_event_from_itself_and_none_from_others()
    {
        var seen = new List<string>();
        var thrown = 0;
        Raised += (_, item) =>
        {
            thrown++;
            throw new InvalidOperationException(item);
        };
        Raised += (_, item) => seen.Add(item);
        var pump = Pump();
        pump.Post("a");
        pump.Post("b");
        await pump.DisposeAsync();
        Assert.Equal(["a", "b"], seen);
        Assert.Equal(2, thrown);
        Assert.Equal("b", pump.LastHandlerFault?.Message);
    }

    [Fact]
    public async Task A_slow_handler_loses_the_oldest_events_is_told_how_many_and_memory_stays_bounded()
    {
        const int Capacity = 8192;
        using var entered = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        var seen = new List<string>();
        Raised += (_, item) =>
        {
            seen.Add(item);
            if (seen.Count > 1) return;
            entered.Release();
            goOn.Wait();
        };
        var pump = Pump();
        pump.Post("first");
        await entered.WaitAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < Capacity + 100; i++) pump.Post($"{i}");
        goOn.Release();
        await pump.DisposeAsync();
        Assert.Equal(["first", "lost 100", .. Enumerable.Range(100, Capacity).Select(i => $"{i}")], seen);
    }

    [Fact(Timeout = 60_000)]
    public async Task While_a_handler_stays_slow_it_is_told_now_and_then_and_in_the_end_of_all_that_is_lost()
    {
        const int Capacity = 8192;
        const int Slow = 4096;
        var (told, lost, raised) = (0, 0L, 0);
        var isFast = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var isFull = new ManualResetEventSlim();
        EventPump<string>? pump = null;
        Raised += (_, item) =>
        {
            // What is handled before the queue is full would make room for what comes then.
            isFull.Wait();
            if (item.StartsWith("lost ", StringComparison.Ordinal))
            {
                (told, lost) = (told + 1, lost + long.Parse(item.AsSpan(5), System.Globalization.CultureInfo.InvariantCulture));
            }
            else if (++raised <= Slow)
            {
                // Two more come while one is handled.
                pump!.Post("more");
                pump.Post("more");
            }
            else
            {
                isFast.TrySetResult();
            }
        };
        pump = Pump();
        for (var i = 0; i < Capacity; i++) pump.Post("one");
        isFull.Set();
        await isFast.Task.WaitAsync(TestContext.Current.CancellationToken);
        await pump.DisposeAsync();
        Assert.Equal(Capacity + (2 * Slow), raised + lost);
        Assert.InRange(lost, Slow - 1, 2 * Capacity);
        Assert.InRange(told, 1, 16);
    }

    [Fact]
    public async Task What_is_posted_after_the_end_is_nothing()
    {
        var pump = Pump();
        await pump.DisposeAsync();
        pump.Post("late");
        await pump.DisposeAsync();
    }

    private EventPump<string> Pump() => new(this, () => Raised, static count => $"lost {count}");
}
