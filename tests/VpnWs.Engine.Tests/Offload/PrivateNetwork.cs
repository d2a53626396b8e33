using System.ComponentModel;
using System.Net;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text;

namespace VpnWs.Tests.Offload;

/// <summary>A network namespace of one thread's own, gone with the thread: what is made in it touches nothing outside.</summary>
internal static partial class PrivateNetwork
{
    public const int NameLength = 16;
    public const int RequestLength = 40;

    private const int NewNetwork = 0x4000_0000;
    private const int Inet = 2;
    private const int Inet6 = 10;
    private const int Datagram = 2;
    private const uint GetFlags = 0x8913;
    private const uint SetFlags = 0x8914;
    private const uint SetAddressRequest = 0x8916;
    private const uint SetNetmaskRequest = 0x891c;
    private const uint GetIndex = 0x8933;
    private const uint AddBridge = 0x89a0;
    private const uint AddToBridge = 0x89a2;
    private const short Up = 1;
    private const int Tentative = 0x40;
    private const int Patience = 10_000;

    /// <summary>Skips the test where the kernel cannot be asked.</summary>
    public static void SkipUnlessPossible()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only.");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Making taps and namespaces needs root.");
        Assert.SkipUnless(File.Exists("/dev/net/tun"), "There is no /dev/net/tun.");
    }

    /// <summary>Runs <paramref name="body"/> to its end in a namespace of its own.</summary>
    public static void Run(Action body) => Start(body).Join();

    /// <summary>Starts <paramref name="body"/> in a namespace of its own.</summary>
    public static Running Start(Action body)
    {
        var running = new Running();
        var thread = new Thread(() => running.Execute(() =>
        {
            Check(Unshare(NewNetwork));

            // Keeps the interfaces from announcing themselves, and addresses usable at once.
            File.WriteAllText("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
            File.WriteAllText("/proc/sys/net/ipv6/conf/default/router_solicitations", "0");
            body();
        }))
        { IsBackground = true };
        running.Thread = thread;
        thread.Start();
        return running;
    }

    /// <summary>Makes a bridge over the given interfaces.</summary>
    public static void MakeBridge(string name, params string[] ports)
    {
        Request(Inet, AddBridge, Named(name));
        foreach (var port in ports)
        {
            var request = Named(name);
            BitConverter.TryWriteBytes(request.AsSpan(NameLength), IndexOf(port));
            Request(Inet, AddToBridge, request);
        }

        BringUp(name);
    }

    public static void BringUp(string name)
    {
        var request = Named(name);
        Request(Inet, GetFlags, request);
        BitConverter.TryWriteBytes(request.AsSpan(NameLength), (short)(BitConverter.ToInt16(request, NameLength) | Up));
        Request(Inet, SetFlags, request);
    }

    /// <summary>Gives an interface an IPv4 address of a /24 or an IPv6 address of a /64.</summary>
    public static void SetAddress(string name, IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        if (bytes.Length == 16)
        {
            Request(Inet6, SetAddressRequest, [.. bytes, 64, 0, 0, 0, .. BitConverter.GetBytes(IndexOf(name))]);

            // Even with no detection of duplicates a worker of the kernel has to declare the address usable.
            Assert.True(SpinWait.SpinUntil(() => !IsTentative(bytes), Patience));
            return;
        }

        Request(Inet, SetAddressRequest, [.. Named(name)[..NameLength], Inet, 0, 0, 0, .. bytes, .. new byte[16]]);
        Request(Inet, SetNetmaskRequest, [.. Named(name)[..NameLength], Inet, 0, 0, 0, 255, 255, 255, 0, .. new byte[16]]);
    }

    public static byte[] Named(string name)
    {
        var request = new byte[RequestLength];
        Encoding.ASCII.GetBytes(name, request);
        return request;
    }

    public static int Check(nint result) => result >= 0 ? (int)result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(int descriptor, nuint request, Span<byte> argument);

    private static bool IsTentative(byte[] address)
    {
        var line = File.ReadLines("/proc/thread-self/net/if_inet6").First(line => line.StartsWith(Convert.ToHexStringLower(address), StringComparison.Ordinal));
        return (Convert.ToInt32(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4], 16) & Tentative) != 0;
    }

    private static int IndexOf(string name)
    {
        var request = Named(name);
        Request(Inet, GetIndex, request);
        return BitConverter.ToInt32(request, NameLength);
    }

    private static void Request(int family, uint code, byte[] request)
    {
        var descriptor = Check(Socket(family, Datagram, 0));
        try
        {
            Check(Control(descriptor, code, request));
        }
        finally
        {
            Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    /// <summary>A body under way in its namespace.</summary>
    internal sealed class Running
    {
        private ExceptionDispatchInfo? _failure;

        public Thread? Thread { get; set; }

        public bool IsDone { get; private set; }

        /// <summary>Waits for the end, and throws what the body threw.</summary>
        public void Join()
        {
            Thread!.Join();
            _failure?.Throw();
        }

        public void Execute(Action body)
        {
            try
            {
                body();
            }
#pragma warning disable CA1031 // Whatever it is, it is thrown again by Join.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                _failure = ExceptionDispatchInfo.Capture(failure);
            }
            finally
            {
                IsDone = true;
            }
        }
    }
}
