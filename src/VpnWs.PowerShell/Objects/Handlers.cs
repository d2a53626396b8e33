namespace VpnWs.PowerShell;

/// <summary>Raises the events of the session's objects, each handler apart: what one throws reaches neither the others nor the object.</summary>
internal sealed class Handlers
{
    private volatile Exception? _lastFault;

    /// <summary>What a handler threw last, or null.</summary>
    public Exception? LastFault => _lastFault;

    /// <summary>Calls all handlers of an event.</summary>
    public void Raise<T>(EventHandler<T>? handlers, object sender, T arguments)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(handlers)) Guard(() => handler(sender, arguments));
    }

    /// <summary>Calls all handlers of an event of the module's own.</summary>
    public void Raise<T>(Action<T>? handlers, T argument)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(handlers)) Guard(() => handler(argument));
    }

    private void Guard(Action handler)
    {
        try
        {
            handler();
        }
        catch (Exception e)
        {
            // A handler's fault is its owner's to mend, who finds it at the object; cmdlets that end the object warn of it.
            _lastFault = e;
        }
    }
}
