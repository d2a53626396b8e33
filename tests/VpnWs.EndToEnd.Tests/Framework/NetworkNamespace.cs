using System.Globalization;

namespace VpnWs.Tests.Framework;

/// <summary>A network namespace of our own: a machine as far as the network goes. Named after this process, so that dead runs can be swept.</summary>
internal sealed class NetworkNamespace : IDisposable
{
    private const string Prefix = "vpnws-";
    private const string Folder = "/run/netns";

    private static readonly Lazy<int> Swept = new(Sweep);
    private static int s_count;

    public NetworkNamespace(string role)
    {
        Requires.Root();
        _ = Swept.Value;
        Name = $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}-{role}";
        ProcessUnderTest.Run(null, "ip", "netns", "add", Name);
        Ip("link set lo up");
    }

    public string Name { get; }

    /// <summary>Starts a program in here.</summary>
    public ProcessUnderTest Start(params IEnumerable<string> command) => ProcessUnderTest.Start(this, command);

    /// <summary>Runs a command in here to its successful end and returns what it said.</summary>
    public string Run(params IEnumerable<string> command) => ProcessUnderTest.Run(this, command);

    /// <summary>Runs <c>ip</c> on this namespace; the words are parted at spaces.</summary>
    public string Ip(string arguments) => ProcessUnderTest.Run(null, ["ip", "-n", Name, .. arguments.Split(' ')]);

    public bool HasLink(string name)
    {
        using var process = ProcessUnderTest.Start(null, "ip", "-n", Name, "link", "show", name);
        return process.WaitForExit() == 0;
    }

    /// <summary>The hardware address of a link.</summary>
    public string LinkAddress(string name)
    {
        var words = Ip($"-o link show {name}").Split(' ');
        return words[Array.IndexOf(words, "link/ether") + 1];
    }

    /// <summary>Lays a cable to another namespace.</summary>
    public void Connect(string link, NetworkNamespace other, string otherLink)
    {
        Ip($"link add {link} type veth peer name {otherLink} netns {other.Name}");
        Ip($"link set {link} up");
        other.Ip($"link set {otherLink} up");
    }

    /// <summary>Does something, such as making a socket, on a thread that lives in here.</summary>
    public T Inside<T>(Func<T> action)
    {
        var result = default(T)!;
        Exception? error = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var file = File.OpenHandle(Path.Combine(Folder, Name));
                Posix.EnterNetworkNamespace(file);
                result = action();
            }
            catch (Exception e)
            {
                error = e;
            }
        });
        thread.Start();
        thread.Join();
        if (error is not null) throw new InvalidOperationException($"In namespace {Name}: {error.Message}", error);
        return result;
    }

    /// <summary>Makes programs started in here find a host name; <c>ip netns exec</c> shows them our file as /etc/hosts.</summary>
    public void AddHost(string name, string address)
    {
        var folder = Directory.CreateDirectory(OwnFilesOf(Name)).FullName;
        File.AppendAllText(Path.Combine(folder, "hosts"), $"{address} {name}\n");
    }

    public void Dispose() => Delete(Name);

    private static string OwnFilesOf(string name) => Path.Combine("/etc/netns", name);

    private static int Sweep()
    {
        var leftovers = DeadRuns.Leftovers(Folder, Prefix).Select(path => Path.GetFileName(path)).ToList();
        leftovers.ForEach(Delete);
        return leftovers.Count;
    }

    private static void Delete(string name)
    {
        // A process of a dead run or of a test that failed half-way would keep the namespace alive without a name.
        foreach (var pid in ProcessUnderTest.Run(null, "ip", "netns", "pids", name).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Posix.Kill(int.Parse(pid, CultureInfo.InvariantCulture), UnixSignal.Kill);
        ProcessUnderTest.Run(null, "ip", "netns", "delete", name);
        var ownFiles = OwnFilesOf(name);
        if (Directory.Exists(ownFiles)) Directory.Delete(ownFiles, recursive: true);
    }
}
