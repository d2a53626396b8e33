namespace VpnWs.Tests.Framework;

/// <summary>How the test runs an example of a web server: what an operator's system has around it, the command, and how it is reloaded.</summary>
/// <param name="File">The example, in examples/proxies.</param>
/// <param name="Tool">The program that must be there.</param>
/// <param name="Hash">The hash of "password" that stands for HASH in the example.</param>
/// <param name="Wrap">Makes the program's whole configuration of the example's path.</param>
/// <param name="Command">The command line, given the configuration's path.</param>
/// <param name="Reload">Has the configuration read again; null where the program cannot.</param>
/// <param name="KeepsTunnels">Whether tunnels live through that.</param>
internal sealed record ProxyRecipe(
    string File, string Tool, string Hash, Func<ReadmeWorld, string, string>? Wrap, Func<string, string[]> Command, Action<ReadmeWorld, ProcessUnderTest, string>? Reload, bool KeepsTunnels)
{
    private const string Bcrypt = "$2y$04$4c4Yp8FeOVVdwyu0Szrgg.TsCN1vfzYFVhIRKsQ1vh74lt1tJgebi";
    private const string Sha512 = "$6$rounds=1000$abcdefgh$wuAp2XWwaaguzVxZjeM2bd1yLSqbC/I9sr9DFeOfIPoAZiIj3ecL6rf9ibuAg8RDmh1vqbaeL0NSLJtGPF7b60";

    private static readonly string[] ApacheModules =
        ["mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic", "headers", "ssl", "socache_shmcb", "proxy", "proxy_http", "proxy_wstunnel"];

    public static IReadOnlyList<ProxyRecipe> All { get; } =
    [
        new("nginx-uwsgi.conf", "nginx", "", WrapNginx, Nginx, Signal(UnixSignal.HangUp), true),
        new("nginx-http.conf", "nginx", "", WrapNginx, Nginx, Signal(UnixSignal.HangUp), true),
        new("apache.conf", "apache2", "", WrapApache, path => ["apache2", "-DFOREGROUND", "-f", path], Signal(UnixSignal.User1), true),
        new("haproxy.cfg", "haproxy", Sha512, null, path => ["haproxy", "-W", "-db", "-f", path], Signal(UnixSignal.User2), true),
        new("Caddyfile", "caddy", Bcrypt, null, Caddy("run"), (world, _, path) => ProcessUnderTest.Run(world.Hub, Caddy("reload", "--force")(path)), false),
        new("uwsgi.ini", "uwsgi-core", "", null, path => ["uwsgi-core", "--ini", path], null, false),
    ];

    /// <summary>The example's text.</summary>
    public string Text => System.IO.File.ReadAllText(Path.Combine(Repository.Root, "examples", "proxies", File));

    /// <summary>The server's command line, which the example's head names.</summary>
    public string ServerCommand => Text.Split('\n').First(line => line.Contains("     vpn-ws ", StringComparison.Ordinal)).TrimStart('#', ';', ' ');

    /// <summary>Starts the web server in the hub.</summary>
    public (ProcessUnderTest Process, string Path) Start(ReadmeWorld world)
    {
        world.WriteAdmission();
        var path = world.Scratch.Write(File, world.Translate(Text).Replace("HASH", Hash, StringComparison.Ordinal));
        if (Wrap is not null) path = world.Scratch.Write("whole.conf", Wrap(world, path));
        return (world.StartProgram(world.Hub, Command(path)), path);
    }

    private static string[] Nginx(string path) => ["nginx", "-p", Path.GetDirectoryName(path)!, "-c", path, "-e", "stderr"];

    private static Func<string, string[]> Caddy(params string[] verb) =>
        path => ["env", $"HOME={Path.GetDirectoryName(path)}", "caddy", .. verb, "--config", path, "--adapter", "caddyfile"];

    private static Action<ReadmeWorld, ProcessUnderTest, string> Signal(UnixSignal signal) => (_, process, _) => process.Signal(signal);

    private static string WrapNginx(ReadmeWorld world, string path)
    {
        System.IO.File.Copy("/etc/nginx/uwsgi_params", world.Scratch.PathOf("uwsgi_params"), overwrite: true);
        return $$"""
            user root;
            daemon off;
            pid nginx.pid;
            error_log stderr warn;
            events { }
            http { access_log off; client_body_temp_path t1; proxy_temp_path t2; uwsgi_temp_path t3; fastcgi_temp_path t4; scgi_temp_path t5; include {{path}}; }
            """;
    }

    private static string WrapApache(ReadmeWorld world, string path) => $"""
        ServerRoot {world.Scratch.Folder}
        {string.Join('\n', ApacheModules.Select(module => $"LoadModule {module}_module /usr/lib/apache2/modules/mod_{module}.so"))}
        PidFile {world.Scratch.PathOf("apache.pid")}
        DefaultRuntimeDir {world.Scratch.Folder}
        Mutex posixsem
        ErrorLog /dev/stderr
        ServerName localhost
        User www-data
        Group www-data
        Listen 443
        Include {path}

        """;
}
