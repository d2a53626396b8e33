namespace VpnWs.Taps;

/// <summary>A tap could not be made, set up or asked; the message says what to do about it.</summary>
public sealed class TapException : IOException
{
    /// <summary>Makes an exception without a message.</summary>
    public TapException()
    {
    }

    /// <summary>Makes an exception that says what is wrong and what to do.</summary>
    public TapException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception that says what is wrong and what to do, with its cause.</summary>
    public TapException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether it failed for want of rights.</summary>
    public bool IsPermission { get; init; }

    /// <summary>Whether the name that was asked for is one that no interface can have.</summary>
    public bool IsBadName { get; init; }
}
