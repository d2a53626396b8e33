using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>A client built on a WebSocket library that knows nothing of us.</summary>
public sealed class ForeignClientTests
{
    /// <summary>Debian's own, which sees Debian's packages whatever other Python is on the PATH.</summary>
    private const string Python = "/usr/bin/python3";

    [Theory]
    [InlineData(Way.Direct)]
    [InlineData(Way.Nginx)]
    public void A_foreign_client_sends_and_receives_frames(Way way)
    {
        RequireLibrary();
        using var lan = Lan.Start(new LanOptions { Way = way, Clients = 1 });
        var machine = lan.AddMachine("foreign", 50);
        using var sniffer = RawWebSocket.Join(lan.SocketPath, EthernetFrames.Address(1));
        lan.Control.WaitForPeers(2);

        var output = machine.Run(Python, Path.Combine(AppContext.BaseDirectory, "foreign_client.py"), lan.Url, "10.88.0.50", lan.Clients[0].Address);

        Assert.Contains("extensions: [] subprotocol: None", output, StringComparison.Ordinal);
        Assert.Contains("pong", output, StringComparison.Ordinal);
        Assert.Contains($"found {lan.Clients[0].MacAddress}", output, StringComparison.Ordinal);
        Assert.Contains("closed 1000", output, StringComparison.Ordinal);
        byte[] frame;
        do frame = sniffer.ReadNext(RawFrame.Binary).Payload;
        while (frame[12] != 0x88 || frame[13] != 0xB5);
        Assert.Equal("fragmented"u8.ToArray(), frame[14..24]);
        lan.Control.WaitForPeers(2);
    }

    private static void RequireLibrary()
    {
        Requires.Root();
        if (!File.Exists(Python)) Assert.Skip($"Needs {Python}.");
        using var check = ProcessUnderTest.Start(null, Python, "-c", "import websockets");
        if (check.WaitForExit() != 0) Assert.Skip("Needs Debian's package python3-websockets.");
    }
}
