namespace VpnWs.Tests.Framework;

/// <summary>The insides of nginx's <c>server</c> block, one for each <see cref="Way"/> in.</summary>
internal static class NginxSite
{
    public static string For(Lan lan, Way way) => way switch
    {
        Way.Nginx => $"listen 80; {Locations(lan, "")}",
        Way.NginxPassword => $"{Tls(lan)} {Locations(lan, $"auth_basic VPN; auth_basic_user_file {PasswordFile(lan)}; uwsgi_param REMOTE_USER $remote_user;")}",
        Way.NginxCertificate => $"{Tls(lan)} ssl_client_certificate {lan.Authority.AuthorityFile}; ssl_verify_client on; "
            + Locations(lan, "uwsgi_param HTTPS_DN $ssl_client_s_dn;"),
        _ => throw new ArgumentOutOfRangeException(nameof(way)),
    };

    private static string Locations(Lan lan, string admission) =>
        $$"""
        location /vpn { include uwsgi_params; uwsgi_pass unix:{{lan.SocketPath}}; {{admission}} }
        location /vpn_admin { include uwsgi_params; uwsgi_modifier1 1; uwsgi_pass unix:{{lan.SocketPath}}; {{admission}} }
        """;

    private static string Tls(Lan lan)
    {
        var keys = lan.Authority.IssueServer(Lan.HubName, Lan.HubAddress);
        return $"listen 443 ssl; ssl_certificate {keys.CertificateFile}; ssl_certificate_key {keys.KeyFile};";
    }

    private static string PasswordFile(Lan lan) => lan.Scratch.Write("htpasswd", $"{Lan.User}:{{PLAIN}}{Lan.Password}\n");
}
