namespace VpnWs.Taps;

/// <summary>Makes the kind of tap that this operating system has.</summary>
public static class TapFactory
{
    /// <summary>Makes a tap, or attaches to a persistent one, and sets it up as asked.</summary>
    /// <exception cref="TapException">It could not be done; the message says why, and what to do.</exception>
    /// <exception cref="PlatformNotSupportedException">There is no tap for this operating system yet.</exception>
    public static ITap Open(TapOptions options) => OperatingSystem.IsLinux()
        ? LinuxTap.Open(options)
        : throw new PlatformNotSupportedException("Taps are made on Linux only so far; use an in-memory pair (LoopbackTap) on this system.");
}
