using System.Globalization;

namespace VpnWs.Taps;

/// <summary>Finds the number of a user.</summary>
internal static class UserId
{
    private const int Room = 16 * 1024;

    /// <summary>The number of a user given by name or, where there is no such name, by number.</summary>
    /// <exception cref="TapException">There is no such user.</exception>
    internal static uint Resolve(string user)
    {
        if (Find(user) is { } found) return found;
        // The highest number stands for "nobody in particular" in the kernel's calls.
        if (uint.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number != uint.MaxValue) return number;
        throw new TapException($"There is no user '{user}' to own the tap; give a user's name or number.");
    }

    private static unsafe uint? Find(string user)
    {
        var buffer = new byte[Room];
        while (true)
        {
            Libc.Password entry;
            Libc.Password* result = null;
            int error;
            fixed (byte* start = buffer) error = Libc.FindUser(user, &entry, start, (nuint)buffer.Length, &result);
            if (error == Libc.ERANGE && buffer.Length < 64 * Room) buffer = new byte[buffer.Length * 2];
            else if (error != Libc.EINTR) return result is null ? null : entry.UserId;
        }
    }
}
