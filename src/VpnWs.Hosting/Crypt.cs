using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace VpnWs.Hosting;

/// <summary>Password hashes of every kind that libxcrypt knows (crypt(5)): bcrypt, yescrypt, scrypt, sha512crypt and older ones.</summary>
internal static unsafe partial class Crypt
{
    private const int DataSize = 32_768;
    private const int SaltOk = 0;
    private const int SaltLegacy = 3;
    private const int SaltTooCheap = 4;

    /// <summary>Whether the library is there and takes passwords hashed so.</summary>
    /// <exception cref="ProgramException">The library is missing.</exception>
    public static bool Knows(string hash)
    {
        // What does not begin with a sign is taken for DES, whatever it is.
        if (hash.Length == 0 || (hash[0] is not ('$' or '_') && hash.Length != 13)) return false;
        try
        {
            return CheckSalt(hash) is SaltOk or SaltLegacy or SaltTooCheap;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new ProgramException("passwords are checked with libcrypt.so.1 of libxcrypt, which is missing; install it (Debian: libcrypt1)", innerException: e);
        }
    }

    /// <summary>Whether a hash is as long as all of its kind are (crypt(5)). A cut one is none that a password could match.</summary>
    public static bool IsWhole(string hash)
    {
        var last = hash.Length - 1 - hash.LastIndexOf('$');
        return hash.Split('$') is not ["", var kind, ..] || last == kind switch
        {
            "1" => 22,
            "2a" or "2b" or "2x" or "2y" => 53,
            "5" or "7" or "y" or "gy" => 43,
            "6" => 86,
            "sha1" => 28,
            _ => last,
        };
    }

    /// <summary>Whether a password is the one that was hashed; takes as long as the hash was made to take.</summary>
    public static bool Verify(string password, string hash)
    {
        var data = (byte*)NativeMemory.AllocZeroed(DataSize);
        try
        {
            var result = CryptR(password, hash, data);
            return result is not null && CryptographicOperations.FixedTimeEquals(
                MemoryMarshal.CreateReadOnlySpanFromNullTerminated(result), Encoding.UTF8.GetBytes(hash));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(new Span<byte>(data, DataSize));
            NativeMemory.Free(data);
        }
    }

    [LibraryImport("libcrypt.so.1", EntryPoint = "crypt_r", StringMarshalling = StringMarshalling.Utf8)]
    private static partial byte* CryptR(string phrase, string setting, byte* data);

    [LibraryImport("libcrypt.so.1", EntryPoint = "crypt_checksalt", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CheckSalt(string setting);
}
