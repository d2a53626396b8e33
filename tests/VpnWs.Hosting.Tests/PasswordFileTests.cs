using VpnWs.Hosting;

namespace VpnWs.Tests.Hosting;

public sealed class PasswordFileTests : IDisposable
{
    private const string Bcrypt = "$2y$04$TGEnSKFd2mAc68/JZPBqWec32iU24Vye6.CJu5/Y6Mfdr1iLwaRE2";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Scratch _scratch = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(Bcrypt)]
    [InlineData("$6$rounds=1000$MwgGTIbzPkkuNBGC$DETVF1LT3fB4PUtf0l/F7MhcMrja086Bq5aG/BhWuIBmZE6LVeROj.EhaXDvuriELZEXRNnHY0ZiXuEjG2Tj0/")]
    [InlineData("$y$j75$Zx1PqhXGS2dpMcqbPvFrF/$6N2P7pTbGOdtmnkjo9JJuIIcIMHilSkLXDmVDAX5jB2")]
    [InlineData("abAuyryGSfbNQ")]
    public async Task Every_kind_of_hash_that_the_library_knows_is_checked(string hash)
    {
        var check = Check($"# ours\r\n\r\nada:{hash}:a remark\r\n");
        Assert.True(await check.VerifyAsync("ada", "love-lace", Ct));
        Assert.True(await check.VerifyAsync("ada", "love-lace", Ct));
        Assert.False(await check.VerifyAsync("ada", "Love-lace", Ct));
        Assert.False(await check.VerifyAsync("ada", "", Ct));
        Assert.False(await check.VerifyAsync("grace", "love-lace", Ct));
        Assert.False(await check.VerifyAsync("Ada", "love-lace", Ct));
    }

    [Fact]
    public void Whoever_is_not_there_costs_what_one_of_those_costs_who_are_and_always_the_same()
    {
        var cheap = Bcrypt;
        var dear = Bcrypt.Replace("$04$", "$12$", StringComparison.Ordinal);
        var file = Load($"ada:{cheap}\ngrace:{dear}");
        var names = Enumerable.Range(0, 100).Select(number => $"nobody{number}").ToList();
        var costs = names.Select(name => file.Find(name)).ToList();
        Assert.All(costs, static found => Assert.False(found.IsKnown));
        Assert.Equal([cheap, dear], costs.Select(static found => found.Hash).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(costs, names.Select(name => file.Find(name)));
        Assert.Equal((dear, true), file.Find("grace"));
    }

    [Fact]
    public async Task What_was_right_is_forgotten_with_its_hash()
    {
        var file = Load($"ada:{Bcrypt}");
        var check = new PasswordCheck(() => file);
        Assert.True(await check.VerifyAsync("ada", "love-lace", Ct));
        file = Load($"grace:{Bcrypt}");
        Assert.False(await check.VerifyAsync("ada", "love-lace", Ct));
        Assert.True(await check.VerifyAsync("grace", "love-lace", Ct));
    }

    [Theory]
    [InlineData("ada:secret", 1, "this kind of password hash is not known")]
    [InlineData("ada:{PLAIN}secret", 1, "this kind of password hash is not known")]
    [InlineData("ada:$apr1$8gZ0O3qF$07V.AWQuFawB8y9U/mzuz0", 1, "this kind of password hash is not known")]
    [InlineData("ada:$2y$04$TGEnSKFd2mAc68/JZPBqWec32iU24Vye6.CJu5/Y6Mfdr1iLwaRE", 1, "this password hash has not the length of its kind")]
    [InlineData("ada:$6$MwgGTIbzPkkuNBGC$DETVF1LT3fB4", 1, "this password hash has not the length of its kind")]
    [InlineData("ada:", 1, "this kind of password hash is not known")]
    [InlineData("# one\n\njust words", 3, "this is not USER:HASH")]
    [InlineData(":" + Bcrypt, 1, "this is not USER:HASH")]
    [InlineData("ada:" + Bcrypt + "\nada:" + Bcrypt, 2, "this user is there already")]
    public void A_broken_line_is_told_with_file_and_number_and_without_the_hash(string text, int line, string says)
    {
        var path = _scratch.Write("htpasswd", text);
        var error = Assert.Throws<ProgramException>(() => PasswordFile.Load(path));
        Assert.StartsWith($"{path}:{line}: {says}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("$", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_users_or_none_at_all_is_told()
    {
        Assert.Contains("no user in", Assert.Throws<ProgramException>(() => Load("# nobody\n")).Message, StringComparison.Ordinal);
        Assert.Contains("there is no such file", Assert.Throws<ProgramException>(() => PasswordFile.Load(_scratch.Path("none"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_became_broken_leaves_the_old_one_in_use()
    {
        var path = _scratch.Write("htpasswd", $"ada:{Bcrypt}");
        var passwords = new Reloadable<PasswordFile>("passwords", () => PasswordFile.Load(path), path, null);
        var (old, stamp) = (passwords.Current, passwords.Stamp);
        _scratch.Write("htpasswd", "ada:secret");
        Assert.NotEqual(stamp, passwords.Stamp);
        var outcome = passwords.Reload();
        Assert.StartsWith($"{path}:1: ", outcome.Fault, StringComparison.Ordinal);
        Assert.Equal($"cannot reload the passwords, the old one stays: {outcome.Fault}", $"{outcome}");
        Assert.Same(old, passwords.Current);
        _scratch.Write("htpasswd", $"ada:{Bcrypt}\ngrace:{Bcrypt}");
        Assert.Equal("reloaded the passwords", $"{passwords.Reload()}");
        Assert.Equal(2, passwords.Current.Count);
    }

    [Fact]
    public void A_link_that_points_elsewhere_is_a_change()
    {
        _scratch.Write("one", "1");
        _scratch.Write("two", "1");
        var link = _scratch.Path("link");
        File.CreateSymbolicLink(link, "one");
        var watched = new Reloadable<string>("file", () => "", link);
        var before = watched.Stamp;
        File.Delete(link);
        Assert.NotEqual(before, watched.Stamp);
        File.CreateSymbolicLink(link, "two");
        Assert.NotEqual(before, watched.Stamp);
    }

    [Fact]
    public void A_change_and_a_signal_reload_once_and_a_lasting_fault_is_told_once()
    {
        var path = _scratch.Write("htpasswd", $"ada:{Bcrypt}");
        var passwords = new Reloadable<PasswordFile>("passwords", () => PasswordFile.Load(path), path);
        // What changes before the watch begins is not missed.
        _scratch.Write("htpasswd", $"ada:{Bcrypt}\n");
        var told = new List<string>();
        var watch = new FileWatch([passwords], outcome => told.Add($"{outcome}"));
        Look(2);
        Assert.Equal("reloaded the passwords", Take(told));

        _scratch.Write("htpasswd", $"ada:{Bcrypt}\n\n");
        Assert.True(watch.ReloadAll());
        Look(3);
        Assert.Equal("reloaded the passwords", Take(told));

        // Half of it is there when the signal comes.
        _scratch.Write("htpasswd", "ada");
        watch.ReloadAll();
        Look(3);
        Assert.StartsWith("cannot reload the passwords, the old one stays: ", Take(told), StringComparison.Ordinal);
        _scratch.Write("htpasswd", $"ada:{Bcrypt}\n\n\n");
        Look(2);
        Assert.Equal("reloaded the passwords", Take(told));

        void Look(int times)
        {
            for (var i = 0; i < times; i++) watch.Look();
        }
    }

    [Fact]
    public void What_failed_is_tried_again_without_another_change_to_the_file()
    {
        var isAllowed = true;
        var path = _scratch.Write("file", "1");
        var item = new Reloadable<string>("file", () => isAllowed ? "" : throw new ProgramException("permission denied"), path);
        var told = new List<string>();
        var watch = new FileWatch([item], outcome => told.Add($"{outcome}"));
        isAllowed = false;
        watch.ReloadAll();
        watch.Look();
        Assert.Equal("cannot reload the file, the old one stays: permission denied", Take(told));
        isAllowed = true;
        watch.Look();
        watch.Look();
        Assert.Equal("reloaded the file", Take(told));
    }

    [Fact]
    public void Whatever_goes_wrong_while_files_are_read_what_is_in_use_stays_and_the_watch_goes_on()
    {
        Exception? fault = null;
        var path = _scratch.Write("file", "1");
        var item = new Reloadable<string>("file", () => fault is null ? File.ReadAllText(path) : throw fault, path);
        var told = new List<string>();
        var watch = new FileWatch([item], outcome => told.Add($"{outcome}"));
        fault = new PlatformNotSupportedException("not on\nthis machine");
        watch.ReloadAll();
        Assert.Equal("cannot reload the file, the old one stays: not on this machine", Take(told));
        Assert.Equal("1", item.Current);
        fault = null;
        _scratch.Write("file", "23");
        watch.Look();
        watch.Look();
        Assert.Equal("reloaded the file", Take(told));
        Assert.Equal("23", item.Current);
    }

    [Fact]
    public void Where_nothing_can_be_reloaded_whoever_asks_is_told() => Assert.False(new FileWatch([], static _ => Assert.Fail("Nothing is reloaded.")).ReloadAll());

    [Fact]
    public void A_file_without_end_is_not_read_to_its_end()
    {
        if (!File.Exists("/dev/zero")) Assert.Skip("There is no /dev/zero.");
        Assert.Equal("cannot read /dev/zero: it is larger than 64 MiB", Assert.Throws<ProgramException>(() => PasswordFile.Load("/dev/zero")).Message);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_could_make_its_reader_wait_is_refused_and_what_a_shell_hands_over_is_read()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("The kinds of files are those of Linux.");
        var (pipe, line) = (_scratch.MakePipe("pipe"), $"ada:{Bcrypt}\n");
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(_scratch.Path("socket")));
        // On another thread: opening the pipe would wait for ever.
        var refused = await Task.Run(() => Assert.Throws<ProgramException>(() => PasswordFile.Load(pipe)).Message, Ct).WaitAsync(Patience, Ct);
        Assert.Equal($"cannot read {pipe}: it is a named pipe; give an ordinary file", refused);
        var other = Assert.Throws<ProgramException>(() => PasswordFile.Load(_scratch.Path("socket"))).Message;
        Assert.Equal($"cannot read {_scratch.Path("socket")}: it is a socket; give an ordinary file", other);

        using var handedOver = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
        await handedOver.WriteAsync(System.Text.Encoding.UTF8.GetBytes(line), Ct);
        var path = $"/dev/fd/{handedOver.ClientSafePipeHandle.DangerousGetHandle()}";
        var reading = Task.Run(() => new Reloadable<PasswordFile>("passwords", () => PasswordFile.Load(path), path), Ct);
        // Its reader waits for the end of what comes, which is known once all who could write have closed it.
        handedOver.SafePipeHandle.Dispose();
        var passwords = await reading.WaitAsync(Patience, Ct);
        Assert.Equal(1, passwords.Current.Count);
        Assert.Equal($"cannot read {path}: it is a pipe, and only an ordinary file can be read again", passwords.Reload().Fault);
        Assert.Equal(1, passwords.Current.Count);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_pipe_in_the_place_of_a_file_does_not_hold_up_the_watch()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("The kinds of files are those of Linux.");
        var path = _scratch.Write("file", "1");
        var item = new Reloadable<string>("file", () => File.ReadAllText(path), path);
        var told = new List<string>();
        var watch = new FileWatch([item], outcome => told.Add($"{outcome}"));
        File.Delete(path);
        _scratch.MakePipe("file");
        await Task.Run(watch.ReloadAll, Ct).WaitAsync(Patience, Ct);
        Assert.Equal($"cannot reload the file, the old one stays: cannot read {path}: it is a pipe, and only an ordinary file can be read again", Take(told));
        File.Delete(path);
        File.CreateSymbolicLink(path, "/dev/zero");
        watch.ReloadAll();
        Assert.EndsWith("it is a device, and only an ordinary file can be read again", Take(told), StringComparison.Ordinal);
        File.Delete(path);
        _scratch.Write("file", "22");
        watch.ReloadAll();
        Assert.Equal("reloaded the file", Take(told));
        Assert.Equal("22", item.Current);
    }

    private PasswordFile Load(string text) => PasswordFile.Load(_scratch.Write("htpasswd", text));

    private PasswordCheck Check(string text)
    {
        var file = Load(text);
        return new PasswordCheck(() => file);
    }

    /// <summary>The one line since the last time.</summary>
    private static string Take(List<string> told)
    {
        var line = Assert.Single(told);
        told.Clear();
        return line;
    }
}
