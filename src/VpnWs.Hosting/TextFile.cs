namespace VpnWs.Hosting;

/// <summary>Reads the files that options name.</summary>
internal static class TextFile
{
    private const int MostBytes = 64 * 1024 * 1024;
    private const int Step = 64 * 1024;

    /// <summary>All of a file.</summary>
    /// <exception cref="ProgramException">It cannot be read; the message says why in one line.</exception>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            if (FileKind.StartObjection(path) is { } objection) throw new ProgramException($"cannot read {path}: {objection}");
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return ReadAll(file) ?? throw new ProgramException($"cannot read {path}: it is larger than {MostBytes / 1024 / 1024} MiB");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            var reason = e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "there is no such file",
                UnauthorizedAccessException when Directory.Exists(path) => "it is a directory",
                UnauthorizedAccessException => "permission denied",
                _ => e.Message,
            };
            throw new ProgramException($"cannot read {path}: {reason}", innerException: e);
        }
    }

    /// <summary>All of a file, whose length need not be known beforehand; null where it is too long to be what an option could name.</summary>
    private static byte[]? ReadAll(FileStream file)
    {
        using var all = new MemoryStream();
        var buffer = new byte[Step];
        while (file.Read(buffer) is > 0 and var length)
        {
            if (all.Length + length > MostBytes) return null;
            all.Write(buffer, 0, length);
        }

        return all.ToArray();
    }
}
