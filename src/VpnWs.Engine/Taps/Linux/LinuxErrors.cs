using System.Globalization;
using System.Runtime.InteropServices;

namespace VpnWs.Taps;

/// <summary>Makes of error numbers and of the kernel's own words the one line that says what is wrong and what to do.</summary>
internal static class LinuxErrors
{
    internal const string WaysToRights = "run as root or give the program the capability CAP_NET_ADMIN";

    /// <summary>A failure with nothing more to say than the system's word for it.</summary>
    internal static TapException Failed(string what, int error, string? kernelText = null) =>
        new($"{what}: {Reason(error, kernelText)}.") { IsPermission = error is Libc.EPERM or Libc.EACCES };

    /// <summary>A step of the set-up failed; without rights, <paramref name="command"/> says how to take it beforehand.</summary>
    internal static TapException Step(string what, NetlinkResult result, string command) =>
        result.Error == Libc.EPERM
            ? new TapException($"{what}: not permitted; {WaysToRights}, or do it beforehand: {command}") { IsPermission = true }
            : Failed(what, result.Error, result.Text);

    /// <summary>The device file could not be opened.</summary>
    internal static TapException Device(string path, int error) => error switch
    {
        Libc.ENOENT or Libc.ENODEV or Libc.ENXIO => new TapException(
            $"Cannot make a tap: there is no {path}; load the kernel module with 'modprobe tun', or hand the device to the container."),
        Libc.EACCES or Libc.EPERM => new TapException(
            $"Cannot make a tap: {path} may not be opened; run as root, or allow it with 'chmod 0666 {path}' and have CAP_NET_ADMIN or attach to a persistent tap made beforehand.")
        {
            IsPermission = true,
        },
        _ => Failed($"Cannot open {path}", error),
    };

    /// <summary>The kernel would not make the interface, or attach to it.</summary>
    internal static TapException Attach(string name, bool existed, int error) => (error, existed) switch
    {
        (Libc.EPERM, true) => new TapException(
            $"The tap '{name}' may not be used by this user: {WaysToRights}, or have it made anew for you: {MakeCommand(name)}")
        {
            IsPermission = true,
        },
        (Libc.EPERM, false) => new TapException(
            $"The tap '{name}' may not be made: {WaysToRights}, or attach to a persistent tap made beforehand: {MakeCommand(name)}")
        {
            IsPermission = true,
        },
        (Libc.EBUSY, _) => new TapException(
            $"The tap '{name}' is busy: another program is attached to it; end that program or choose another name."),
        (Libc.EINVAL, true) => new TapException($"The interface '{name}' exists and is not a tap; choose another name."),
        (Libc.EINVAL, false) => new TapException($"The kernel refuses the interface name '{name}'; choose another."),
        (Libc.ENFILE, false) => new TapException($"No number is free for the interface name '{name}'; remove some interfaces or choose another name."),
        _ => Failed($"Cannot {(existed ? "attach to" : "make")} the tap '{name}'", error),
    };

    /// <summary>The interface is no longer there.</summary>
    internal static TapException Gone(string name) => new($"The tap '{name}' has gone: the interface was deleted or the tap disposed.");

    /// <summary>The interface is there, but out of this program's sight.</summary>
    internal static TapException Moved(string name) =>
        new($"The tap '{name}' is in another network namespace now: frames still pass, but it cannot be set up from here.");

    /// <summary>How the administrator makes a tap for this user.</summary>
    private static string MakeCommand(string name) => string.Create(
        CultureInfo.InvariantCulture,
        $"ip tuntap add dev {name.Replace("%d", "0", StringComparison.Ordinal)} mode tap user {Environment.UserName}");

    private static string Reason(int error, string? kernelText) =>
        string.IsNullOrEmpty(kernelText) ? Marshal.GetPInvokeErrorMessage(error) : kernelText.TrimEnd('.', '!', '\n');
}
