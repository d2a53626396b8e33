namespace VpnWs.Server;

/// <summary>A way to a server's control interface.</summary>
internal interface IControlChannel : IDisposable
{
    /// <summary>Where it is, without credentials.</summary>
    string Address { get; }

    /// <summary>Asks once.</summary>
    /// <param name="query">What to ask, as <see cref="ControlRequest"/> has it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<ControlResponse> AskAsync(string query, CancellationToken cancellationToken);
}
