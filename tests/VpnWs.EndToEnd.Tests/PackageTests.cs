using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>What is shipped: made by its script, then installed, started, upgraded and purged on this machine.</summary>
public sealed class PackageTests
{
    private const string SocketFolder = "/run/vpn-ws";
    private const string Configuration = "/etc/vpn-ws/server.conf";
    private const long MostBytes = 35_000_000;

    [Fact]
    public void The_programs_need_no_NET_and_the_Debian_package_comes_and_goes_cleanly()
    {
        Requires.Root();
        foreach (var tool in (string[])["dpkg-deb", "deb-systemd-helper", "setpriv", "useradd"]) Requires.Tool(tool);
        if (File.Exists("/usr/bin/vpn-ws") || Directory.Exists("/etc/vpn-ws")) Assert.Skip("vpn-ws is installed on this machine.");
        using var scratch = new Scratch();
        var output = scratch.PathOf("out");
        // tests/run.sh has published single files for all end-to-end tests.
        string[] published = IsSingle(ProgramPair.Files.Server) ? ["--programs", Path.GetDirectoryName(ProgramPair.Files.Server)!] : [];
        Script(["--output", output, "--version", "1.0.0", .. published]);
        AssertTarball(scratch, Assert.Single(Directory.GetFiles(output, "*.tar.gz")));
        // The same programs under a later version: an upgrade.
        Script("--output", output, "--version", "1.0.1", "--programs", scratch.PathOf("unpacked"));
        var packages = Directory.GetFiles(output, "*.deb").Order(StringComparer.Ordinal).ToArray();
        try
        {
            Dpkg("-i", packages[0]);
            Assert.Contains("vpn-ws 1.", ProcessUnderTest.Run(null, "/usr/bin/vpn-ws", "--version"), StringComparison.Ordinal);
            Assert.Contains("vpn-ws:", ProcessUnderTest.Run(null, "getent", "passwd", "vpn-ws"), StringComparison.Ordinal);
            Assert.Contains("--status", ProcessUnderTest.Run(null, "gzip", "-dc", "/usr/share/man/man1/vpn-ws.1.gz").Replace("\\", "", StringComparison.Ordinal), StringComparison.Ordinal);
            AssertDocumented("/usr/share/doc/vpn-ws");
            AssertStarts(scratch);
            File.AppendAllText(Configuration, "# mine\n");
            Dpkg("--force-confdef", "-i", packages[1]);
            Assert.Contains("# mine", File.ReadAllText(Configuration), StringComparison.Ordinal);
            AssertStarts(scratch);
            Dpkg("--remove", "vpn-ws");
            Assert.False(File.Exists("/usr/bin/vpn-ws"));
            Assert.True(File.Exists(Configuration));
        }
        finally
        {
            Dpkg("--purge", "vpn-ws");
        }

        Assert.False(Directory.Exists("/etc/vpn-ws"));
        using var gone = ProcessUnderTest.Start(null, "getent", "passwd", "vpn-ws");
        Assert.NotEqual(0, gone.WaitForExit());
    }

    [Fact]
    public void The_units_are_sound()
    {
        Requires.Tool("systemd-analyze");
        using var scratch = new Scratch();
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "packaging", "systemd")))
        {
            var text = File.ReadAllText(file).Replace("/usr/bin/vpn-ws", "/bin/true ", StringComparison.Ordinal);
            scratch.Write(Path.GetFileName(file), text);
        }

        foreach (var unit in (string[])["vpn-ws.service", "vpn-ws.socket", "vpn-ws-client@.service"])
            Assert.Equal("", ProcessUnderTest.Run(null, "systemd-analyze", "verify", "--man=no", scratch.PathOf(unit)));
    }

    [Theory]
    [InlineData("vpn-ws.service")]
    [InlineData("vpn-ws-client@.service")]
    public void The_sandbox_of_a_unit_leaves_an_exposure_below_2(string unit)
    {
        Requires.Tool("systemd-analyze");
        using var scratch = new Scratch();
        var path = scratch.Write(unit, File.ReadAllText(Path.Combine(Repository.Root, "packaging", "systemd", unit)).Replace("/usr/bin/vpn-ws", "/bin/true ", StringComparison.Ordinal));
        // The threshold is in tenths.
        using var analysis = ProcessUnderTest.Start(null, "systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=19", path);
        Assert.True(analysis.WaitForExit() == 0, analysis.ToString());
    }

    private static void AssertTarball(Scratch scratch, string archive)
    {
        var folder = Directory.CreateDirectory(scratch.PathOf("unpacked")).FullName;
        ProcessUnderTest.Run(null, "tar", "-xzf", archive, "-C", folder, "--strip-components=1");
        foreach (var program in (string[])["vpn-ws", "vpn-ws-client"])
        {
            var path = Path.Combine(folder, program);
            Assert.InRange(new FileInfo(path).Length, 1, MostBytes);
            // As on a machine without .NET.
            Assert.Contains("Exit codes:", ProcessUnderTest.Run(null, "env", "-i", path, "--help"), StringComparison.Ordinal);
        }

        AssertDocumented(folder);
    }

    /// <summary>Who has the README has all that it leads to for operators.</summary>
    private static void AssertDocumented(string folder)
    {
        foreach (var page in (string[])["README.md", "SECURITY.md", "docs/operating.md", "docs/recipes.md", "docs/rules.md", "examples/recipes/ca.sh", "examples/proxies/nginx-uwsgi.conf"])
            Assert.True(File.Exists(Path.Combine(folder, page)), page);
    }

    /// <summary>Runs the unit's own command as its user, and asks it how it is.</summary>
    private static void AssertStarts(Scratch scratch)
    {
        var unit = File.ReadAllLines("/usr/lib/systemd/system/vpn-ws.service").ToLookup(line => line.Split('=')[0], line => line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        var user = unit["User"].Single();
        ProcessUnderTest.Run(null, "install", "-d", "-o", user, "-g", user, SocketFolder);
        ProcessUnderTest.Run(null, "chmod", "755", scratch.Folder);
        using var manager = new NotifySocket(scratch, $"{Guid.NewGuid():N}.notify");
        File.SetUnixFileMode(manager.Path, (UnixFileMode)0b110_110_110);
        using (var server = ProcessUnderTest.Start(
            null, ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "env", $"NOTIFY_SOCKET={manager.Path}", .. unit["ExecStart"].Single().Split(' ')]))
        {
            manager.WaitFor("READY=1", server);
            Assert.Contains("ID  MAC", ProcessUnderTest.Run(null, "/usr/bin/vpn-ws", "--status", $"{SocketFolder}/vpn.sock"), StringComparison.Ordinal);
            server.Signal(UnixSignal.Terminate);
            Assert.Equal(0, server.WaitForExit());
        }

        Directory.Delete(SocketFolder, recursive: true);
    }

    private static bool IsSingle(string program) => !File.Exists(program + ".dll");

    private static void Script(params string[] options)
    {
        using var script = ProcessUnderTest.Start(
            // Compressing would take longer than all the rest of the test.
            null, ["env", "DPKG_DEB_COMPRESSOR_TYPE=none", Path.Combine(Repository.Root, "packaging", "package.sh"), .. options]);
        Assert.True(script.WaitForExit(TimeSpan.FromMinutes(8)) == 0, script.ToString());
    }

    private static void Dpkg(params string[] words)
    {
        using var dpkg = ProcessUnderTest.Start(null, ["env", "DEBIAN_FRONTEND=noninteractive", "dpkg", .. words]);
        Assert.True(dpkg.WaitForExit(TimeSpan.FromMinutes(2)) == 0, dpkg.ToString());
    }
}
