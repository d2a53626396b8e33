namespace VpnWs.Switching;

/// <summary>The drop reasons as metrics and the control interface spell them: camelCase, in the order of their numbers.</summary>
internal static class DropReasonNames
{
    /// <summary>How many reasons there are, <see cref="DropReason.None"/> included.</summary>
    public const int Count = (int)DropReason.LoopBlocked + 1;

    /// <summary>The name of a reason, such as <c>outboxFull</c>.</summary>
    public static string Of(DropReason reason) => Texts.Names[(int)reason];

    // On their own, as counters are made long before anything is dropped.
    private static class Texts
    {
        public static readonly string[] Names = Array.ConvertAll(
            Enum.GetNames<DropReason>(), static name => char.ToLowerInvariant(name[0]) + name[1..]);
    }
}
