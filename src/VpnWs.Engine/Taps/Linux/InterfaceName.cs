using System.Text;

namespace VpnWs.Taps;

/// <summary>The kernel's rules for the name of an interface (<c>dev_valid_name</c>), checked here because TUNSETIFF would cut a long one.</summary>
internal static class InterfaceName
{
    /// <summary>The longest name, in bytes of UTF-8: 15.</summary>
    internal const int MaxLength = 15;

    /// <summary>The room for a name and its final zero in the kernel's structures (IFNAMSIZ): 16.</summary>
    internal const int Room = MaxLength + 1;

    /// <summary>Whether the name is a pattern for the first free number.</summary>
    internal static bool IsPattern(string name) => name.Contains('%', StringComparison.Ordinal);

    /// <summary>Throws where the kernel would refuse the name, or make another of it.</summary>
    /// <param name="name">The name, or, where <paramref name="pattern"/> allows it, a pattern such as <c>vpn%d</c>.</param>
    /// <param name="pattern">Whether a pattern will do.</param>
    /// <exception cref="TapException">The name is no good; the message says why.</exception>
    internal static void Check(string name, bool pattern)
    {
        if (FindFault(name, pattern) is { } fault) throw new TapException(fault) { IsBadName = true };
    }

    /// <summary>What is wrong with the name, or null.</summary>
    internal static string? FindFault(string name, bool pattern)
    {
        if (name.Length == 0) return "The interface name is empty; give one such as 'vpn0'.";
        var bytes = Encoding.UTF8.GetBytes(name);
        if (Array.FindIndex(bytes, IsForbidden) >= 0)
            return $"The interface name '{Printable(name)}' contains a space, '/', ':' or a control character; choose another.";
        if (bytes.Length > MaxLength) return $"The interface name '{name}' is too long: {bytes.Length} bytes where {MaxLength} are the most.";
        if (name is "." or "..") return $"The interface name '{name}' is not allowed; choose another.";
        if (!IsPattern(name)) return null;
        if (!pattern) return $"'{name}' is a pattern; give the name of one interface.";
        return name.Contains("%d", StringComparison.Ordinal) && name.Count(static c => c == '%') == 1
            ? null
            : $"The interface name '{name}' is not allowed: it may hold one '%d', for the first free number, and no other '%'.";
    }

    // 0xa0 is white space to the kernel, which reads names byte by byte as Latin-1.
    private static bool IsForbidden(byte b) => b is <= 0x20 or 0x7f or 0xa0 or (byte)'/' or (byte)':';

    private static string Printable(string name) => string.Concat(name.Select(c => char.IsControl(c) ? '?' : c));
}
