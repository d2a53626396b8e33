using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace VpnWs.Tests.Taps;

/// <summary>A thread in a network namespace of its own, so that a test's interfaces and addresses touch nothing else; they go with it.</summary>
internal sealed class NamespaceThread : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    /// <summary>Starts a thread in a new namespace, or, given another thread, in its.</summary>
    internal NamespaceThread(NamespaceThread? other = null)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "needs root on Linux");
        Assert.SkipUnless(File.Exists("/dev/net/tun"), "needs /dev/net/tun");
        _thread = new Thread(Work) { IsBackground = true, Name = nameof(NamespaceThread) };
        _thread.Start();
        try
        {
            Enter(other);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>A descriptor of the namespace; the caller closes it.</summary>
    internal int OpenNamespace() => Run(static () =>
    {
        var descriptor = Kernel.Open("/proc/thread-self/ns/net", 0);
        Assert.NotEqual(-1, descriptor);
        return descriptor;
    });

    /// <summary>Runs an action on the thread and rethrows what it throws.</summary>
    internal void Run(Action action) => Start(action)();

    /// <summary>Runs a function on the thread and rethrows what it throws.</summary>
    internal T Run<T>(Func<T> function)
    {
        T result = default!;
        Run(() => { result = function(); });
        return result;
    }

    /// <summary>Starts an action on the thread; the action returned waits for its end and rethrows what it threw.</summary>
    internal Action Start(Action action)
    {
        ExceptionDispatchInfo? thrown = null;
        ManualResetEventSlim done = new();
        _work.Add(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                thrown = ExceptionDispatchInfo.Capture(e);
            }

            done.Set();
        });
        return () =>
        {
            Assert.True(done.Wait(Patience), "The action in the namespace did not end.");
            thrown?.Throw();
        };
    }

    /// <summary>Puts a device directory of the thread's own in place of the real one: with the tun device of this mode, or without it.</summary>
    internal void ReplaceDevice(uint? mode) => Run(() =>
    {
        const nuint Private = 1 << 18;
        const nuint Recursive = 1 << 14;
        const uint CharacterDevice = 0x2000;
        const ulong TunDevice = (10 << 8) | 200;
        Assert.SkipUnless(
            Kernel.Unshare(Kernel.NewMounts) == 0
            && Kernel.Mount("none", "/", null, Private | Recursive, 0) == 0
            && Kernel.Mount("none", "/dev/net", "tmpfs", 0, 0) == 0,
            "needs mount namespaces");
        if (mode is not { } bits) return;
        Assert.SkipUnless(Kernel.MakeNode("/dev/net/tun", CharacterDevice | bits, TunDevice) == 0, "needs to make device nodes");
        Assert.Equal(0, Kernel.ChangeMode("/dev/net/tun", bits));
    });

    /// <summary>Gives up root on the thread, for good.</summary>
    internal void BecomeUser(uint user) => Run(() => Assert.Equal(0, Kernel.BecomeUser(user)));

    public void Dispose()
    {
        _work.CompleteAdding();
        Assert.True(_thread.Join(Patience), "The thread in the namespace did not end.");
        _work.Dispose();
    }

    private void Enter(NamespaceThread? other)
    {
        if (other is null)
        {
            Run(static () => Assert.SkipUnless(Kernel.Unshare(Kernel.NewNetwork) == 0, "needs network namespaces"));
            return;
        }

        var descriptor = other.OpenNamespace();
        Run(() => Assert.Equal(0, Kernel.EnterNamespace(descriptor, Kernel.NewNetwork)));
        Assert.Equal(0, Kernel.Close(descriptor));
    }

    private void Work()
    {
        foreach (var action in _work.GetConsumingEnumerable()) action();
    }
}
