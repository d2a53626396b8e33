using System.Management.Automation;
using VpnWs.Server;
using VpnWs.Transport;

namespace VpnWs.PowerShell;

/// <summary>What cmdlets for peers have in common: which servers are meant.</summary>
public abstract class PeerCmdlet : LanCmdlet
{
    private protected const string ServerSet = "Server";
    private protected const string PathSet = "ControlPath";
    private protected const string UriSet = "ControlUri";

    /// <summary>Makes a cmdlet for one pipeline.</summary>
    private protected PeerCmdlet()
    {
    }

    /// <summary>The address of any running vpn-ws, ours or the C one, for web servers (uwsgi) or its control interface (HTTP): the path of a socket, or host:port.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public ListenAddress? ControlPath { get; set; }

    /// <summary>The URL at which a web server offers the control interface of a running vpn-ws, such as https://vpn.example.com/vpn_admin.</summary>
    [Parameter(Mandatory = true, ParameterSetName = UriSet)]
    [ValidateNotNull]
    public Uri? ControlUri { get; set; }

    /// <summary>The user and password for that web server (HTTP Basic).</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Credential]
    [ValidateNotNull]
    public PSCredential? Credential { get; set; }

    /// <summary>Accepts any certificate from that web server; by default it and its host name are checked.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>How many seconds an answer of the control interface may take; by default 30.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = UriSet)]
    [ValidateRange(0.1, Seconds.PerDay)]
    public double TimeoutSec { get; set; } = 30;

    private protected override object? Target => ControlPath?.Text ?? ControlUri?.GetLeftPart(UriPartial.Path);

    /// <summary>The servers that are meant.</summary>
    private protected IEnumerable<IPeerSource> Sources(ServerSource[]? servers)
    {
        var timeout = TimeSpan.FromSeconds(TimeoutSec);
        if (ControlPath is { } address)
        {
            if (address.Path is { } path) address = ListenAddress.Parse(FilePath(path));
            return [new RemotePeers(address.Text, () => ControlClient.OverSocket(address), timeout)];
        }

        if (ControlUri is { } uri)
        {
            if (!uri.IsAbsoluteUri || uri.Scheme is not ("http" or "https"))
                throw new LanException("UriInvalid", ErrorCategory.InvalidArgument, "-ControlUri must start with http:// or https://.", "Write it as https://vpn.example.com/vpn_admin.");
            var credentials = Credential is null ? null : BasicCredential.Of(Credential);
            bool verify = !SkipCertificateCheck;
            return [new RemotePeers(uri.GetLeftPart(UriPartial.Path), () => ControlClient.OverHttp(uri, credentials, verify), timeout)];
        }

        return Servers(servers);
    }

    /// <summary>The peers that have these ids; one that is not there, or there several times, is an error.</summary>
    private protected IEnumerable<LanPeer> ById(ServerSource[]? servers, long[] ids)
    {
        var peers = Sources(servers).SelectMany(Ask).ToList();
        foreach (var id in ids)
        {
            var found = peers.FindAll(peer => peer.Id == id);
            if (found.Count == 1) yield return found[0];
            else if (found.Count == 0) WriteError(Failures.Record(NotFound(id), id));
            else WriteError(Failures.Record(new LanException("PeerAmbiguous", ErrorCategory.InvalidArgument, $"Several servers have a peer {id}.", "Say which one with -Server."), id));
        }
    }

    /// <summary>Says that there is no peer of that id.</summary>
    private protected static LanException NotFound(long id) => new(
        "PeerNotFound", ErrorCategory.ObjectNotFound, $"There is no peer {id}.", "Get-VpnWsPeer lists those that are there; one that connects again has another id.");

    /// <summary>The peers of a server.</summary>
    private protected IEnumerable<LanPeer> Ask(IPeerSource source) =>
        Wait(source.GetPeersAsync).Select(peer => new LanPeer(peer, source));
}
