using System.Net.Sockets;
using System.Text;
using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>What tools such as <c>dotnet-counters</c> see of the shipped programs where they are told to let them, over the runtime's diagnostics protocol (dotnet/diagnostics, ipc-protocol.md).</summary>
public sealed class DiagnosticsTests
{
    private const byte EventPipeCommands = 2;
    private const byte CollectTracing2 = 3;
    private const uint BufferMegabytes = 16;
    private const uint NetTraceFormat = 1;
    private const ulong TimeSeriesValues = 2;
    private const uint Informational = 4;
    private const int HeaderLength = 20;

    [Fact]
    public void The_meter_is_seen_from_outside_with_no_confine_and_nothing_without()
    {
        using var scratch = new Scratch();
        using var server = Start("--no-confine", scratch.PathOf("open.sock"));
        var path = Assert.Single(Directory.GetFiles(scratch.Folder, $"dotnet-diagnostic-{server.Id}-*-socket"));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };
        socket.Connect(new UnixDomainSocketEndPoint(path));
        socket.Send(AskFor("System.Diagnostics.Metrics", "SessionId=test;ClientId=test;Metrics=VpnWs;RefreshInterval=1;MaxTimeSeries=100;MaxHistograms=10"));
        var name = Encoding.Unicode.GetBytes("vpnws.frames");
        var seen = new List<byte>();
        var part = new byte[64 * 1024];
        while (new ReadOnlySpan<byte>([.. seen]).IndexOf(name) < 0)
        {
            var received = socket.Receive(part);
            Assert.True(received > 0, "The program ended the session.");
            seen.AddRange(part.AsSpan(0, received));
        }

        using var confined = Start(scratch.PathOf("vpn.sock"));
        Assert.Empty(Directory.GetFiles(scratch.Folder, $"*-{confined.Id}-*"));

        ProcessUnderTest Start(params string[] arguments)
        {
            var process = ProcessUnderTest.Start(null, ["env", "-u", "DOTNET_EnableDiagnostics", $"TMPDIR={scratch.Folder}", ProgramPair.Ours.Server, .. arguments]);
            process.WaitForOutput("info: ready");
            return process;
        }
    }

    private static byte[] AskFor(string provider, string arguments)
    {
        using var body = new MemoryStream();
        using var writer = new BinaryWriter(body, Encoding.Unicode);
        writer.Write(BufferMegabytes);
        writer.Write(NetTraceFormat);
        writer.Write(false);
        writer.Write(1);
        writer.Write(TimeSeriesValues);
        writer.Write(Informational);
        foreach (var text in (string[])[provider, arguments])
        {
            writer.Write(text.Length + 1);
            writer.Write($"{text}\0".ToCharArray());
        }

        return [.. "DOTNET_IPC_V1\0"u8, .. BitConverter.GetBytes((ushort)(HeaderLength + body.Length)), EventPipeCommands, CollectTracing2, 0, 0, .. body.ToArray()];
    }
}
