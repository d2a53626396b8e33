using VpnWs.Ethernet;
using VpnWs.Server;
using VpnWs.ServerProgram;

namespace VpnWs.Tests.Hosting;

public sealed class PeerListingTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly PeerInfo[] Peers =
    [
        new() { Id = 1, Mac = MacAddress.Parse("02:00:00:00:00:01"), IsTap = true, Transport = "tap", IsBridge = true, BytesSent = 1_240_000_000, BytesReceived = 999 },
        new()
        {
            Id = 12, Mac = MacAddress.Parse("02:00:00:00:00:02"), RemoteAddress = "192.0.2.7", RemoteUser = "ada", DistinguishedName = "CN=Ada King, O=Lovelace",
            ConnectedAt = Now.AddHours(-26), BytesSent = 12_345, BytesReceived = 5_000, FramesDropped = 3, Transport = "https", HasOffload = true,
        },
        new() { Id = 13, RemoteAddress = "2001:db8::1", RemoteUser = "eve\n\u001b[2J", ConnectedAt = Now.AddSeconds(-65), IsClassic = true, Transport = "uwsgi" },
    ];

    [Theory]
    [InlineData(4, "head,1,2,3")]
    [InlineData(3, "head,1,and 2 more")]
    [InlineData(2, "head,and 3 more")]
    [InlineData(1, "head,1,2,3")]
    [InlineData(int.MaxValue, "head,1,2,3")]
    public void What_is_watched_fits_the_height_of_a_terminal(int height, string expected) =>
        Assert.Equal(expected.Split(','), PeerListing.Cut(["head", "1", "2", "3"], height));

    [Fact]
    public void Peers_are_a_table() => Assert.Equal(
        [
            "ID  MAC                FROM         WHO                               UP    IN   OUT  DROPS  KIND",
            " 1  02:00:00:00:00:01                                                      999  1.2G      0  tap bridge+0",
        ],
        [.. List(null, int.MaxValue).Take(2).Select(line => line)]);

    [Fact]
    public void No_line_is_longer_than_the_terminal_is_wide_and_the_first_columns_stay()
    {
        for (var width = 30; width < 130; width++)
        {
            var lines = List(Peers, width);
            Assert.All(lines, line => Assert.True(line.Length <= width, $"{width}: {line}"));
            Assert.All(lines.Skip(1).Zip(Peers), pair => Assert.StartsWith($"{pair.Second.Id,2}  {pair.Second.Mac?.ToString() ?? "-"}", pair.First, StringComparison.Ordinal));
        }

        Assert.Contains("CN=A", List(null, 90)[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Rates_are_what_came_since_the_last_time()
    {
        PeerInfo[] before = [Peers[0], Peers[1] with { BytesReceived = 1_000, BytesSent = 345 }];
        var fields = PeerListing.Of(Peers, before, TimeSpan.FromSeconds(2), Now, int.MaxValue).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.Equal(["IN/s", "OUT/s", "IN", "OUT"], fields[0][5..9]);
        Assert.Equal(["2.0k", "6.0k", "5.0k", "12k"], fields[2][^7..^3]);
        Assert.Equal(["-", "-"], fields[3][^7..^5]);
    }

    [Fact]
    public void What_a_peer_calls_itself_cannot_write_on_the_terminal() =>
        Assert.All(List(null, int.MaxValue), line => Assert.DoesNotContain(line, char.IsControl));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(999, "999")]
    [InlineData(1000, "1.0k")]
    [InlineData(9_940, "9.9k")]
    [InlineData(9_960, "10k")]
    [InlineData(999_499, "999k")]
    [InlineData(999_500, "1.0M")]
    [InlineData(1.5e12, "1.5T")]
    [InlineData(9.2e18, "9.2E")]
    public void Amounts_are_short(double bytes, string text) => Assert.Equal(text, PeerListing.Amount(bytes));

    private static IReadOnlyList<string> List(IReadOnlyList<PeerInfo>? before, int width) => PeerListing.Of(Peers, before, TimeSpan.FromSeconds(1), Now, width);
}
