namespace VpnWs.Hosting;

/// <summary>Something that is made of files and made anew when they change.</summary>
internal interface IReloadable
{
    /// <summary>What its files look like from outside; another text says that one of them has changed.</summary>
    string Stamp { get; }

    /// <summary>Reads the files again.</summary>
    /// <returns>What to tell: that it is in use, or why the old one stays.</returns>
    (bool Done, string Sentence) Reload();
}

/// <summary>Holds what was last read without a fault.</summary>
/// <param name="name">What it is, for the log.</param>
/// <param name="load">Reads the files.</param>
/// <param name="paths">The files; null ones are left out.</param>
internal sealed class Reloadable<T>(string name, Func<T> load, params IEnumerable<string?> paths) : IReloadable
    where T : class
{
    private readonly string[] _paths = [.. paths.OfType<string>()];
    private volatile T _current = load();

    /// <summary>It was read again without a fault.</summary>
    public event Action<T>? Reloaded;

    /// <summary>What is in use.</summary>
    public T Current => _current;

    /// <inheritdoc/>
    public string Stamp => string.Join('\n', _paths.Select(StampOf));

    /// <inheritdoc/>
    public (bool Done, string Sentence) Reload()
    {
        try
        {
            var current = load();
            _current = current;
            Reloaded?.Invoke(current);
            return (true, $"reloaded {name}");
        }
        catch (ProgramException e)
        {
            return (false, $"cannot reload {name}, the old one stays: {e.Message}");
        }
    }

    /// <summary>A link that points elsewhere now is a changed file too: that is how certificates are often renewed.</summary>
    private static string StampOf(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target) file = target;
            return file.Exists ? FormattableString.Invariant($"{file.FullName} {file.LastWriteTimeUtc.Ticks} {file.Length}") : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
