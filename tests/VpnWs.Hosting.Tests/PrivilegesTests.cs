using System.Globalization;
using VpnWs.Hosting;

namespace VpnWs.Tests.Hosting;

public sealed class PrivilegesTests
{
    private const uint NoSuchId = 4_000_000_001;

    [Fact]
    public void Users_are_found_as_the_system_has_them()
    {
        foreach (var fields in Entries("/etc/passwd"))
            Assert.Equal((Number(fields[2]), Number(fields[3])), Accounts.FindUser(fields[0]));
        Assert.Equal(0u, Accounts.FindPrimaryGroup(0));
        Assert.Null(Accounts.FindUser("no-such-user-here"));
        Assert.Null(Accounts.FindPrimaryGroup(NoSuchId));
    }

    [Fact]
    public void Groups_are_found_as_the_system_has_them()
    {
        foreach (var fields in Entries("/etc/group")) Assert.Equal(Number(fields[2]), Accounts.FindGroup(fields[0]));
        Assert.Null(Accounts.FindGroup("no-such-group-here"));
    }

    [Fact]
    public void Nothing_is_dropped_where_nothing_is_asked()
    {
        var privileges = Privileges.Resolve(null, null);
        Assert.Equal(new Privileges(null, null), privileges);
        privileges.Drop();
    }

    [Fact]
    public void A_user_brings_its_primary_group()
    {
        var nobody = Accounts.FindUser("nobody")!.Value;
        var expected = new Privileges(nobody.UserId, nobody.GroupId);
        Assert.Equal(expected, Privileges.Resolve("nobody", null));
        Assert.Equal(expected, Privileges.Resolve(nobody.UserId.ToString(CultureInfo.InvariantCulture), null));
    }

    [Fact]
    public void A_group_that_is_given_goes_before_the_user_s_own()
    {
        var nobody = Accounts.FindUser("nobody")!.Value;
        Assert.Equal(new Privileges(nobody.UserId, Accounts.FindGroup("daemon")), Privileges.Resolve("nobody", "daemon"));
        Assert.Equal(new Privileges(nobody.UserId, NoSuchId), Privileges.Resolve("nobody", "4000000001"));
        Assert.Equal(new Privileges(NoSuchId, NoSuchId), Privileges.Resolve("4000000001", "4000000001"));
    }

    [Fact]
    public void A_group_alone_leaves_the_user() => Assert.Equal(new Privileges(null, Accounts.FindGroup("daemon")), Privileges.Resolve(null, "daemon"));

    [Theory]
    [InlineData("no-such-user-here", null, "unable to find user no-such-user-here")]
    [InlineData(null, "no-such-group-here", "unable to find group no-such-group-here")]
    [InlineData("nobody", "no-such-group-here", "unable to find group no-such-group-here")]
    [InlineData("root", null, "unable to drop to uid: root is uid 0")]
    [InlineData("0", null, "unable to drop to uid: 0 is uid 0")]
    [InlineData("0", "daemon", "unable to drop to uid: 0 is uid 0")]
    [InlineData(null, "root", "unable to drop to gid: root is gid 0; name another with --gid")]
    [InlineData("nobody", "0", "unable to drop to gid: 0 is gid 0; name another with --gid")]
    [InlineData("4000000001", null, "unable to drop to gid: user 4000000001 has no entry that tells its group; give --gid too")]
    [InlineData("4294967295", "daemon", "unable to find user 4294967295")]
    [InlineData("nobody", "4294967295", "unable to find group 4294967295")]
    [InlineData("-1", "daemon", "unable to find user -1")]
    [InlineData("", null, "unable to find user ")]
    public void What_is_no_step_down_is_refused_before_anything_is_made(string? user, string? group, string message)
    {
        var error = Assert.Throws<ProgramException>(() => Privileges.Resolve(user, group));
        Assert.Equal((ExitCode.Failed, message), (error.Code, error.Message));
    }

    private static IEnumerable<string[]> Entries(string path) => File.ReadAllLines(path).Select(line => line.Split(':')).Where(fields => fields.Length >= 4);

    private static uint Number(string text) => uint.Parse(text, CultureInfo.InvariantCulture);
}
