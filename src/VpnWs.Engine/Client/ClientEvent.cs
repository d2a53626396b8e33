using VpnWs.Transport;

namespace VpnWs.Client;

/// <summary>Something that happened in a client. <see cref="object.ToString"/> is the sentence for a log; no secret is in it.</summary>
/// <param name="Level">How much it matters.</param>
public abstract record ClientEvent(EventLevel Level)
{
    /// <summary>When it happened.</summary>
    public DateTimeOffset Time { get; init; } = DateTimeOffset.Now;
}

/// <summary>An attempt to connect starts.</summary>
/// <param name="Url">Where to, without credentials.</param>
public sealed record Connecting(string Url) : ClientEvent(EventLevel.Debug)
{
    /// <inheritdoc/>
    public override string ToString() => $"connecting to {Url}";
}

/// <summary>The link is up.</summary>
/// <param name="Url">Where to, without credentials.</param>
/// <param name="HasOffload">Whether super-frames travel whole.</param>
public sealed record Connected(string Url, bool HasOffload) : ClientEvent(EventLevel.Information)
{
    /// <inheritdoc/>
    public override string ToString() => $"connected to {Url}{(HasOffload ? " with offload" : "")}";
}

/// <summary>The server did not grant the bridge right that was asked for: only frames from the tap's own address will pass.</summary>
public sealed record BridgeRefused() : ClientEvent(EventLevel.Warning)
{
    /// <inheritdoc/>
    public override string ToString() => "the server did not grant bridge mode: it will drop frames from addresses other than the tap's own (see its --peer-bridge)";
}

/// <summary>The link is down.</summary>
/// <param name="Reason">Why, in words.</param>
public sealed record Disconnected(string Reason) : ClientEvent(EventLevel.Warning)
{
    /// <inheritdoc/>
    public override string ToString() => $"disconnected: {Reason}";
}

/// <summary>An attempt to connect failed.</summary>
/// <param name="Failure">What kind of failure.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="StatusCode">The HTTP status that the server or a proxy answered with, or null.</param>
/// <param name="RetryIn">The pause before the next attempt; null where there is none.</param>
public sealed record ConnectFailed(VpnWsFailure Failure, string Reason, int? StatusCode, TimeSpan? RetryIn) : ClientEvent(EventLevel.Warning)
{
    /// <inheritdoc/>
    public override string ToString() => RetryIn is { } pause ? FormattableString.Invariant($"{Reason}; trying again in {pause.TotalSeconds:0.0} s") : Reason;
}

/// <summary>The tap is gone; it is opened again when it can be.</summary>
/// <param name="Name">The interface.</param>
public sealed record ClientTapLost(string Name) : ClientEvent(EventLevel.Error)
{
    /// <summary>Whether it is opened again: true, unless it was made by somebody else and given ready.</summary>
    public bool IsReopened { get; init; } = true;

    /// <inheritdoc/>
    public override string ToString() => $"lost the tap {Name}: the interface was deleted; {(IsReopened ? "trying to open it again" : "whoever made it has to make another one and connect that")}";
}

/// <summary>The tap could not be opened again; further attempts follow without being told.</summary>
/// <param name="Name">The interface.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record ClientTapReopenFailed(string Name, string Reason) : ClientEvent(EventLevel.Error)
{
    /// <inheritdoc/>
    public override string ToString() => $"the tap {Name} cannot be opened again for now: {Reason}";
}

/// <summary>The tap is back.</summary>
/// <param name="Name">The interface.</param>
public sealed record ClientTapRestored(string Name) : ClientEvent(EventLevel.Information)
{
    /// <inheritdoc/>
    public override string ToString() => $"the tap {Name} is back; what a hook had set up must be set again";
}

/// <summary>So many events came while a handler was slow that there was no room for the oldest.</summary>
/// <param name="Count">How many were dropped since this was last told.</param>
public sealed record ClientEventsLost(long Count) : ClientEvent(EventLevel.Warning)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Count} events are lost: whoever takes them did not keep up";
}
