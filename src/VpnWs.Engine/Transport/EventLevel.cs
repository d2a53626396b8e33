namespace VpnWs.Transport;

/// <summary>How much an event matters to an operator.</summary>
public enum EventLevel
{
    /// <summary>Of use when something is being looked into.</summary>
    Debug,

    /// <summary>Part of the normal course of things.</summary>
    Information,

    /// <summary>Something is refused or lost; the program goes on.</summary>
    Warning,

    /// <summary>A part of the program has stopped working.</summary>
    Error,
}
