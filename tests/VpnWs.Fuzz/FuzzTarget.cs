namespace VpnWs.Fuzz;

/// <summary>Something that takes bytes from strangers.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Its name, also that of its file of seeds.</summary>
    public abstract string Name { get; }

    /// <summary>How many bytes of memory an input of that length may make it allocate, whatever the input claims.</summary>
    public abstract long MostAllocated(int length);

    /// <summary>Takes an input, which it may write to. Whatever it throws is a finding.</summary>
    /// <param name="input">The input.</param>
    /// <returns>What came of it: an input with a result not seen before is kept, to be changed further.</returns>
    public abstract int Take(byte[] input);

    /// <summary>Says that a promise is broken.</summary>
    protected static void Require(bool condition, string promise)
    {
        if (!condition) throw new InvalidOperationException($"Broken: {promise}");
    }
}
