using VpnWs.Hosting;

namespace VpnWs.Tests.Hosting;

public sealed class PasswordFileTests : IDisposable
{
    private const string Bcrypt = "$2y$04$TGEnSKFd2mAc68/JZPBqWec32iU24Vye6.CJu5/Y6Mfdr1iLwaRE2";

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
        var passwords = new Reloadable<PasswordFile>("the passwords", () => PasswordFile.Load(path), path, null);
        var (old, stamp) = (passwords.Current, passwords.Stamp);
        _scratch.Write("htpasswd", "ada:secret");
        Assert.NotEqual(stamp, passwords.Stamp);
        var (done, sentence) = passwords.Reload();
        Assert.False(done);
        Assert.StartsWith($"cannot reload the passwords, the old one stays: {path}:1: ", sentence, StringComparison.Ordinal);
        Assert.Same(old, passwords.Current);
        _scratch.Write("htpasswd", $"ada:{Bcrypt}\ngrace:{Bcrypt}");
        Assert.Equal((true, "reloaded the passwords"), passwords.Reload());
        Assert.Equal(2, passwords.Current.Count);
    }

    [Fact]
    public void A_link_that_points_elsewhere_is_a_change()
    {
        _scratch.Write("one", "1");
        _scratch.Write("two", "1");
        var link = _scratch.Path("link");
        File.CreateSymbolicLink(link, "one");
        var watched = new Reloadable<string>("it", () => "", link);
        var before = watched.Stamp;
        File.Delete(link);
        Assert.NotEqual(before, watched.Stamp);
        File.CreateSymbolicLink(link, "two");
        Assert.NotEqual(before, watched.Stamp);
    }

    private PasswordFile Load(string text) => PasswordFile.Load(_scratch.Write("htpasswd", text));

    private PasswordCheck Check(string text)
    {
        var file = Load(text);
        return new PasswordCheck(() => file);
    }
}
