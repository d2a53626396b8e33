using System.Diagnostics;
using System.Net;
using VpnWs.Http;
using VpnWs.Server;
using VpnWs.Tests.Transport;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Server;

/// <summary>Who is let in over HTTP, and as whom.</summary>
[Collection(InProcess.Name)]
public sealed class HttpGateTests
{
    private const string Right = "Authorization: Basic YWRhOmxvdmUtbGFjZQ==";
    private const string Wrong = "Authorization: Basic YWRhOndyb25n";

    [Fact]
    public async Task The_right_password_lets_in_under_the_users_name()
    {
        await using var lan = await Asking();
        var peer = await lan.JoinRaw(Ether.Mac(1), Right);
        Assert.Equal("ada", lan.Info(peer.Id).RemoteUser);
    }

    [Theory]
    [InlineData(Wrong, 1)]
    [InlineData("Authorization: Basic !", 1)]
    [InlineData("Authorization: Bearer x", 1)]
    [InlineData("Authorization: Basic OmxvdmUtbGFjZQ==", 1)]
    [InlineData("X-Remote-User: ada", 0)]
    public async Task Anything_else_is_answered_401_and_a_wrong_one_a_second_later(string header, int seconds)
    {
        await using var lan = await Asking();
        var peer = await lan.Connect(lan.Http);
        var watch = Stopwatch.StartNew();
        await peer.Send(RawPeer.HttpHead(Ether.Mac(1), header));
        Assert.StartsWith("HTTP/1.1 401 Unauthorized\r\n", await peer.ReadHead(), StringComparison.Ordinal);
        Assert.Equal("Basic realm=\"vpn-ws\", charset=\"UTF-8\"", peer.Field("WWW-Authenticate"));
        Assert.True(watch.Elapsed >= TimeSpan.FromSeconds(seconds - 0.05), $"answered after {watch.Elapsed}");
        var refused = await lan.Events.WaitFor<PeerRefused>();
        Assert.Equal("127.0.0.1", refused.RemoteAddress);
        // A name that nobody has proved is a stranger's text.
        Assert.Equal(("", ""), (refused.RemoteUser, refused.DistinguishedName));
        Assert.EndsWith("(401)", refused.Reason, StringComparison.Ordinal);
        Assert.Equal(0, lan.Server.PeerCount);
    }

    [Fact]
    public async Task One_address_has_one_password_looked_at_at_a_time_and_keeps_nobody_else_waiting()
    {
        using var ended = new CancellationTokenSource();
        var (mallory, alice) = (IPAddress.Parse("192.0.2.66"), IPAddress.Parse("192.0.2.1"));
        var looked = new SemaphoreSlim(0);
        var answers = System.Threading.Channels.Channel.CreateUnbounded<bool>();
        var lookedAt = 0;
        var options = new VpnWsServerOptions
        {
            HttpPassword = async (user, password, cancellationToken) =>
            {
                if (password == "love-lace") return true;
                Interlocked.Increment(ref lookedAt);
                looked.Release();
                return await answers.Reader.ReadAsync(cancellationToken);
            },
        };
        var gate = new HttpGate(options, new ClientLimits(options));
        var guesses = Enumerable.Range(0, 20).Select(_ => Ask(Wrong, mallory, ended.Token)).ToList();
        await looked.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Null((await Ask(Right, alice, TestContext.Current.CancellationToken)).Refusal);
        Assert.Equal(1, lookedAt);

        // Eight of them were wrong, and wait for that to be told: no more are looked at.
        for (var i = 0; i < 8; i++) await answers.Writer.WriteAsync(false, TestContext.Current.CancellationToken);
        await Eventually.True("the rest is refused", () => guesses.Count(static guess => guess.IsCompleted) == 12);
        Assert.All(guesses.Where(static guess => guess.IsCompleted), static guess => Assert.Equal(429, guess.Result.Refusal?.Status));
        Assert.Equal(8, lookedAt);

        // Who hangs up does not get another guess for it; and nobody is let in meanwhile, not with the right one.
        await ended.CancelAsync();
        foreach (var guess in guesses.Where(static guess => !guess.IsCompleted)) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => guess);
        Assert.Equal(429, (await Ask(Right, mallory, TestContext.Current.CancellationToken)).Refusal?.Status);
        Assert.Null((await Ask(Right, alice, TestContext.Current.CancellationToken)).Refusal);

        Task<(HandshakeRequest Request, HandshakeVerdict.Refused? Refusal)> Ask(string header, IPAddress client, CancellationToken cancellationToken) =>
            gate.PassAsync(new HandshakeRequest { Path = "/vpn", Authorization = header["Authorization: ".Length..] }, client, cancellationToken).AsTask();
    }

    [Fact]
    public async Task A_line_of_passwords_is_forgotten_with_the_last_of_it()
    {
        var turns = new Turns<string>();
        await turns.BeginAsync("a", TestContext.Current.CancellationToken);
        await turns.BeginAsync("b", TestContext.Current.CancellationToken);
        using var ended = new CancellationTokenSource();
        var (impatient, patient) = (turns.BeginAsync("a", ended.Token).AsTask(), turns.BeginAsync("a", TestContext.Current.CancellationToken).AsTask());
        Assert.False(patient.IsCompleted);
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        turns.End("b");
        Assert.Equal(1, turns.Count);
        turns.End("a");
        await patient;
        turns.End("a");
        Assert.Equal(0, turns.Count);
    }

    [Fact]
    public async Task A_trusted_proxy_says_who_comes_and_from_where()
    {
        await using var lan = await Asking(options => options with { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] });
        var peer = await lan.JoinRaw(Ether.Mac(1), "X-Forwarded-For: 203.0.113.9, 192.0.2.7, 127.0.0.9", "X-Remote-User: grace", "X-Client-DN: CN=g");
        var info = lan.Info(peer.Id);
        Assert.Equal(("192.0.2.7", "grace", "CN=g"), (info.RemoteAddress, info.RemoteUser, info.DistinguishedName));

        // Whom it does not name has to know the password; an empty name is none.
        var nobody = await lan.Connect(lan.Http);
        await nobody.Send(RawPeer.HttpHead(Ether.Mac(2), "X-Forwarded-For: 192.0.2.8", "X-Remote-User: "));
        Assert.StartsWith("HTTP/1.1 401 ", await nobody.ReadHead(), StringComparison.Ordinal);
        Assert.Equal("192.0.2.8", (await lan.Events.WaitFor<PeerRefused>()).RemoteAddress);
    }

    [Fact]
    public async Task What_anybody_else_writes_into_a_proxys_headers_is_ignored()
    {
        await using var lan = await InProcessLan.Start(options => options with { TrustedProxies = [IPNetwork.Parse("192.0.2.0/24")] });
        var peer = await lan.JoinRaw(Ether.Mac(1), "X-Forwarded-For: 192.0.2.7", "X-Remote-User: grace", "X-Client-DN: CN=g");
        var info = lan.Info(peer.Id);
        Assert.Equal(("127.0.0.1", "", ""), (info.RemoteAddress, info.RemoteUser, info.DistinguishedName));
    }

    [Theory]
    [InlineData("/vpn", "", 101)]
    [InlineData("/vpn", "https://good.example", 101)]
    [InlineData("/vpn", "HTTPS://Good.Example", 101)]
    [InlineData("/vpn", "https://good.example.evil.test", 403)]
    [InlineData("/vpn", "null", 403)]
    [InlineData("/", "", 404)]
    [InlineData("/vpn/", "", 404)]
    [InlineData("/VPN", "https://evil.test", 404)]
    public async Task Only_the_one_path_and_the_right_origins_are_served(string path, string origin, int status)
    {
        await using var lan = await InProcessLan.Start(options => options with { HttpPath = "/vpn", HttpOrigins = ["https://good.example"] });
        var peer = await lan.Connect(lan.Http);
        var head = System.Text.Encoding.ASCII.GetString(RawPeer.HttpHead(Ether.Mac(1), $"Origin: {origin}"));
        await peer.Send(System.Text.Encoding.ASCII.GetBytes(head.Replace("GET /vpn ", $"GET {path}?q=1 ", StringComparison.Ordinal)));
        Assert.StartsWith($"HTTP/1.1 {status} ", await peer.ReadHead(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_control_interface_is_served_over_HTTP_on_this_machine_and_not_to_web_pages()
    {
        await using var lan = await InProcessLan.Start(options => options with
        {
            ControlAddresses = [ListenAddress.Parse("127.0.0.1:0"), ListenAddress.Parse(options.UwsgiAddresses[0].Path + ".control")],
        });
        var peer = await lan.JoinRaw(Ether.Mac(1));
        var (port, path) = (lan.Server.ControlEndPoints[0], lan.Server.ControlEndPoints[1]);
        Assert.Contains($"{{\"id\":{peer.Id},", await Ask(port, "/", "Host: localhost:1"), StringComparison.Ordinal);
        Assert.Contains($"{{\"id\":{peer.Id},", await Ask(path, "/", "Host: anything"), StringComparison.Ordinal);
        Assert.Contains(" 404 ", await Ask(port, "/?kill=999", "Host: [::1]"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403 ", await Ask(port, $"/?kill={peer.Id}", "Host: rebound.example"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403 ", await Ask(port, $"/?kill={peer.Id}", "Host: 127.0.0.1", "Origin: null"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403 ", await Ask(port, $"/?kill={peer.Id}", "Host: 127.0.0.1", "Sec-Fetch-Site: cross-site"), StringComparison.Ordinal);
        Assert.Equal(1, lan.Server.PeerCount);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(lan.SocketPath + ".control"));
        Assert.Contains("{\"status\":\"ok\"}", await Ask(path, $"/?kill={peer.Id}", "Host: a"), StringComparison.Ordinal);
        await peer.ExpectClose(1008);

        async Task<string> Ask(EndPoint where, string target, params string[] headers)
        {
            var asking = await lan.Connect(where);
            await asking.Send(System.Text.Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\n{string.Join("\r\n", headers)}\r\n\r\n"));
            return await asking.ReadToEnd();
        }
    }

    [Fact]
    public async Task A_control_address_that_others_can_reach_is_refused()
    {
        await using var server = new VpnWsServer(new VpnWsServerOptions { ControlAddresses = [ListenAddress.Parse(":0")] });
        var error = await Assert.ThrowsAsync<VpnWsException>(() => server.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("loopback", error.Message, StringComparison.Ordinal);
    }

    private static Task<InProcessLan> Asking(Func<VpnWsServerOptions, VpnWsServerOptions>? with = null) => InProcessLan.Start(options =>
    {
        options = options with { HttpPassword = (user, password, _) => ValueTask.FromResult((user, password) == ("ada", "love-lace")) };
        return with?.Invoke(options) ?? options;
    });
}
