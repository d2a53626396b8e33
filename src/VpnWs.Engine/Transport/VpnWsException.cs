namespace VpnWs.Transport;

/// <summary>What kind of thing went wrong when a server or a client could not do its work.</summary>
public enum VpnWsFailure
{
    /// <summary>None of the kinds below.</summary>
    Other,

    /// <summary>An address that cannot be resolved or listened on.</summary>
    Address,

    /// <summary>Another program listens on the address.</summary>
    AddressInUse,

    /// <summary>The other end cannot be reached.</summary>
    Unreachable,

    /// <summary>It took longer than allowed.</summary>
    Timeout,

    /// <summary>The other end's certificate is not trusted or has another name, or it refused ours.</summary>
    Certificate,

    /// <summary>The other end, or a proxy on the way, wants other credentials (401, 403, 407).</summary>
    Authentication,

    /// <summary>The other end answered, but not with an upgrade.</summary>
    Refused,

    /// <summary>The other end broke the protocol.</summary>
    Protocol,

    /// <summary>The other end closed the connection.</summary>
    Closed,

    /// <summary>The tap is gone.</summary>
    Tap,
}

/// <summary>A server or a client could not start or go on; the message is one plain sentence that says what is wrong.</summary>
public sealed class VpnWsException : Exception
{
    /// <summary>Makes an exception of kind <see cref="VpnWsFailure.Other"/> without a message.</summary>
    public VpnWsException()
    {
    }

    /// <summary>Makes an exception of kind <see cref="VpnWsFailure.Other"/>.</summary>
    public VpnWsException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception of kind <see cref="VpnWsFailure.Other"/> with its cause.</summary>
    public VpnWsException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes an exception of a kind.</summary>
    public VpnWsException(VpnWsFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>What kind of failure it is.</summary>
    public VpnWsFailure Failure { get; }

    /// <summary>The HTTP status that the other end answered with, or null.</summary>
    public int? StatusCode { get; init; }
}
