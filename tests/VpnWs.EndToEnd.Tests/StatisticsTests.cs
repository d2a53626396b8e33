using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>What the programs tell of their work.</summary>
public sealed class StatisticsTests
{
    [Fact]
    public void SIGUSR1_writes_a_summary_to_the_log_and_ends_nothing()
    {
        const int pings = 20;
        using var lan = Lan.Start();
        var (one, other) = (lan.Clients[0], lan.Clients[1]);
        Ping.WaitUntilReaches(one.Machine, other.Address);
        Assert.Equal(0, Ping.Send(one.Machine, other.Address, count: pings).Lost);
        foreach (var (program, peers) in new[] { (lan.Server, 2), (one.Process, 1), (other.Process, 1) })
        {
            program.Signal(UnixSignal.User1);
            program.WaitForOutput($"statistics: {peers} peers; received ");
            var frames = System.Text.RegularExpressions.Regex.Match(program.Output, "received ([0-9]+) frames .*; sent ([0-9]+) frames ");
            Assert.True(int.Parse(frames.Groups[1].Value, null) >= pings && int.Parse(frames.Groups[2].Value, null) >= pings, program.Output);
            Assert.Contains(" messages per receive", program.Output, StringComparison.Ordinal);
        }

        Assert.Equal(0, Ping.Send(one.Machine, other.Address).Lost);
    }
}
