using System.Diagnostics;
using System.Text;

namespace VpnWs.Tests.Framework;

/// <summary>A started program: what it says, what it uses, and its end. Disposing kills it.</summary>
internal sealed class ProcessUnderTest : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly CountdownEvent _openPipes = new(2);

    private ProcessUnderTest(Process process, string commandLine)
    {
        _process = process;
        CommandLine = commandLine;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Running.Add(this);
    }

    public string CommandLine { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public ProcessVitals Vitals => new(Id);

    /// <summary>Everything said so far on standard output and standard error, in the order of arrival.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    public static ProcessUnderTest Start(NetworkNamespace? where, params IEnumerable<string> command)
    {
        string[] words = where is null ? [.. command] : ["ip", "netns", "exec", where.Name, .. command];
        var info = new ProcessStartInfo(words[0], words[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["LC_ALL"] = "C" },
        };
        return new ProcessUnderTest(new Process { StartInfo = info }, string.Join(' ', words));
    }

    /// <summary>Runs a command to its end and returns what it said; any other exit code than 0 fails the test.</summary>
    public static string Run(NetworkNamespace? where, params IEnumerable<string> command)
    {
        using var process = Start(where, command);
        var code = process.WaitForExit();
        Assert.True(code == 0, $"Exit code {code}: {process}");
        return process.Output;
    }

    public void Signal(UnixSignal signal)
    {
        if (!HasExited) Posix.Kill(Id, signal);
    }

    public int WaitForExit(TimeSpan? deadline = null)
    {
        var limit = deadline ?? Eventually.DefaultDeadline;
        if (!_process.WaitForExit(limit)) Assert.Fail($"Still running after {limit.TotalSeconds:0.#} s: {this}");
        // A grandchild may hold the pipes open for longer than the program lives: its words are not waited for.
        _openPipes.Wait(TimeSpan.FromSeconds(1));
        return _process.ExitCode;
    }

    public void WaitForOutput(string text, TimeSpan? deadline = null) =>
        Eventually.True($"'{text}' in the output", () => Output.Contains(text, StringComparison.OrdinalIgnoreCase), deadline, ToString);

    public override string ToString() =>
        $"{CommandLine}{Environment.NewLine}[{(HasExited ? $"exit code {_process.ExitCode}" : "running")}]{Environment.NewLine}{Output}";

    public void Dispose()
    {
        if (!Running.Remove(this)) return;
        if (!HasExited || _process.ExitCode != 0) TestContext.Current.TestOutputHelper?.WriteLine(ToString());
        Signal(UnixSignal.Kill);
        _process.WaitForExit(TimeSpan.FromSeconds(5));
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            _openPipes.Signal();
            return;
        }

        lock (_output) _output.AppendLine(line);
    }

    /// <summary>Those that live, so that none outlives this process.</summary>
    private static class Running
    {
        private static readonly HashSet<ProcessUnderTest> Processes = [];

        static Running() => AppDomain.CurrentDomain.ProcessExit += (_, _) => KillAll();

        public static void Add(ProcessUnderTest process)
        {
            lock (Processes) Processes.Add(process);
        }

        public static bool Remove(ProcessUnderTest process)
        {
            lock (Processes) return Processes.Remove(process);
        }

        private static void KillAll()
        {
            lock (Processes)
            {
                foreach (var process in Processes) process.Signal(UnixSignal.Kill);
            }
        }
    }
}
