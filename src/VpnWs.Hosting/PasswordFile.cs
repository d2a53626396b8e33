using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace VpnWs.Hosting;

/// <summary>Users and their hashed passwords, one <c>user:hash</c> a line, as <c>htpasswd -B</c> writes them; empty lines and those with # are passed over.</summary>
internal sealed class PasswordFile
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    private readonly Dictionary<string, string> _hashes;
    private readonly string[] _all;

    private PasswordFile(Dictionary<string, string> hashes) => (_hashes, _all) = (hashes, [.. hashes.Values]);

    /// <summary>How many users there are.</summary>
    public int Count => _hashes.Count;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ProgramException">It cannot be read, or a line is broken; no message shows a hash.</exception>
    public static PasswordFile Load(string path)
    {
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in Encoding.UTF8.GetString(TextFile.ReadBytes(path)).TrimStart('\ufeff').Split('\n'))
        {
            number++;
            var text = line.Trim();
            if (text.Length == 0 || text[0] == '#') continue;
            var fields = text.Split(':');
            var fault = fields.Length < 2 || fields[0].Length == 0 ? "this is not USER:HASH"
                : !Crypt.Knows(fields[1]) ? "this kind of password hash is not known; make one with: htpasswd -B -n USER"
                : !Crypt.IsWhole(fields[1]) ? "this password hash has not the length of its kind; make it anew with: htpasswd -B -n USER"
                : !hashes.TryAdd(fields[0], fields[1]) ? "this user is there already"
                : null;
            if (fault is not null) throw new ProgramException($"{path}:{number}: {fault}");
        }

        return hashes.Count > 0 ? new PasswordFile(hashes) : throw new ProgramException($"there is no user in {path}");
    }

    /// <summary>
    /// The hash of a user's password; for a user who is not there that of another, always the same one, so that a refusal takes as long as it would for
    /// somebody who is there, whatever each hash costs.
    /// </summary>
    public (string Hash, bool IsKnown) Find(string user) => _hashes.TryGetValue(user, out var hash) ? (hash, true) : (AnyOf(user), false);

    private string AnyOf(string user) => _all[BinaryPrimitives.ReadUInt32LittleEndian(HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes(user))) % _all.Length];
}
