using System.Net;
using VpnWs.Taps;
using VpnWs.Transport;

namespace VpnWs.Server;

/// <summary>Stub.</summary>
public enum ServerEventLevel
{
    /// <summary>Stub.</summary>
    Debug,

    /// <summary>Stub.</summary>
    Information,

    /// <summary>Stub.</summary>
    Warning,

    /// <summary>Stub.</summary>
    Error,
}

/// <summary>Stub.</summary>
public abstract record ServerEvent(DateTimeOffset Time)
{
    /// <summary>Stub.</summary>
    public abstract ServerEventLevel Level { get; }
}

/// <summary>Stub.</summary>
public sealed record PeerRefused(DateTimeOffset Time, string RemoteAddress, string Reason) : ServerEvent(Time)
{
    /// <summary>Stub.</summary>
    public override ServerEventLevel Level => ServerEventLevel.Warning;

    /// <summary>Stub.</summary>
    public override string ToString() => $"refused {RemoteAddress}: {Reason}";
}

/// <summary>Stub.</summary>
public sealed class VpnWsServer(VpnWsServerOptions options) : IAsyncDisposable
{
    /// <summary>Stub.</summary>
    public event EventHandler<ServerEvent>? EventRaised;

    /// <summary>Stub.</summary>
    public ITap? Tap => options.ExistingTap;

    /// <summary>Stub.</summary>
    public IReadOnlyList<ListenAddress> UwsgiAddresses => options.UwsgiAddresses;

    /// <summary>Stub.</summary>
    public IReadOnlyList<EndPoint> HttpEndPoints => [.. options.HttpAddresses.Select(a => a.EndPoint)];

    /// <summary>Stub.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        EventRaised?.Invoke(this, new PeerRefused(DateTimeOffset.UtcNow, "stub", "this is a stub"));
        if (options.Ready is { } ready) await ready(options.ExistingTap, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stub.</summary>
    public Task StopAsync() => Task.Run(() => EventRaised = null);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
