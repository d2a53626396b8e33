namespace VpnWs.Server;

/// <summary>A way to a server's control interface.</summary>
internal interface IControlChannel : IDisposable
{
    /// <summary>Where it is, without credentials.</summary>
    string Address { get; }

    /// <summary>Asks once.</summary>
    /// <param name="kill">The peer to end; null asks for the list of peers.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<ControlResponse> AskAsync(long? kill, CancellationToken cancellationToken);
}
