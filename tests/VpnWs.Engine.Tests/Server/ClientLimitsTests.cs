using System.Net;
using VpnWs.Server;

namespace VpnWs.Tests.Server;

/// <summary>What one address and one user may take, with a clock of the test's own.</summary>
public sealed class ClientLimitsTests
{
    private static readonly IPAddress Mallory = IPAddress.Parse("192.0.2.66");
    private static readonly IPAddress Alice = IPAddress.Parse("192.0.2.1");

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("127.0.0.9", null)]
    [InlineData("::1", null)]
    [InlineData("::ffff:127.0.0.1", null)]
    [InlineData("nonsense", null)]
    [InlineData("", null)]
    public void A_client_is_counted_by_its_address_or_its_64_and_this_machine_not_at_all(string address, string? key) =>
        Assert.Equal(key, ClientAddress.KeyOf(address)?.ToString());

    [Fact]
    public void One_address_holds_no_more_handshakes_at_once_than_it_may_and_others_do_not_notice()
    {
        var limits = new ClientLimits(new VpnWsServerOptions { MaxHandshakesPerAddress = 3 });
        for (var i = 0; i < 3; i++) Assert.Null(limits.BeginHandshake(Mallory, 0));
        Assert.Contains("3 handshakes at once", limits.BeginHandshake(Mallory, 0), StringComparison.Ordinal);
        Assert.Null(limits.BeginHandshake(Alice, 0));
        limits.EndHandshake(Mallory);
        Assert.Null(limits.BeginHandshake(Mallory, 0));
    }

    [Fact]
    public void A_rate_is_kept_over_time_with_ten_seconds_worth_at_once()
    {
        var limits = new ClientLimits(new VpnWsServerOptions { HandshakeRatePerAddress = 10 });
        Assert.Equal(100, Begun(limits, Mallory, 0, 200));
        Assert.Contains("10 handshakes a second", limits.BeginHandshake(Mallory, 0), StringComparison.Ordinal);
        Assert.Equal(1, Begun(limits, Alice, 0, 1));
        Assert.Equal(10, Begun(limits, Mallory, 1000, 100));
        Assert.Equal(100, Begun(limits, Mallory, 1_000_000, 200));
    }

    [Fact]
    public void Who_is_nobody_known_has_no_limits()
    {
        var limits = new ClientLimits(new VpnWsServerOptions { HandshakeRatePerAddress = 1, MaxHandshakesPerAddress = 1, MaxPeersPerAddress = 1, MaxPeersPerUser = 1 });
        for (var i = 0; i < 1000; i++)
        {
            Assert.Null(limits.BeginHandshake(null, 0));
            Assert.Null(limits.Join(null, null));
            Assert.Equal(TimeSpan.FromSeconds(1), limits.Failed(null, 0));
            Assert.False(limits.IsGuessing(null));
        }
    }

    [Fact]
    public void Peers_are_counted_by_address_and_by_user_and_leave_their_places_behind()
    {
        var limits = new ClientLimits(new VpnWsServerOptions { MaxPeersPerAddress = 3, MaxPeersPerUser = 2 });
        Assert.Null(limits.Join(Mallory, "user m"));
        Assert.Null(limits.Join(Mallory, "user m"));
        Assert.Contains("2 peers of this user", limits.Join(Mallory, "user m"), StringComparison.Ordinal);

        // A refusal takes no place of the address.
        Assert.Null(limits.Join(Mallory, "user n"));
        Assert.Contains("3 peers from this address", limits.Join(Mallory, "user o"), StringComparison.Ordinal);
        Assert.Contains("2 peers of this user", limits.Join(Alice, "user m"), StringComparison.Ordinal);
        limits.Leave(Mallory, "user m");
        Assert.Null(limits.Join(Alice, "user m"));
    }

    [Fact]
    public void Each_wrong_password_waits_longer_up_to_eight_seconds_and_is_forgotten()
    {
        var limits = new ClientLimits(new VpnWsServerOptions());
        Assert.Equal([1, 1, 1, 2, 4, 8, 8, 8], Enumerable.Range(0, 8).Select(_ => Wait(Mallory, 0)));
        Assert.Equal(1, Wait(Alice, 0));
        Assert.Equal(4, Wait(Mallory, 60_000));
        Assert.Equal(1, Wait(Mallory, 300_000));

        double Wait(IPAddress client, long now)
        {
            var wait = limits.Failed(client, now)!.Value.TotalSeconds;
            limits.EndFailed(client);
            return wait;
        }
    }

    [Fact]
    public void No_more_than_eight_wrong_passwords_of_an_address_wait_at_once_and_no_more_are_looked_at()
    {
        var limits = new ClientLimits(new VpnWsServerOptions());
        for (var i = 0; i < 8; i++)
        {
            Assert.False(limits.IsGuessing(Mallory));
            Assert.NotNull(limits.Failed(Mallory, 0));
        }

        Assert.True(limits.IsGuessing(Mallory));
        Assert.Null(limits.Failed(Mallory, 0));
        Assert.False(limits.IsGuessing(Alice));
        limits.EndFailed(Mallory);
        Assert.False(limits.IsGuessing(Mallory));
    }

    [Fact]
    public void Addresses_without_end_take_no_memory_without_end()
    {
        var rate = new HandshakeRate(10);
        for (var i = 0; i < HandshakeRate.MaxAddresses + 1000; i++) Assert.True(rate.TryBegin(new IPAddress(i + 1), 0));
        Assert.Equal(HandshakeRate.MaxAddresses, rate.Count);
        rate.Tick(100);
        Assert.Equal(0, rate.Count);
    }

    private static int Begun(ClientLimits limits, IPAddress client, long now, int times)
    {
        var begun = 0;
        for (var i = 0; i < times; i++)
        {
            if (limits.BeginHandshake(client, now) is not null) continue;
            begun++;
            limits.EndHandshake(client);
        }

        return begun;
    }
}
