using System.Collections;
using System.Diagnostics;
using System.Management.Automation;
using VpnWs.Client;
using VpnWs.Hosting;
using VpnWs.Taps;

namespace VpnWs.PowerShell;

/// <summary>Joins a tap to a LAN behind a WebSocket and waits until the link is up.</summary>
/// <remarks>
/// <para>When the first link cannot be made the cmdlet ends with an error that says why, and nothing is left behind. Once it is up it is kept: where it is lost it is made again, for ever, unless -NoReconnect is given.</para>
/// <para>The connection goes on until Disconnect-VpnWs, or until the module is removed or the session ends.</para>
/// </remarks>
/// <example>
///   <para>Joins an in-memory tap to a server of the same session.</para>
///   <code>$server = Start-VpnWsServer -Http 127.0.0.1:0
/// $tap = New-VpnWsTap -Loopback
/// Connect-VpnWs $server.Uri -Tap $tap</code>
/// </example>
/// <example>
///   <para>Joins this machine to a LAN with a password. Takes root and a server at that address.</para>
///   <code>Connect-VpnWs wss://vpn.example.com/vpn -Tap vpn0 -Credential (Get-Credential) -Exec { ip addr add 10.0.0.2/24 dev $_; ip link set $_ up }</code>
/// </example>
/// <example>
///   <para>Joins with a certificate, and shows a header field to the web server. Takes root and a server at that address.</para>
///   <code>Connect-VpnWs wss://vpn.example.com/vpn -Tap vpn0 -CertificatePath me.crt -KeyPath me.key -Header @{ 'X-Site' = 'Rome' }</code>
/// </example>
[Cmdlet(VerbsCommunications.Connect, "VpnWs", DefaultParameterSetName = PlainSet, SupportsShouldProcess = true)]
[OutputType(typeof(LanConnection))]
public sealed class ConnectVpnWsCommand : CertificateCmdlet
{
    private readonly Stopwatch _elapsed = new();
    private VpnWsClientOptions _options = new() { Uri = new Uri("ws://localhost/") };
    private bool _showsProgress;

    /// <summary>Where the LAN is: ws:// or wss://. Credentials are better given with -Credential than in it.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public Uri Uri
    {
        get => _options.Uri;
        set => _options = _options with { Uri = value };
    }

    /// <summary>The tap to join: one of this session, or the name of one to make; by default vpn and the first free number.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(FreeTapCompleter))]
    [ValidateNotNull]
    public TapSource Tap { get; set; } = new("vpn%d");

    /// <summary>The user and password to show to the server (HTTP Basic).</summary>
    [Parameter]
    [Credential]
    [ValidateNotNull]
    public PSCredential? Credential { get; set; }

    /// <summary>A PEM file of authorities to trust in place of the system's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? AuthorityPath { get; set; }

    /// <summary>Accepts any certificate from the server; by default it and its host name are checked.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck
    {
        get => !_options.VerifyCertificate;
        set => _options = _options with { VerifyCertificate = !value };
    }

    /// <summary>The proxy to go through: http://, https://, socks4://, socks4a:// or socks5://; by default as http_proxy, https_proxy, all_proxy and no_proxy say.</summary>
    [Parameter]
    [ValidateNotNull]
    public Uri? Proxy { get; set; }

    /// <summary>The user and password for the proxy.</summary>
    [Parameter]
    [Credential]
    [ValidateNotNull]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Header fields to send with the handshake.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Header { get; set; }

    /// <summary>Asks to be a bridge: many addresses behind this end. A warning tells where the server refuses.</summary>
    [Parameter]
    public SwitchParameter Bridge
    {
        get => _options.Bridge;
        set => _options = _options with { Bridge = value };
    }

    /// <summary>A script block to run once the tap is there and before the link is made. The tap is $_ and the first argument. An error that ends it, or a program that fails, undoes the tap and ends the cmdlet with that error; about_VpnWs tells which do. Its output goes to the information stream.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Exec { get; set; }

    /// <summary>Ends the connection with its link; by default the link is made again.</summary>
    [Parameter]
    public SwitchParameter NoReconnect
    {
        get => !_options.Reconnect;
        set => _options = _options with { Reconnect = !value };
    }

    /// <summary>How many seconds making a link may take, and noticing that one is dead; by default 30.</summary>
    [Parameter]
    [ValidateRange(0.1, Seconds.PerDay)]
    public double TimeoutSec
    {
        get => _options.Timeout.TotalSeconds;
        set => _options = _options with { Timeout = TimeSpan.FromSeconds(value) };
    }

    /// <summary>How many seconds nothing may go either way before the server is pinged; by default 17.</summary>
    [Parameter]
    [ValidateRange(0.1, Seconds.PerDay)]
    public double PingIntervalSec
    {
        get => _options.PingInterval.TotalSeconds;
        set => _options = _options with { PingInterval = TimeSpan.FromSeconds(value) };
    }

    /// <summary>The longest pause, in seconds, between two attempts to make the link again; by default 30.</summary>
    [Parameter]
    [ValidateRange(0.1, Seconds.PerDay)]
    public double MaxReconnectDelaySec
    {
        get => _options.MaxReconnectDelay.TotalSeconds;
        set => _options = _options with { MaxReconnectDelay = TimeSpan.FromSeconds(value) };
    }

    /// <summary>Carries no super-frames, neither over the link nor to a tap that is made.</summary>
    [Parameter]
    public SwitchParameter NoOffload
    {
        get => !_options.Offload;
        set => _options = _options with { Offload = !value };
    }

    /// <summary>The name of the connection in this session; by default connection and the first free number.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    private protected override object? Target => Shown;

    private string Shown => _options.Uri.IsAbsoluteUri ? _options.Uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : "";

    private protected override void Process()
    {
        if (!_options.Uri.IsAbsoluteUri || _options.Uri.Scheme is not ("ws" or "wss") || _options.Uri.Host.Length == 0)
            throw new LanException("UriInvalid", ErrorCategory.InvalidArgument, "-Uri must start with ws:// or wss://.", "Write it as wss://vpn.example.com/vpn.");
        if (_options.Uri.Fragment.Length > 0)
            throw new LanException("UriInvalid", ErrorCategory.InvalidArgument, "-Uri has a #fragment, which the address of a WebSocket may not have.", "Leave the # and what follows it out, or write it as %23.");
        Name ??= Session.Connections.FreeName("connection");
        if (Session.Connections.Find(Name) is not null) throw Failures.NameInUse("Connection", Name);
        ReadOptions();
        if (!ShouldProcess($"{Tap.Name} to {Shown}", "Connect")) return;
        var connection = Start();
        if (!Session.TryAdd(connection))
        {
            Wait(_ => connection.CloseAsync());
            throw Failures.NameInUse("Connection", Name);
        }

        if (Bridge && !connection.IsBridge)
            WriteWarning("The server did not let this end be a bridge: it drops frames from addresses other than the tap's own.");
        WriteObject(connection);
    }

    private void ReadOptions()
    {
        if (Credential is not null) _options = _options with { Credentials = BasicCredential.Of(Credential) };
        if (Header is not null) _options = _options with { Headers = HandshakeHeaders.Read(Header) };
        if (Proxy is not null || ProxyCredential is not null) _options = _options with { Proxy = ProxyAddress.Read(Proxy, ProxyCredential) };
        if (AuthorityPath is not null)
        {
            var authorities = Failures.Read(
                () => CertificateFiles.LoadAuthorities(FilePath(AuthorityPath)), OwnCertificate.Unreadable, "Give the PEM file of the authority that signed the server's certificate.");
            _options = _options with { TrustedAuthorities = authorities };
        }

        if (FindCertificate() is not { } certificate) return;
        var own = Failures.Read(certificate.Read, OwnCertificate.Unreadable, "Give PEM files with -CertificatePath and -KeyPath, or a PKCS #12 file with -CertificatePassword.");
        _options = _options with { ClientCertificate = own.Certificate, ClientCertificateChain = own.Chain };
    }

    private LanConnection Start()
    {
        var tap = Tap.Find(Session);
        var wanted = tap is null ? new TapOptions { Name = Tap.Name } : null;
        LanConnection? connection = null;
        var options = _options with
        {
            ExistingTap = tap?.Take(Name!),
            Tap = wanted,
            TapReady = async (_, _) =>
            {
                if (wanted is not null) connection!.Tap = new LanTap(wanted, () => connection.EngineTap, Name!);
                if (Exec is not null) await ExecuteAsync(Exec, () => connection!.Tap).ConfigureAwait(false);
            },
        };
        connection = new LanConnection(Name!, options) { Tap = tap! };
        connection.EngineRaised += e => Tell(e is ConnectFailed or BridgeRefused ? Transport.EventLevel.Information : e.Level, e.ToString());
        _elapsed.Restart();
        try
        {
            StartOrUndo(connection.StartAsync, connection.CloseAsync, ShowProgress);
        }
        finally
        {
            // A pipeline that was stopped takes its bars with it, and nothing more from us.
            if (_showsProgress && !StopToken.IsCancellationRequested) WriteProgress(Progress(ProgressRecordType.Completed));
        }

        return connection;
    }

    private void ShowProgress()
    {
        _showsProgress = true;
        WriteProgress(Progress(ProgressRecordType.Processing));
    }

    private ProgressRecord Progress(ProgressRecordType type) => new(0, $"Connecting to {Shown}", "Waiting for the server's answer")
    {
        RecordType = type,
        PercentComplete = (int)Math.Min(100, _elapsed.Elapsed / _options.Timeout * 100),
        SecondsRemaining = (int)Math.Max(0, (_options.Timeout - _elapsed.Elapsed).TotalSeconds),
    };
}
