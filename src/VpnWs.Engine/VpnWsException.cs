namespace VpnWs;

/// <summary>Stub.</summary>
public enum VpnWsFailure
{
    /// <summary>Stub.</summary>
    Other,

    /// <summary>Stub.</summary>
    Address,

    /// <summary>Stub.</summary>
    AddressInUse,

    /// <summary>Stub.</summary>
    Tap,

    /// <summary>Stub.</summary>
    Authentication,

    /// <summary>Stub.</summary>
    Certificate,

    /// <summary>Stub.</summary>
    Refused,

    /// <summary>Stub.</summary>
    Unreachable,

    /// <summary>Stub.</summary>
    Timeout,

    /// <summary>Stub.</summary>
    Protocol,

    /// <summary>Stub.</summary>
    Hook,
}

/// <summary>Stub.</summary>
public class VpnWsException : Exception
{
    /// <summary>Stub.</summary>
    public VpnWsException()
    {
    }

    /// <summary>Stub.</summary>
    public VpnWsException(string message)
        : base(message)
    {
    }

    /// <summary>Stub.</summary>
    public VpnWsException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Stub.</summary>
    public VpnWsException(VpnWsFailure failure, string message)
        : base(message) => Failure = failure;

    /// <summary>Stub.</summary>
    public VpnWsFailure Failure { get; }
}
