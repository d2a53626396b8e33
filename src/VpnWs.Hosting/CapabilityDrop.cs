using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace VpnWs.Hosting;

/// <summary>
/// Takes capabilities from every thread. capset(2) is for the calling thread alone, and the runtime has made threads before any of our code ran, so each is
/// made to call it itself: by a signal whose handler is a few bytes of machine code that does just that. The C library does the same for setuid, and libpsx
/// for this. What came of it is then read from the kernel.
/// </summary>
internal static unsafe class CapabilityDrop
{
    private const int Signal = 60;
    private const nint SetCapabilities = 126;
    private const nint SignalThread = 234;
    private const uint Version3 = 0x2008_0522;
    private const int PageSize = 4096;
    private const int DataAt = 256;
    private const int Words = 2;
    private const int Tries = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Takes all but some capabilities, for good.</summary>
    /// <param name="kept">Those that stay, where they are there.</param>
    /// <returns>Null, or why it could not be done.</returns>
    public static string? Apply(Capability kept)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return "this kind of machine is not known well enough";
        if (Left(kept).Count == 0) return null;
        var page = LibC.MapMemory(0, PageSize, LibC.ReadMemory | LibC.WriteMemory, LibC.PrivateMemory | LibC.AnonymousMemory, -1, 0);
        if (page == -1) return Marshal.GetLastPInvokeErrorMessage();
        Prepare(page, kept & (Capability)Permitted("self"));
        if (LibC.SystemCall(SetCapabilities, (nuint)page, (nuint)(page + DataAt), 0) != 0) return Marshal.GetLastPInvokeErrorMessage();
        var code = LibC.MapMemory(0, PageSize, LibC.ReadMemory | LibC.WriteMemory, LibC.PrivateMemory | LibC.AnonymousMemory, -1, 0);
        if (code == -1) return Marshal.GetLastPInvokeErrorMessage();
        Handler(page).CopyTo(new Span<byte>((void*)code, PageSize));
        if (LibC.ProtectMemory(code, PageSize, LibC.ReadMemory | LibC.ExecuteMemory) != 0) return Marshal.GetLastPInvokeErrorMessage();

        // A thread that was made by one that had not been told yet has what that one had.
        for (var i = 0; i < Tries; i++)
        {
            if (Broadcast(code, Left(kept)) is { } fault) return fault;
            for (var watch = Stopwatch.StartNew(); watch.Elapsed < Patience && Left(kept).Count > 0;) Thread.Sleep(1);
            if (Left(kept).Count == 0) return null;
        }

        return "some threads keep capabilities";
    }

    /// <summary>The threads that have more than they may keep.</summary>
    private static List<string> Left(Capability kept) =>
        [.. Directory.GetDirectories("/proc/self/task").Select(path => Path.GetFileName(path)).Where(thread => (Permitted($"self/task/{thread}") & ~(ulong)kept) != 0)];

    private static ulong Permitted(string path)
    {
        try
        {
            var line = File.ReadLines($"/proc/{path}/status").FirstOrDefault(line => line.StartsWith("CapPrm:", StringComparison.Ordinal));
            return line is null ? 0 : ulong.Parse(line[7..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // The thread has ended.
            return 0;
        }
    }

    /// <summary>Writes what the call is given: struct __user_cap_header_struct, then struct __user_cap_data_struct for the low and the high 32 capabilities.</summary>
    private static void Prepare(nint page, Capability kept)
    {
        var header = (uint*)page;
        header[0] = Version3;
        var data = (uint*)(page + DataAt);
        for (var i = 0; i < Words; i++)
        {
            var word = (uint)((ulong)kept >> (32 * i));
            data[3 * i] = word;
            data[(3 * i) + 1] = word;
            data[(3 * i) + 2] = 0;
        }
    }

    /// <summary>mov eax, capset; mov rdi, header; mov rsi, data; syscall; ret.</summary>
    private static byte[] Handler(nint page) =>
    [
        0xb8, .. BitConverter.GetBytes((int)SetCapabilities),
        0x48, 0xbf, .. BitConverter.GetBytes((long)page),
        0x48, 0xbe, .. BitConverter.GetBytes((long)page + DataAt),
        0x0f, 0x05,
        0xc3,
    ];

    private static string? Broadcast(nint handler, List<string> threads)
    {
        var action = new LibC.SignalAction { Handler = handler, Flags = LibC.RestartCalls };
        if (LibC.SetSignalAction(Signal, &action, null) != 0) return Marshal.GetLastPInvokeErrorMessage();
        foreach (var thread in threads)
            _ = LibC.SystemCall(SignalThread, (nuint)Environment.ProcessId, nuint.Parse(thread, CultureInfo.InvariantCulture), Signal);
        return null;
    }
}
