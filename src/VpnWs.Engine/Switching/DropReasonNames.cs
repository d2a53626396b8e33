namespace VpnWs.Switching;

/// <summary>The drop reasons as metrics and the control interface spell them: camelCase, in the order of their numbers.</summary>
internal static class DropReasonNames
{
    private static readonly string[] Names = Array.ConvertAll(
        Enum.GetNames<DropReason>(), static name => char.ToLowerInvariant(name[0]) + name[1..]);

    /// <summary>How many reasons there are, <see cref="DropReason.None"/> included.</summary>
    public static int Count => Names.Length;

    /// <summary>The name of a reason, such as <c>outboxFull</c>.</summary>
    public static string Of(DropReason reason) => Names[(int)reason];
}
