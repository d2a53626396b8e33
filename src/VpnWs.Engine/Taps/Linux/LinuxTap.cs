using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using VpnWs.Ethernet;

namespace VpnWs.Taps;

/// <summary>
/// A tap interface of the Linux kernel (Documentation/networking/tuntap.rst). Frames go by read and write on its descriptor;
/// it is set up by ioctl and route netlink, in the network namespace of the thread that opened it.
/// </summary>
/// <remarks>
/// What was seen on the kernel: while the interface is down reads would block and writes are dropped; both work again once it is up.
/// It may be renamed or moved into another network namespace and keeps passing frames. Deleted, it has gone for good.
/// </remarks>
[SupportedOSPlatform("linux")]
public sealed class LinuxTap : ITap
{
    private const int OffloadHeaderLength = 10;
    private const int Forever = -1;

    private readonly Descriptor _descriptor;
    private readonly Descriptor _wake;
    private readonly TunDevice _device;
    private readonly InterfaceControl _control;
    private readonly InterfaceSetup _setup;
    private readonly Lock _gate = new();
    private readonly Lock _waiting = new();
    private readonly int _leastBuffer;
    private int _mtu;
    private volatile bool _disposed;

    private LinuxTap(TunDevice device, InterfaceControl control, Descriptor wake, string name, bool offload)
    {
        var link = control.Find(name) ?? throw LinuxErrors.Gone(name);
        (_device, _control, _wake, _descriptor) = (device, control, wake, device.Descriptor);
        (Name, Index, HasOffload) = (name, link.Index, offload);
        _leastBuffer = EthernetFrame.MaxLength + (offload ? OffloadHeaderLength : 0);
        _setup = new InterfaceSetup(name, link.Index, device, control);
    }

    /// <summary>The interface's name when it was opened, such as <c>vpn0</c>.</summary>
    public string Name { get; }

    /// <summary>The interface's index in the network namespace where it was opened.</summary>
    public int Index { get; }

    /// <inheritdoc/>
    public bool HasOffload { get; }

    /// <inheritdoc/>
    public bool HasUdpOffload => HasOffload && _device.HasUdpSegments;

    /// <inheritdoc/>
    public MacAddress Address => _device.GetAddress() ?? throw LinuxErrors.Gone(Name);

    /// <summary>The MTU in bytes, read anew at each call; the last one seen while the interface is in another network namespace.</summary>
    /// <exception cref="TapException">The tap has gone.</exception>
    public int Mtu
    {
        get
        {
            lock (_gate)
            {
                if (_setup.TryLook() is { } link) _mtu = link.Mtu;
                return _mtu;
            }
        }
    }

    /// <summary>Whether the interface is up, read anew at each call.</summary>
    /// <exception cref="TapException">The tap has gone, or is in another network namespace.</exception>
    public bool IsUp
    {
        get
        {
            lock (_gate) return _setup.Look().IsUp;
        }
    }

    /// <summary>
    /// Makes an interface, or attaches to the persistent one of that name, and sets it up as asked. What is already as asked
    /// is not touched, so that its owner needs no rights. On failure everything done so far is undone.
    /// </summary>
    /// <exception cref="TapException">It could not be done; the message says why, and what to do.</exception>
    public static LinuxTap Open(TapOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        InterfaceName.Check(options.Name, pattern: true);
        uint? owner = options.Owner is { } user ? UserId.Resolve(user) : null;
        InterfaceControl control = new();
        TunDevice? device = null;
        Descriptor? wake = null;
        try
        {
            int? bridge = options.Bridge is null ? null : FindBridge(control, options.Bridge);
            wake = Descriptor.Open(
                static () => Libc.EventDescriptor(0, Libc.O_CLOEXEC | Libc.O_NONBLOCK),
                static error => LinuxErrors.Failed("Cannot open an event descriptor for a tap", error));
            var existed = Find(control, options.Name) is not null;
            if (!existed && options.Persistent == true) owner ??= Libc.EffectiveUser();
            device = TunDevice.Open(options.Name, existed, options.Offload);
            var name = device.Query()?.Name ?? throw LinuxErrors.Gone(options.Name);
            LinuxTap tap = new(device, control, wake, name, options.Offload);
            tap._setup.Apply(options, bridge, owner);
            tap._mtu = tap._setup.Look().Mtu;
            return tap;
        }
        catch
        {
            device?.Descriptor.Dispose();
            wake?.Dispose();
            control.Dispose();
            throw;
        }
    }

    /// <summary>Whether there is an interface, tap or not, of this name in the calling thread's network namespace.</summary>
    /// <exception cref="TapException">The kernel could not be asked.</exception>
    public static bool Exists(string name)
    {
        using InterfaceControl control = new();
        return Find(control, name) is not null;
    }

    /// <summary>Deletes a persistent tap that no program is attached to.</summary>
    /// <exception cref="TapException">There is none, it is not a tap, it is in use, or this user has no right to it.</exception>
    public static void Delete(string name)
    {
        InterfaceName.Check(name, pattern: false);
        if (!Exists(name)) throw new TapException($"There is no interface '{name}' to delete.");
        var device = TunDevice.Open(name, existed: true, offload: false);
        using (device.Descriptor)
        {
            if (device.SetPersistent(false) is not 0 and var error) throw LinuxErrors.Failed($"The tap '{name}' cannot be deleted", error);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The buffer is too small for the largest frame.</exception>
    public unsafe TapStatus Read(Span<byte> buffer, out int length)
    {
        if (buffer.Length < _leastBuffer) throw new ArgumentException($"A tap is read into {_leastBuffer} bytes at least.", nameof(buffer));
        int error;
        fixed (byte* start = buffer)
        {
            do
            {
                length = (int)Libc.Read(_descriptor.Number, start, (nuint)buffer.Length);
                error = length >= 0 ? 0 : Marshal.GetLastPInvokeError();
            }
            while (error == Libc.EINTR);
        }

        GC.KeepAlive(_descriptor);
        // The kernel cuts silently. Its frames stay ten bytes short of the least buffer, so one that fills it is not to be trusted.
        if (length > 0 && length < buffer.Length) return TapStatus.Done;
        length = 0;
        return error == 0 ? TapStatus.Refused : StatusOf(error);
    }

    /// <inheritdoc/>
    public unsafe TapStatus Write(ReadOnlySpan<byte> frame)
    {
        var error = 0;
        fixed (byte* start = frame)
        {
            do
            {
                error = Libc.Write(_descriptor.Number, start, (nuint)frame.Length) >= 0 ? 0 : Marshal.GetLastPInvokeError();
            }
            while (error == Libc.EINTR);
        }

        GC.KeepAlive(_descriptor);
        return error == 0 ? TapStatus.Done : StatusOf(error);
    }

    /// <inheritdoc/>
    public unsafe TapStatus Write(ReadOnlySpan<byte> header, ReadOnlySpan<byte> frame)
    {
        var error = 0;
        fixed (byte* head = header, body = frame)
        {
            var parts = stackalloc Libc.IoVector[2];
            parts[0] = new Libc.IoVector { Base = head, Length = (nuint)header.Length };
            parts[1] = new Libc.IoVector { Base = body, Length = (nuint)frame.Length };
            do
            {
                error = Libc.WriteVector(_descriptor.Number, parts, 2) >= 0 ? 0 : Marshal.GetLastPInvokeError();
            }
            while (error == Libc.EINTR);
        }

        GC.KeepAlive(_descriptor);
        return error == 0 ? TapStatus.Done : StatusOf(error);
    }

    /// <inheritdoc/>
    public unsafe void Wait(int milliseconds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(milliseconds, Forever);
        var end = Environment.TickCount64 + milliseconds;
        lock (_waiting)
        {
            if (_disposed) return;
            var entries = stackalloc Libc.PollEntry[2];
            entries[0] = new Libc.PollEntry { Descriptor = _descriptor.Number, Events = Libc.POLLIN };
            entries[1] = new Libc.PollEntry { Descriptor = _wake.Number, Events = Libc.POLLIN };
            var left = milliseconds;
            while (Libc.Poll(entries, 2, left) < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR)
            {
                if (milliseconds != Forever) left = (int)Math.Max(0, end - Environment.TickCount64);
            }

            ulong count;
            if (entries[1].Returned != 0) _ = Libc.Read(_wake.Number, &count, sizeof(ulong));
        }

        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public unsafe void Wake()
    {
        var one = 1UL;
        _ = Libc.Write(_wake.Number, &one, sizeof(ulong));
        GC.KeepAlive(_wake);
    }

    /// <summary>Sets the interface up or down.</summary>
    /// <exception cref="TapException">It could not be done; the message says why.</exception>
    public void SetUp(bool up)
    {
        lock (_gate) _ = _setup.SetUp(up);
    }

    /// <summary>Sets the MTU, 68 to 65,521 bytes.</summary>
    /// <exception cref="TapException">It could not be done; the message says why.</exception>
    public void SetMtu(int mtu)
    {
        lock (_gate)
        {
            _ = _setup.SetMtu(mtu);
            _mtu = mtu;
        }
    }

    /// <summary>Sets the interface's own address, which must be a station's; the owner of a tap may do so without further rights.</summary>
    /// <exception cref="TapException">It could not be done; the message says why.</exception>
    public void SetAddress(MacAddress address)
    {
        lock (_gate) _ = _setup.SetAddress(address);
    }

    /// <summary>Gives an IPv4 or IPv6 address to the interface, if it does not have it yet; an IPv6 address is used at once, without duplicate address detection.</summary>
    /// <exception cref="TapException">It could not be done; the message says why.</exception>
    public void AddIPAddress(InterfaceAddress address)
    {
        lock (_gate) _ = _setup.AddIPAddress(address);
    }

    /// <summary>Makes the interface a port of a kernel bridge, in place of the one that it was a port of.</summary>
    /// <exception cref="TapException">It could not be done; the message says why.</exception>
    public void JoinBridge(string bridge)
    {
        lock (_gate)
        {
            _ = _setup.Look();
            _ = _setup.JoinBridge(FindBridge(_control, bridge), bridge);
        }
    }

    /// <summary>
    /// Lets go of the interface, which is thereby deleted unless persistent, once the reads and writes under way have returned.
    /// Ends a <see cref="Wait"/>; later reads and writes find the tap gone.
    /// </summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            Wake();
            // A poll under way would keep the interface alive; it has ended when this lock is free.
            lock (_waiting) _descriptor.Retire();
            _control.Dispose();
        }
    }

    private static LinkState? Find(InterfaceControl control, string name) =>
        InterfaceName.FindFault(name, pattern: false) is null ? control.Find(name) : null;

    private static int FindBridge(InterfaceControl control, string name)
    {
        var link = Find(control, name) ?? throw new TapException($"There is no bridge '{name}'; make it with: ip link add name {name} type bridge");
        return link.Kind == "bridge" ? link.Index : throw new TapException($"The interface '{name}' is not a bridge.");
    }

    private static TapStatus StatusOf(int error) => error switch
    {
        Libc.EAGAIN or Libc.ENOMEM or Libc.ENOBUFS => TapStatus.WouldBlock,
        Libc.EIO => TapStatus.Down,
        Libc.EBADFD or Libc.EBADF or Libc.ENODEV or Libc.ENXIO => TapStatus.Gone,
        _ => TapStatus.Refused,
    };
}
