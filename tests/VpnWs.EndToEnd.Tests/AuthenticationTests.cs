using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>Who is let in through nginx, and whom a client lets itself be led in by.</summary>
public sealed class AuthenticationTests
{
    private const int WrongCredentials = 3;
    private const int WrongCertificate = 4;
    private const int Refused = 6;

    [Fact]
    public void The_server_knows_the_user_that_nginx_let_in()
    {
        using var lan = Lan.Start(new LanOptions { Way = Way.NginxPassword, Clients = 1 });
        Assert.Equal(Lan.User, lan.Control.Peers[0].RemoteUser);
    }

    [Theory]
    [InlineData("wss://ada:wrong@10.77.0.1/vpn")]
    [InlineData("wss://10.77.0.1/vpn")]
    public void A_wrong_or_missing_password_is_told_with_the_status_code(string url)
    {
        using var lan = Lan.Start(new LanOptions { Way = Way.NginxPassword, Clients = 0 });
        using var client = JoinOnce(lan, url, "--ca", lan.Authority.AuthorityFile);
        Assert.Equal(WrongCredentials, client.WaitForExit());
        Assert.Contains("401", client.Output, StringComparison.Ordinal);
        Assert.Contains("password", client.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_once_a_client_with_a_wrong_password_keeps_trying()
    {
        using var lan = Lan.Start(new LanOptions { Way = Way.NginxPassword, Clients = 0 });
        var client = lan.Join(new LanClientOptions { Url = $"wss://grace:hopper@{Lan.HubAddress}/vpn" });
        client.Process.WaitForOutput("401");
        lan.Scratch.Write("htpasswd", "grace:{PLAIN}hopper\n");
        lan.WaitUntilJoined(TimeSpan.FromSeconds(40));
        Assert.Equal("grace", lan.Control.Peers[0].RemoteUser);
    }

    [Fact]
    public void The_server_knows_the_certificate_that_nginx_let_in()
    {
        using var lan = Lan.Start(new LanOptions { Way = Way.NginxCertificate, Clients = 1 });
        Assert.Equal("CN=client-one", lan.Control.Peers[0].DistinguishedName);
    }

    [Fact]
    public void A_client_certificate_may_come_as_a_p12_file()
    {
        using var lan = Lan.Start(new LanOptions { Way = Way.NginxCertificate, Clients = 0 });
        using var client = JoinOnce(lan, lan.Url, "--ca", lan.Authority.AuthorityFile, "--crt", lan.ClientKeys.Pkcs12File);
        lan.Control.WaitForPeers(1);
    }

    [Fact]
    public void A_client_certificate_of_another_authority_is_refused()
    {
        using var lan = Lan.Start(new LanOptions { Way = Way.NginxCertificate, Clients = 0 });
        using var strangers = new Certificates(lan.Scratch, "strangers");
        var keys = strangers.IssueClient("client-one");
        using var client = JoinOnce(lan, lan.Url, "--ca", lan.Authority.AuthorityFile, "--crt", keys.CertificateFile, "--key", keys.KeyFile);
        Assert.Equal(Refused, client.WaitForExit());
        Assert.Contains("400", client.Output, StringComparison.Ordinal);
        Assert.Contains("certificate", client.Output, StringComparison.Ordinal);
        Assert.Equal(0, lan.Control.CountPeers());
    }

    [Fact]
    public void Without_its_client_certificate_a_client_is_refused()
    {
        using var lan = Lan.Start(new LanOptions { Way = Way.NginxCertificate, Clients = 0 });
        using var client = JoinOnce(lan, lan.Url, "--ca", lan.Authority.AuthorityFile);
        Assert.Equal(Refused, client.WaitForExit());
        Assert.Equal(0, lan.Control.CountPeers());
    }

    [Fact]
    public void A_server_certificate_of_an_unknown_authority_is_not_accepted()
    {
        using var lan = Lan.Start(new LanOptions { Way = Way.NginxPassword, Clients = 0 });
        using var client = JoinOnce(lan, lan.Url);
        Assert.Equal(WrongCertificate, client.WaitForExit());
        Assert.Contains("certificate", client.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_server_certificate_for_another_name_is_not_accepted()
    {
        using var lan = Lan.Start(new LanOptions { Way = Way.NginxPassword, Clients = 0 });
        const string otherName = "other.test";
        using var client = JoinOnce(lan, lan.Url.Replace(Lan.HubAddress, otherName, StringComparison.Ordinal), "--ca", lan.Authority.AuthorityFile);
        Assert.Equal(WrongCertificate, client.WaitForExit());
        Assert.Contains(otherName, client.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void With_no_verify_any_server_certificate_does()
    {
        using var lan = Lan.Start(new LanOptions { Way = Way.NginxPassword, Clients = 0 });
        using var client = JoinOnce(lan, lan.Url.Replace(Lan.HubAddress, "other.test", StringComparison.Ordinal), "--no-verify");
        lan.Control.WaitForPeers(1);
    }

    [Fact]
    public void The_hosts_name_goes_into_the_TLS_greeting_and_into_the_request()
    {
        using var lan = Lan.Start(new LanOptions { Way = Way.NginxPassword, Clients = 0 });
        using var client = JoinOnce(lan, lan.Url.Replace(Lan.HubAddress, Lan.HubName, StringComparison.Ordinal), "--ca", lan.Authority.AuthorityFile);
        lan.Control.WaitForPeers(1);
        // nginx writes its line once the request, here the whole life of the link, is over.
        client.Signal(UnixSignal.Terminate);
        lan.Nginx!.Process.WaitForOutput($"sni={Lan.HubName} host={Lan.HubName}");
    }

    private static ProcessUnderTest JoinOnce(Lan lan, string url, params string[] options)
    {
        var machine = lan.AddMachine("stranger", 50);
        machine.AddHost(Lan.HubName, Lan.HubAddress);
        machine.AddHost("other.test", Lan.HubAddress);
        return machine.Start([ProgramPair.Ours.Client, "--once", .. options, Lan.TapName, url]);
    }
}
