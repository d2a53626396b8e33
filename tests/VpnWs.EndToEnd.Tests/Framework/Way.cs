namespace VpnWs.Tests.Framework;

/// <summary>How clients reach the server.</summary>
public enum Way
{
    /// <summary>The server's own HTTP listener.</summary>
    Direct,

    /// <summary>The server's own HTTP listener, with TLS.</summary>
    DirectTls,

    /// <summary>nginx over uwsgi, unencrypted and open to all.</summary>
    Nginx,

    /// <summary>nginx over uwsgi, TLS, user and password.</summary>
    NginxPassword,

    /// <summary>nginx over uwsgi, TLS, client certificates.</summary>
    NginxCertificate,
}
