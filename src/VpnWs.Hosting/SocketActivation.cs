using System.Globalization;
using System.Net.Sockets;
using VpnWs.Transport;

namespace VpnWs.Hosting;

/// <summary>A listening socket that the service manager made for us.</summary>
/// <param name="Name">What it is called (<c>FileDescriptorName=</c>); empty where it has no name.</param>
/// <param name="Address">What to listen on.</param>
internal sealed record ActivatedSocket(string Name, ListenAddress Address);

/// <summary>Takes the sockets of the service manager over (sd_listen_fds(3)).</summary>
internal static class SocketActivation
{
    private const int FirstDescriptor = 3;
    private const string CountVariable = "LISTEN_FDS";
    private const string ProcessVariable = "LISTEN_PID";
    private const string NamesVariable = "LISTEN_FDNAMES";

    /// <summary>The sockets, none where there are none for this process; their variables are gone afterwards, and commands do not inherit them.</summary>
    /// <exception cref="ProgramException">One is no listening stream socket.</exception>
    public static IReadOnlyList<ActivatedSocket> Take()
    {
        var (count, process, names) = (Read(CountVariable), Read(ProcessVariable), Read(NamesVariable));
        if (process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)) return [];
        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number <= 0) return [];
        foreach (var variable in (string[])[CountVariable, ProcessVariable, NamesVariable]) Environment.SetEnvironmentVariable(variable, null);
        var called = names?.Split(':') ?? [];
        return [.. Enumerable.Range(0, number).Select(i => new ActivatedSocket(i < called.Length ? called[i] : "", Open(FirstDescriptor + i)))];
    }

    private static string? Read(string variable) => Environment.GetEnvironmentVariable(variable);

    private static ListenAddress Open(int descriptor)
    {
        try
        {
            _ = LibC.ControlDescriptor(descriptor, LibC.SetDescriptorFlags, LibC.CloseOnExec);
            return ListenAddress.FromSocket(new Socket(new SafeSocketHandle(descriptor, ownsHandle: true)));
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw new ProgramException(string.Create(CultureInfo.InvariantCulture, $"descriptor {descriptor} of the service manager is no listening stream socket"), innerException: e);
        }
    }
}
