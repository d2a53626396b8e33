using System.Diagnostics;

namespace VpnWs.Tests.Transport;

/// <summary>Waits for a condition until a deadline.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Ample for a crowded machine; what is right comes long before.</summary>
    public static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(20);

    public static async Task True(string what, Func<bool> condition)
    {
        for (var watch = Stopwatch.StartNew(); !condition();)
        {
            if (watch.Elapsed > Deadline) Assert.Fail($"Not within {Deadline.TotalSeconds} s: {what}.");
            await Task.Delay(Interval);
        }
    }

    /// <summary>The task's result, unless it takes too long.</summary>
    public static async Task<T> Within<T>(string what, Task<T> task)
    {
        await Within(what, (Task)task);
        return await task;
    }

    public static async Task Within(string what, Task task)
    {
        try
        {
            await task.WaitAsync(Deadline);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            Assert.Fail($"Not within {Deadline.TotalSeconds} s: {what}.");
        }
    }

    /// <summary>Looks at a condition that must hold throughout some time.</summary>
    public static async Task Holds(string what, TimeSpan during, Func<bool> condition)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < during;)
        {
            Assert.True(condition(), $"Ceased after {watch.Elapsed.TotalSeconds:0.0} s: {what}.");
            await Task.Delay(Interval);
        }
    }
}
