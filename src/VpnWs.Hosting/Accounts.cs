namespace VpnWs.Hosting;

/// <summary>Looks users and groups up in the system's databases: local files, LDAP, whatever the name service switch says.</summary>
internal static unsafe class Accounts
{
    private const int FirstSize = 4 * 1024;
    private const int LastSize = 4 * 1024 * 1024;

    private delegate int Question(LibC.AccountRecord* record, byte* buffer, nuint size, LibC.AccountRecord** found);

    /// <summary>The ids of the user of this name and of its primary group, or null where there is none.</summary>
    public static (uint UserId, uint GroupId)? FindUser(string name) =>
        Ask((record, buffer, size, found) => LibC.GetUserByName(name, record, buffer, size, found));

    /// <summary>The primary group of the user with this id, or null where the databases have no such user.</summary>
    public static uint? FindPrimaryGroup(uint userId) =>
        Ask((record, buffer, size, found) => LibC.GetUserById(userId, record, buffer, size, found))?.PrimaryGroupId;

    /// <summary>The id of the group of this name, or null where there is none.</summary>
    public static uint? FindGroup(string name) =>
        Ask((record, buffer, size, found) => LibC.GetGroupByName(name, record, buffer, size, found))?.Id;

    private static (uint Id, uint PrimaryGroupId)? Ask(Question question)
    {
        for (var size = FirstSize; ; size *= 4)
        {
            fixed (byte* buffer = new byte[size])
            {
                LibC.AccountRecord record;
                LibC.AccountRecord* found = null;
                // A group with many members needs more room than the first try gives.
                if (question(&record, buffer, (nuint)size, &found) == LibC.NoRoom && size < LastSize) continue;
                return found is null ? null : (found->Id, found->PrimaryGroupId);
            }
        }
    }
}
