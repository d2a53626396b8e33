using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>Whom the server lets in itself, over its own TLS, while its certificates and passwords change under traffic.</summary>
public sealed class DirectAdmissionTests
{
    private const int WrongCredentials = 3;
    private const int WrongCertificate = 4;

    // The passwords are love-lace and hopper.
    private const string Ada = "ada:$2y$04$TGEnSKFd2mAc68/JZPBqWec32iU24Vye6.CJu5/Y6Mfdr1iLwaRE2\n";
    private const string Grace = "grace:$5$rounds=1000$abcdefgh$9JgY.NKIZbbmKHQ0h4NC5LLUTsjpibwsn5wAl9Rx.V1\n";

    [Fact]
    public void Passwords_and_certificates_are_replaced_under_traffic_and_nobody_is_dropped()
    {
        using var scratch = new Scratch();
        var passwords = scratch.Write("htpasswd", Ada);
        var control = scratch.PathOf("control.sock");
        using var lan = Lan.Start(new LanOptions
        {
            Way = Way.DirectTls,
            Clients = 0,
            ServerOptions = ["--htpasswd", passwords, "--path", "/vpn", "--control", control],
        });
        var url = lan.Url.Replace("wss://", $"wss://{Lan.User}:{Lan.Password}@", StringComparison.Ordinal);
        var (one, other) = (lan.Join(new LanClientOptions { Url = url }), lan.Join(new LanClientOptions { Url = url }));
        lan.WaitUntilJoined();
        Assert.All(lan.Control.Peers, peer => Assert.Equal(Lan.User, peer.RemoteUser));
        Ping.WaitUntilReaches(one.Machine, other.Address);
        var peers = lan.Control.PeerIds;
        using var traffic = one.Machine.Start("ping", "-i", "0.05", "-q", other.Address);

        var stranger = lan.AddMachine("stranger", 50);
        foreach (var (who, code) in (IEnumerable<(string, int)>)[("ada:wrong@", WrongCredentials), ("grace:hopper@", WrongCredentials), ("", WrongCredentials)])
            AssertRefused(lan, stranger, lan.Url.Replace("wss://", $"wss://{who}", StringComparison.Ordinal), lan.Authority.AuthorityFile, code, "401");
        lan.Server.WaitForOutput("refused a connection from 10.77.0.50: The user or the password is wrong. (401)");
        AssertRefused(lan, stranger, url.Replace("/vpn", "/other", StringComparison.Ordinal), lan.Authority.AuthorityFile, 6, "404");

        File.WriteAllText(passwords, Ada + "grace:hopper\n");
        lan.Server.WaitForOutput($"cannot reload the passwords, the old one stays: {passwords}:2: ");
        File.WriteAllText(passwords, Ada + Grace);
        lan.Server.WaitForOutput("info: reloaded the passwords");
        AssertJoins(lan, stranger, lan.Url.Replace("wss://", "wss://grace:hopper@", StringComparison.Ordinal), lan.Authority.AuthorityFile, 3);

        using var next = new Certificates(scratch, "next");
        var (used, fresh) = (lan.Authority.IssueServer(Lan.HubAddress), next.IssueServer(Lan.HubAddress));
        File.Copy(fresh.CertificateFile, used.CertificateFile, overwrite: true);
        lan.Server.WaitForOutput("cannot reload the certificate, the old one stays: the key in");
        File.Copy(fresh.KeyFile, used.KeyFile, overwrite: true);
        lan.Server.Signal(UnixSignal.HangUp);
        lan.Server.WaitForOutput("info: reloaded the certificate");
        AssertRefused(lan, stranger, url, lan.Authority.AuthorityFile, WrongCertificate, "certificate");
        AssertJoins(lan, stranger, url, next.AuthorityFile, 3);

        AssertUnbroken(lan, peers, traffic);
        Assert.Equal(2, lan.Control.Peers.Count(peer => peer.RemoteAddress is "10.77.0.11" or "10.77.0.12"));
        foreach (var secret in (string[])[Lan.Password, "hopper", "$2y$", "$5$"]) Assert.DoesNotContain(secret, lan.Server.Output, StringComparison.Ordinal);
        Assert.Contains("\"REMOTE_USER\":\"ada\"", ProcessUnderTest.Run(null, "curl", "-s", "--unix-socket", control, "http://localhost/"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_of_the_right_authority_lets_in_and_no_other_does()
    {
        using var scratch = new Scratch();
        using var members = new Certificates(scratch, "members");
        using var strangers = new Certificates(scratch, "strangers");
        using var lan = Lan.Start(new LanOptions { Way = Way.DirectTls, Clients = 0, ServerOptions = ["--client-ca", members.AuthorityFile] });
        var (right, wrong) = (members.IssueClient("client-one"), strangers.IssueClient("client-one"));
        lan.Join(new LanClientOptions { Options = ["--crt", right.CertificateFile, "--key", right.KeyFile] });
        lan.WaitUntilJoined();
        Assert.Equal("CN=client-one", lan.Control.Peers[0].DistinguishedName);
        var stranger = lan.AddMachine("stranger", 50);
        foreach (var shown in (string[][])[["--crt", wrong.CertificateFile, "--key", wrong.KeyFile], []])
        {
            using var client = stranger.Start([ProgramPair.Ours.Client, "--once", "--ca", lan.Authority.AuthorityFile, .. shown, Lan.TapName, lan.Url]);
            Assert.NotEqual(0, client.WaitForExit());
        }

        lan.Server.WaitForOutput("refused a connection from 10.77.0.50: TLS: ");
        Assert.Equal(1, lan.Control.CountPeers());
    }

    [Fact]
    public void The_authority_for_clients_is_replaced_under_traffic_and_nobody_is_dropped()
    {
        using var scratch = new Scratch();
        using var old = new Certificates(scratch, "old");
        using var next = new Certificates(scratch, "next");
        var authorities = scratch.Write("clients.pem", File.ReadAllText(old.AuthorityFile));
        using var lan = Lan.Start(new LanOptions { Way = Way.DirectTls, Clients = 0, ServerOptions = ["--client-ca", authorities] });
        var (known, fresh) = (old.IssueClient("known"), next.IssueClient("fresh"));
        var (one, other) = (lan.Join(Showing(known)), lan.Join(Showing(known)));
        lan.WaitUntilJoined();
        Ping.WaitUntilReaches(one.Machine, other.Address);
        var peers = lan.Control.PeerIds;
        using var traffic = one.Machine.Start("ping", "-i", "0.05", "-q", other.Address);
        var stranger = lan.AddMachine("stranger", 50);

        File.WriteAllText(authorities, "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n");
        lan.Server.WaitForOutput("warn: cannot reload the certificate, the old one stays: ");
        AssertRefused(fresh);
        AssertLetIn(known);

        File.WriteAllText(authorities, File.ReadAllText(next.AuthorityFile));
        lan.Server.WaitForOutput("info: reloaded the certificate");
        AssertRefused(known);
        AssertLetIn(fresh);

        AssertUnbroken(lan, peers, traffic);
        Assert.Equal(["CN=known", "CN=known"], lan.Control.Peers.Select(peer => peer.DistinguishedName));
        Assert.Single(lan.Server.Output.Split('\n'), line => line.Contains("cannot reload", StringComparison.Ordinal));

        static LanClientOptions Showing(KeyPair keys) => new() { Options = ["--crt", keys.CertificateFile, "--key", keys.KeyFile] };

        void AssertRefused(KeyPair keys)
        {
            using var client = Start(keys);
            Assert.NotEqual(0, client.WaitForExit());
            Assert.Equal(2, lan.Control.CountPeers());
        }

        void AssertLetIn(KeyPair keys)
        {
            using var client = Start(keys);
            lan.Control.WaitForPeers(3);
            client.Signal(UnixSignal.Terminate);
            client.WaitForExit();
            lan.Control.WaitForPeers(2);
        }

        ProcessUnderTest Start(KeyPair keys) => stranger.Start(
            ProgramPair.Ours.Client, "--once", "--ca", lan.Authority.AuthorityFile, "--crt", keys.CertificateFile, "--key", keys.KeyFile, Lan.TapName, lan.Url);
    }

    [Fact]
    public void An_open_address_is_warned_about_and_unusable_files_end_the_start()
    {
        using var scratch = new Scratch();
        using var authority = new Certificates(scratch, "authority");
        var (keys, others) = (authority.IssueServer("a"), new Certificates(scratch, "others").IssueServer("a"));
        using (var server = ProcessUnderTest.Start(null, ProgramPair.Ours.Server, "--http", "0.0.0.0:0", "--http", "127.0.0.1:0"))
        {
            server.WaitForOutput("info: ready");
            Assert.Contains("warn: anybody who reaches 0.0.0.0:0 joins the LAN", server.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("127.0.0.1:0 joins", server.Output, StringComparison.Ordinal);
        }

        var broken = scratch.Write("htpasswd", "# users\nada:secret\n");
        AssertFails($"cannot read {scratch.PathOf("none")}: there is no such file", "--tls-cert", scratch.PathOf("none"));
        AssertFails("does not belong to the certificate", "--tls-cert", keys.CertificateFile, "--tls-key", others.KeyFile);
        AssertFails("there is no certificate in", "--tls-cert", keys.CertificateFile, "--tls-key", keys.KeyFile, "--client-ca", keys.KeyFile);
        AssertFails($"{broken}:2: this kind of password hash is not known", "--htpasswd", broken);

        static void AssertFails(string says, params string[] options)
        {
            using var server = ProcessUnderTest.Start(null, [ProgramPair.Ours.Server, "--http", "127.0.0.1:0", .. options]);
            Assert.True(server.WaitForExit() == 1, server.ToString());
            Assert.Single(server.Output.TrimEnd().Split('\n'));
            Assert.Contains(says, server.Output, StringComparison.Ordinal);
        }
    }

    private static void AssertUnbroken(Lan lan, IReadOnlyList<long> peers, ProcessUnderTest traffic)
    {
        traffic.Signal(UnixSignal.Interrupt);
        traffic.WaitForExit();
        Assert.Equal(peers, lan.Control.PeerIds);

        // Those that were under way just then have no answer.
        Assert.InRange(Ping.Parse(traffic.Output).Lost, 0, 3);
    }

    private static void AssertRefused(Lan lan, NetworkNamespace machine, string url, string authority, int code, string says)
    {
        using var client = machine.Start(ProgramPair.Ours.Client, "--once", "--ca", authority, Lan.TapName, url);
        Assert.True(client.WaitForExit() == code, client.ToString());
        Assert.Contains(says, client.Output, StringComparison.Ordinal);
        Assert.Equal(2, lan.Control.CountPeers());
    }

    private static void AssertJoins(Lan lan, NetworkNamespace machine, string url, string authority, int count)
    {
        using var client = machine.Start(ProgramPair.Ours.Client, "--once", "--ca", authority, Lan.TapName, url);
        lan.Control.WaitForPeers(count);
        client.Signal(UnixSignal.Terminate);
        client.WaitForExit();
        lan.Control.WaitForPeers(count - 1);
    }
}
