using System.Management.Automation;
using System.Security.Cryptography;
using System.Text;

namespace VpnWs.PowerShell;

/// <summary>Checks users and passwords against those that a script has given; only hashes of them are kept.</summary>
internal sealed class CredentialCheck
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly byte[][] _known;

    public CredentialCheck(IEnumerable<PSCredential> credentials) =>
        _known = [.. credentials.Select(BasicCredential.Of).Select(known => Hash(known.UserName, known.Password))];

    /// <summary>Whether one of them is this user with this password; takes the same time for all.</summary>
    public ValueTask<bool> VerifyAsync(string user, string password, CancellationToken cancellationToken)
    {
        var hash = Hash(user, password);
        var found = false;
        foreach (var known in _known) found |= CryptographicOperations.FixedTimeEquals(known, hash);
        return ValueTask.FromResult(found);
    }

    private byte[] Hash(string user, string password) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{user}\0{password}"));
}
