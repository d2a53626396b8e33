using System.Security.Cryptography;
using System.Text;

namespace VpnWs.Hosting;

/// <summary>Checks passwords against a <see cref="PasswordFile"/>. Few at a time: a hash that is slow for a thief is slow for us too.</summary>
/// <param name="current">The file as it is now.</param>
internal sealed class PasswordCheck(Func<PasswordFile> current)
{
    private const int MostRemembered = 10_000;

    private static readonly SemaphoreSlim Turns = new(Math.Max(1, Environment.ProcessorCount / 2));

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly HashSet<string> _known = [];
    private readonly Lock _gate = new();

    /// <summary>Whether the user has this password. One that was right before is known again at once, as long as the hash stays the same.</summary>
    public async ValueTask<bool> VerifyAsync(string user, string password, CancellationToken cancellationToken)
    {
        var (hash, isKnown) = current().Find(user);
        var memory = Convert.ToBase64String(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{hash}\0{user}\0{password}")));
        lock (_gate)
        {
            if (isKnown && _known.Contains(memory)) return true;
        }

        await Turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!await Task.Run(() => Crypt.Verify(password, hash), CancellationToken.None).ConfigureAwait(false) || !isKnown) return false;
        }
        finally
        {
            Turns.Release();
        }

        lock (_gate)
        {
            if (_known.Count >= MostRemembered) _known.Clear();
            _known.Add(memory);
        }

        return true;
    }
}
