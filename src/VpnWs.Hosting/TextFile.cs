namespace VpnWs.Hosting;

/// <summary>Reads the files that options name.</summary>
internal static class TextFile
{
    /// <summary>All of a file.</summary>
    /// <exception cref="ProgramException">It cannot be read; the message says why in one line.</exception>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
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
}
