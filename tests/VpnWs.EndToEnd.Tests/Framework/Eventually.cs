using System.Diagnostics;

namespace VpnWs.Tests.Framework;

/// <summary>Waits for a condition until a deadline; what never comes true fails the test with the state at the end.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public static TimeSpan DefaultDeadline { get; } = TimeSpan.FromSeconds(15);

    public static void True(string what, Func<bool> condition, TimeSpan? deadline = null, Func<string>? state = null)
    {
        var limit = deadline ?? DefaultDeadline;
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > limit) Assert.Fail($"Not within {limit.TotalSeconds:0.#} s: {what}.{Environment.NewLine}{state?.Invoke()}");
            Thread.Sleep(Interval);
        }
    }

    public static void Equal<T>(string what, T expected, Func<T> actual, TimeSpan? deadline = null)
    {
        var last = default(T);
        True(what, () => EqualityComparer<T>.Default.Equals(expected, last = actual()), deadline, () => $"Expected {expected}, last seen {last}.");
    }

    /// <summary>Lets a stretch of time go by in which a condition must hold throughout.</summary>
    public static void Holds(string what, TimeSpan during, Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < during)
        {
            Assert.True(condition(), $"Ceased after {watch.Elapsed.TotalSeconds:0.0} s: {what}.");
            Thread.Sleep(Interval);
        }
    }
}
