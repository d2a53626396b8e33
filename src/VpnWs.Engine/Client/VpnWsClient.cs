namespace VpnWs.Client;

/// <summary>Stub.</summary>
public enum ClientEventLevel
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
public abstract record ClientEvent(DateTimeOffset Time)
{
    /// <summary>Stub.</summary>
    public abstract ClientEventLevel Level { get; }
}

/// <summary>Stub.</summary>
public sealed record Connecting(DateTimeOffset Time, Uri Uri) : ClientEvent(Time)
{
    /// <summary>Stub.</summary>
    public override ClientEventLevel Level => ClientEventLevel.Information;

    /// <summary>Stub.</summary>
    public override string ToString() => $"connecting to {Uri}";
}

/// <summary>Stub.</summary>
public sealed class VpnWsClient(VpnWsClientOptions options) : IAsyncDisposable
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Stub.</summary>
    public event EventHandler<ClientEvent>? EventRaised;

    /// <summary>Stub.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Stub.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var (own, tap) = VpnWs.Taps.StubTap.Pair();
        using (own)
        {
            if (options.TapReady is { } ready) await ready(options.ExistingTap ?? tap, cancellationToken).ConfigureAwait(false);
        }

        EventRaised?.Invoke(this, new Connecting(DateTimeOffset.UtcNow, options.Uri));
        if (!options.Reconnect) _completion.TrySetException(new VpnWsException(VpnWsFailure.Unreachable, "this is a stub"));
    }

    /// <summary>Stub.</summary>
    public Task StopAsync()
    {
        _completion.TrySetResult();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
