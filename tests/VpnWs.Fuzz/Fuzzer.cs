using System.Diagnostics;

namespace VpnWs.Fuzz;

/// <summary>Feeds one target.</summary>
/// <param name="target">The target.</param>
/// <param name="seed">What chance begins with: the same gives the same inputs.</param>
internal sealed class Fuzzer(FuzzTarget target, int seed)
{
    private const int MostLength = 72_000;
    private const int ShortLength = 4096;
    private const int LongOnes = 256;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private byte[] _current = [];
    private long _done;

    /// <summary>Feeds inputs until there were enough, or something is found.</summary>
    /// <returns>Whether nothing was found.</returns>
    public bool Run(long inputs)
    {
        var corpus = Corpus.Load(target.Name);
        var mutator = new Mutator(new Random(seed));
        var watch = Stopwatch.StartNew();
        var last = -1L;
        using var watchdog = new Timer(_ =>
        {
            var done = Volatile.Read(ref _done);
            if (done == last) Environment.FailFast(Finding("hangs", Volatile.Read(ref _current)));
            last = done;
        }, null, Patience, Patience);
        foreach (var one in corpus.Inputs.ToArray())
        {
            // The first time, what is compiled and made once is not counted.
            if (Try(one, isCounted: false) is null || Try(one, isCounted: true) is not { } result) return false;
            corpus.Note(one, result);
        }

        for (; _done < inputs; Volatile.Write(ref _done, _done + 1))
        {
            var input = mutator.Next(corpus.Inputs, _done % LongOnes == 0 ? MostLength : ShortLength);
            if (Try(input, isCounted: true) is not { } result) return false;
            corpus.Note(input, result);
        }

        Console.WriteLine(FormattableString.Invariant(
            $"{target.Name}: {inputs:N0} inputs, seed {seed}, {corpus.Results} different results, {watch.Elapsed.TotalSeconds:0.0} s, nothing found"));
        return true;
    }

    /// <summary>Feeds one input.</summary>
    /// <returns>Its result, or null where it is a finding, which is then printed.</returns>
    public int? Try(byte[] input, bool isCounted)
    {
        Volatile.Write(ref _current, input);
        try
        {
            var copy = input.AsSpan().ToArray();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var result = target.Take(copy);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (!isCounted || allocated <= target.MostAllocated(input.Length)) return result;
            Console.WriteLine(Finding(FormattableString.Invariant($"allocates {allocated} bytes"), input));
        }
        catch (Exception e)
        {
            Console.WriteLine(Finding($"throws {e}", input));
        }

        return null;
    }

    private string Finding(string what, byte[] input) =>
        $"{target.Name}: input {_done} of seed {seed} {what}\n  --target {target.Name} --replay {Convert.ToHexString(input)}";
}
