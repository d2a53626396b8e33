using System.Globalization;
using System.Runtime.InteropServices;

namespace VpnWs.Hosting;

/// <summary>Whom a program is to become once it needs no rights any more; null leaves the user or the group as it is.</summary>
internal sealed record Privileges(uint? UserId, uint? GroupId)
{
    /// <summary>
    /// Finds the ids before anything is made, so that a wrong name leaves nothing behind. As in the C program a text is a name first and a number
    /// otherwise, and 0 is refused. A user without a group gets its primary group: to keep root's would be no drop.
    /// </summary>
    /// <exception cref="ProgramException">There is no such user or group, or it is no step down.</exception>
    public static Privileges Resolve(string? user, string? group)
    {
        if (user is null && group is null) return new Privileges(null, null);
        if (OperatingSystem.IsWindows()) throw new ProgramException("--uid and --gid are not for Windows");
        var (userId, groupId) = user is null ? (null, null) : ResolveUser(user);
        if (group is not null) groupId = Accounts.FindGroup(group) ?? Number(group) ?? throw new ProgramException($"unable to find group {group}");
        if (userId == 0) throw new ProgramException($"unable to drop to uid: {user} is uid 0");
        if (groupId == 0) throw new ProgramException($"unable to drop to gid: {(group is null ? $"the group of {user}" : group)} is gid 0; name another with --gid");
        if (user is not null && groupId is null)
            throw new ProgramException($"unable to drop to gid: user {user} has no entry that tells its group; give --gid too");
        return new Privileges(userId, groupId);
    }

    /// <summary>Gives the rights up for the whole process and makes sure that they are gone: supplementary groups, then group, then user.</summary>
    /// <exception cref="ProgramException">The system refused, or the rights could be taken back.</exception>
    public void Drop()
    {
        // Who is not root and is told to become itself may not call any of these, and need not.
        var isNeeded = Environment.IsPrivilegedProcess || !AreIdsSet();
        if (isNeeded && GroupId is { } group) DropGroups(group);
        if (isNeeded && UserId is { } user && LibC.SetUserIds(user, user, user) != 0) throw Refused($"drop to uid {user}");
        if (!AreIdsSet()) throw new ProgramException("unable to drop privileges: the system said yes, but the old ids are still there");
        if (UserId is not null && CanReturn())
            throw new ProgramException("unable to drop privileges: they could be taken back (is CAP_SETUID or CAP_SETGID kept?)");
    }

    private static (uint? UserId, uint? GroupId) ResolveUser(string user)
    {
        if (Accounts.FindUser(user) is { } known) return known;
        var id = Number(user) ?? throw new ProgramException($"unable to find user {user}");
        return (id, Accounts.FindPrimaryGroup(id));
    }

    private static uint? Number(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != LibC.Unchanged ? id : null;

    private static unsafe void DropGroups(uint group)
    {
        if (LibC.SetGroups(1, &group) != 0) throw Refused("give up the supplementary groups");
        if (LibC.SetGroupIds(group, group, group) != 0) throw Refused($"drop to gid {group}");
        uint left;
        if (LibC.GetGroups(1, &left) != 1 || left != group) throw new ProgramException("unable to give up the supplementary groups: they are still there");
    }

    private static bool CanReturn() =>
        LibC.SetUserIds(LibC.Unchanged, 0, LibC.Unchanged) == 0 || LibC.SetGroupIds(LibC.Unchanged, 0, LibC.Unchanged) == 0;

    private static ProgramException Refused(string what) => new($"unable to {what}: {Marshal.GetLastPInvokeErrorMessage()}");

    private bool AreIdsSet()
    {
        if (LibC.GetUserIds(out var realUser, out var effectiveUser, out var savedUser) != 0) throw Refused("read the user ids");
        if (LibC.GetGroupIds(out var realGroup, out var effectiveGroup, out var savedGroup) != 0) throw Refused("read the group ids");
        return (UserId is not { } user || (realUser == user && effectiveUser == user && savedUser == user))
            && (GroupId is not { } group || (realGroup == group && effectiveGroup == group && savedGroup == group));
    }
}
