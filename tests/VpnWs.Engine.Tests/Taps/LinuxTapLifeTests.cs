using System.Runtime.Versioning;
using VpnWs.Ethernet;
using VpnWs.Taps;

namespace VpnWs.Tests.Taps;

[SupportedOSPlatform("linux")]
public sealed class LinuxTapLifeTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly NamespaceThread _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_tap_that_is_down_drops_what_is_written_and_lives_again_once_up() => _host.Run(() =>
    {
        using var tap = LinuxTap.Open(new TapOptions { Name = "vpn0" });
        var frame = Frames.Broadcast(60);
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(TapStatus.Down, tap.Write(frame));
            Assert.Equal(TapStatus.WouldBlock, Frames.Drain(tap));
            tap.SetUp(true);
            Assert.Equal(TapStatus.Done, tap.Write(frame));
            Frames.Seek(tap, f => EthernetFrame.Source(f) == tap.Address);
            tap.SetUp(false);
        }
    });

    [Fact]
    public void A_deleted_tap_is_gone_for_every_call() => _host.Run(() =>
    {
        using var tap = LinuxTap.Open(new TapOptions { Name = "vpn0", Up = true });
        Links.Delete(tap.Index);
        Assert.Equal(TapStatus.Gone, tap.Write(Frames.Broadcast(60)));
        Assert.Equal(TapStatus.Gone, Frames.Drain(tap));
        tap.Wait(Timeout.Infinite);
        AssertGone(tap);
    });

    [Fact]
    public void Deletion_ends_the_wait_of_the_reader()
    {
        using var tap = _host.Run(() => LinuxTap.Open(new TapOptions { Name = "vpn0", Up = true }));
        var last = TapStatus.Done;
        Thread reader = new(() =>
        {
            while ((last = Frames.Drain(tap)) == TapStatus.WouldBlock) tap.Wait(Timeout.Infinite);
        });
        reader.IsBackground = true;
        reader.Start();
        _host.Run(() => Links.Delete(tap.Index));
        Assert.True(reader.Join(Patience));
        Assert.Equal(TapStatus.Gone, last);
    }

    [Fact]
    public void A_renamed_tap_is_still_set_up_under_its_index() => _host.Run(() =>
    {
        using var tap = LinuxTap.Open(new TapOptions { Name = "vpn0" });
        Links.Rename(tap.Index, "other0");
        tap.SetMtu(1400);
        tap.SetUp(true);
        Assert.Equal((1400, true), (Kernel.MtuOf("other0"), Kernel.IsUp("other0")));
        Assert.Equal(("vpn0", 1400, true), (tap.Name, tap.Mtu, tap.IsUp));
        Assert.Equal(TapStatus.Done, tap.Write(Frames.Broadcast(60)));
    });

    [Fact]
    public void A_tap_moved_into_another_network_namespace_goes_on_passing_frames()
    {
        using NamespaceThread elsewhere = new();
        using var tap = _host.Run(() => LinuxTap.Open(new TapOptions { Name = "vpn0", Mtu = 1400 }));
        _host.Run(() => Links.Move(tap.Index, elsewhere));
        Assert.Equal(TapStatus.Down, tap.Write(Frames.Broadcast(60)));
        var mac = tap.Address;
        Assert.Equal(1400, tap.Mtu);
        Assert.Contains("another network namespace", Assert.Throws<TapException>(() => tap.SetUp(true)).Message);
        Assert.Throws<TapException>(() => tap.IsUp);

        elsewhere.Run(() =>
        {
            using InterfaceControl control = new();
            Assert.Equal(0, control.SetUp(control.Find("vpn0")!.Value.Index, true).Error);
        });
        Assert.Equal(TapStatus.Done, tap.Write(Frames.Broadcast(60)));
        Assert.Equal(mac, EthernetFrame.Source(Frames.Seek(tap, f => Frames.EtherType(f) == Frames.IPv6)));
    }

    [Fact]
    public void A_disposed_tap_is_gone_for_every_call_and_may_be_disposed_twice() => _host.Run(() =>
    {
        var tap = LinuxTap.Open(new TapOptions { Name = "vpn0", Up = true });
        tap.Dispose();
        tap.Dispose();
        Assert.False(LinuxTap.Exists("vpn0"));
        Assert.Equal(TapStatus.Gone, tap.Write(Frames.Broadcast(60)));
        Assert.Equal(TapStatus.Gone, Frames.Drain(tap));
        AssertGone(tap);
        tap.Wake();
        tap.Wait(Timeout.Infinite);
    });

    [Fact]
    public void The_descriptor_of_a_disposed_tap_is_never_another_files() => _host.Run(() =>
    {
        var tap = LinuxTap.Open(new TapOptions { Name = "vpn0", Up = true });
        tap.Dispose();
        // Each takes the lowest free number, so one of these would have the tap's.
        var files = Enumerable.Range(0, 64).Select(_ => new FileStream(
            Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.DeleteOnClose)).ToArray();
        Assert.Equal(TapStatus.Gone, tap.Write(Frames.Broadcast(60)));
        Assert.All(files, file => Assert.Equal(0, file.Length));
        foreach (var file in files) file.Dispose();
    });

    [Fact]
    public void A_wake_ends_one_wait_even_when_it_comes_first() => _host.Run(() =>
    {
        using var tap = LinuxTap.Open(new TapOptions { Name = "vpn0" });
        tap.Wake();
        tap.Wait(Timeout.Infinite);
        var clock = Environment.TickCount64;
        tap.Wait(50);
        Assert.InRange(Environment.TickCount64 - clock, 40, (long)Patience.TotalMilliseconds);
        tap.Wait(0);
        Assert.Throws<ArgumentOutOfRangeException>(() => tap.Wait(-2));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_wait_without_end_is_ended_by_wake_and_by_disposal(bool dispose)
    {
        var tap = _host.Run(() => LinuxTap.Open(new TapOptions { Name = "vpn0" }));
        var id = 0L;
        Thread waiter = new(() =>
        {
            Volatile.Write(ref id, Kernel.ThreadId());
            tap.Wait(Timeout.Infinite);
        });
        waiter.IsBackground = true;
        waiter.Start();
        Assert.True(SpinWait.SpinUntil(() => IsAsleep(Volatile.Read(ref id)), Patience));
        if (!dispose) tap.Wake();
        else tap.Dispose();
        Assert.Equal(!dispose, _host.Run(() => LinuxTap.Exists("vpn0")));
        Assert.True(waiter.Join(Patience));
        tap.Dispose();
    }

    [Fact]
    public void Disposal_amid_reading_writing_and_waiting_is_safe()
    {
        for (var round = 0; round < 20; round++)
        {
            var tap = _host.Run(() => LinuxTap.Open(new TapOptions { Name = "vpn%d", Up = true }));
            using CountdownEvent busy = new(3);
            var statuses = new TapStatus[3];
            Thread[] threads =
            [
                new(() => Loop(0, () => Frames.Drain(tap), () => tap.Wait(Timeout.Infinite))),
                new(() => Loop(1, () => tap.Write(Frames.Broadcast(60)), tap.Wake)),
                new(() => Loop(2, () => tap.Write(Frames.Broadcast(1514)), tap.Wake)),
            ];
            foreach (var thread in threads)
            {
                thread.IsBackground = true;
                thread.Start();
            }

            Assert.True(busy.Wait(Patience, TestContext.Current.CancellationToken));
            tap.Dispose();
            Assert.All(threads, thread => Assert.True(thread.Join(Patience)));
            Assert.All(statuses, status => Assert.Equal(TapStatus.Gone, status));

            void Loop(int which, Func<TapStatus> use, Action then)
            {
                for (var first = true; (statuses[which] = use()) != TapStatus.Gone; first = false)
                {
                    if (first) busy.Signal();
                    then();
                }
            }
        }

        Assert.False(_host.Run(() => LinuxTap.Exists("vpn0")));
    }

    // The letter after the thread's name in proc_pid_stat(5).
    private static bool IsAsleep(long thread) => thread != 0 && File.ReadAllText($"/proc/self/task/{thread}/stat").Contains(") S ", StringComparison.Ordinal);

    private static void AssertGone(LinuxTap tap)
    {
        Action[] calls =
        [
            () => _ = tap.Address, () => _ = tap.Mtu, () => _ = tap.IsUp, () => tap.SetUp(true), () => tap.SetMtu(1400),
            () => tap.SetAddress(MacAddress.Parse("02:00:00:00:00:01")), () => tap.AddIPAddress(InterfaceAddress.Parse("10.9.0.1/24")), () => tap.JoinBridge("lo"),
        ];
        Assert.All(calls, call => Assert.Contains("'vpn0' has gone", Assert.Throws<TapException>(call).Message));
    }
}
