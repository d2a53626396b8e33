namespace VpnWs.Tests.Framework;

/// <summary>A world in which the README's examples are true: its paths, its host name, its programs and its certificates.</summary>
internal sealed class ReadmeWorld : IDisposable
{
    public const string HubAddress = "10.77.0.1";
    private const string HostName = "vpn.example.com";

    // bcrypt, of "password".
    private const string Hash = "$2y$04$4c4Yp8FeOVVdwyu0Szrgg.TsCN1vfzYFVhIRKsQ1vh74lt1tJgebi";

    private readonly Scratch _scratch = new();
    private readonly Disposables _started = new();
    private readonly Disposables _machines = new();
    private readonly Certificates _authority;

    public ReadmeWorld()
    {
        _authority = _started.Add(new Certificates(_scratch, "authority"));
        Hub = _machines.Add(new NetworkNamespace("hub"));
        Hub.Ip("link set lo up");
        Hub.Ip("link add wire type bridge");
        Hub.Ip("link set wire up");
        Hub.Ip($"addr add {HubAddress}/24 dev wire");
    }

    public NetworkNamespace Hub { get; }

    public ControlInterface Control => new(_scratch.PathOf("vpn.sock"));

    /// <summary>Makes a machine that can reach the hub under its name.</summary>
    public NetworkNamespace AddMachine(int number)
    {
        var machine = _machines.Add(new NetworkNamespace($"machine{number}"));
        machine.Connect("eth0", Hub, $"port{number}");
        Hub.Ip($"link set port{number} master wire");
        machine.Ip($"addr add 10.77.0.{number}/24 dev eth0");
        machine.AddHost(HostName, HubAddress);
        return machine;
    }

    /// <summary>Makes a machine on a wire of its own to the hub, whose end there is called after it, with a 0.</summary>
    public NetworkNamespace AddMachine(string name, string address, string hubAddress)
    {
        var machine = _machines.Add(new NetworkNamespace(name));
        machine.Connect("eth0", Hub, $"{name}0");
        machine.Ip($"addr add {address} dev eth0");
        Hub.Ip($"addr add {hubAddress} dev {name}0");
        return machine;
    }

    /// <summary>Makes a machine that hangs on a bridge of the hub.</summary>
    public NetworkNamespace AddDesk(string bridge, string address)
    {
        var machine = _machines.Add(new NetworkNamespace("desk"));
        machine.Connect("eth0", Hub, "desk0");
        Hub.Ip($"link set desk0 master {bridge}");
        machine.Ip($"addr add {address}/24 dev eth0");
        return machine;
    }

    /// <summary>Makes a machine with an address on the LAN that hangs on a bridge "br0" in another machine.</summary>
    public NetworkNamespace AddBridgedMachine(NetworkNamespace bridge, string address)
    {
        var machine = _machines.Add(new NetworkNamespace("bridged"));
        bridge.Ip("link add br0 type bridge");
        bridge.Ip("link set br0 up");
        machine.Connect("eth0", bridge, "behind");
        bridge.Ip("link set behind master br0");
        machine.Ip($"addr add {address}/24 dev eth0");
        return machine;
    }

    public Scratch Scratch => _scratch;

    public string AuthorityFile => _authority.AuthorityFile;

    /// <summary>Makes the files that the examples of web servers name: certificate and key, users and passwords.</summary>
    public void WriteAdmission()
    {
        var keys = _authority.IssueServer(HostName);
        var (certificate, key) = (File.ReadAllText(keys.CertificateFile), File.ReadAllText(keys.KeyFile));
        _scratch.Write("vpn.crt", certificate);
        _scratch.Write("vpn.key", key);
        _scratch.Write("vpn.pem", certificate + "\n" + key);
        _scratch.Write("vpn.htpasswd", $"user:{Hash}\n");
        _scratch.Write("vpn_admin.htpasswd", "admin:{PLAIN}secret\n");
    }

    /// <summary>Starts a program that ends with this world.</summary>
    public ProcessUnderTest StartProgram(NetworkNamespace where, params string[] command) => _started.Add(where.Start(command));

    /// <summary>Starts nginx with an example within its TLS server block, and lets the readers of the README in.</summary>
    public void StartNginx(string example)
    {
        var keys = _authority.IssueServer(HostName);
        _scratch.Write("vpn.htpasswd", "user:{PLAIN}password\n");
        _scratch.Write("vpn_admin.htpasswd", "admin:{PLAIN}secret\n");
        File.Copy(_authority.AuthorityFile, _scratch.PathOf("vpn_clients.pem"));
        var mine = _authority.IssueClient("me");
        File.Copy(mine.CertificateFile, _scratch.PathOf("me.crt"));
        File.Copy(mine.KeyFile, _scratch.PathOf("me.key"));
        var site = $"listen 443 ssl; ssl_certificate {keys.CertificateFile}; ssl_certificate_key {keys.KeyFile};\n{Translate(example)}";
        _started.Add(new Nginx(Hub, _scratch, site));
    }

    /// <summary>Starts a command line of the README.</summary>
    public ProcessUnderTest Start(NetworkNamespace where, string example)
    {
        var bin = string.Join(':', new[] { ProgramPair.Ours.Server, ProgramPair.Ours.Client }.Select(Path.GetDirectoryName).Distinct());
        string[] environment = ["env", $"PATH={bin}:{Environment.GetEnvironmentVariable("PATH")}", $"SSL_CERT_FILE={_authority.AuthorityFile}"];
        return _started.Add(where.Start([.. environment, "sh", "-c", $"cd {_scratch.Folder} && exec {Translate(example)}"]));
    }

    public void Dispose()
    {
        _started.Dispose();
        _machines.Dispose();
        _scratch.Dispose();
    }

    /// <summary>A file of the examples with its paths brought into this world.</summary>
    public string Translate(string example)
    {
        string[] folders = ["/etc/nginx", "/etc/ssl", "/etc/apache2", "/etc/haproxy", "/etc/vpn-ws"];
        return folders.Aggregate(
            example.Replace("/run/vpn.sock", _scratch.PathOf("vpn.sock"), StringComparison.Ordinal),
            (text, folder) => text.Replace(folder + "/", _scratch.Folder + "/", StringComparison.Ordinal));
    }
}
