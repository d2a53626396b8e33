namespace VpnWs.Hosting;

/// <summary>Something that is made of files and made anew when they change. The PowerShell module is built with this file too.</summary>
internal interface IReloadable
{
    /// <summary>Whether there is a file that can change.</summary>
    bool HasFiles { get; }

    /// <summary>What its files look like from outside; another text says that one of them has changed.</summary>
    string Stamp { get; }

    /// <summary>What they looked like just before they were last read.</summary>
    string StampRead { get; }

    /// <summary>Reads the files again.</summary>
    ReloadOutcome Reload();
}

/// <summary>What came of reading files again. <see cref="object.ToString"/> is the sentence for a log.</summary>
/// <param name="Name">What is made of them: <c>certificate</c>, <c>passwords</c> or <c>rules</c>.</param>
/// <param name="Fault">Why the old one stays in use, in words; null where the new one is.</param>
internal sealed record ReloadOutcome(string Name, string? Fault)
{
    /// <inheritdoc/>
    public override string ToString() => Fault is null ? $"reloaded the {Name}" : $"cannot reload the {Name}, the old one stays: {Fault}";
}

/// <summary>Holds what was last read without a fault.</summary>
internal sealed class Reloadable<T> : IReloadable
    where T : class
{
    private readonly string _name;
    private readonly Func<T> _load;
    private readonly string[] _paths;
    private volatile string _stampRead;
    private volatile T _current;

    /// <summary>Reads the files for the first time.</summary>
    /// <param name="name">What it is, as <see cref="ReloadOutcome"/> says it.</param>
    /// <param name="load">Reads the files.</param>
    /// <param name="paths">The files; null ones are left out.</param>
    public Reloadable(string name, Func<T> load, params IEnumerable<string?> paths)
    {
        (_name, _load, _paths) = (name, load, [.. paths.OfType<string>()]);
        _stampRead = Stamp;
        _current = load();
    }

    /// <summary>It was read again without a fault.</summary>
    public event Action<T>? Reloaded;

    /// <summary>What is in use.</summary>
    public T Current => _current;

    /// <inheritdoc/>
    public bool HasFiles => _paths.Length > 0;

    /// <inheritdoc/>
    public string Stamp => string.Join('\n', _paths.Select(StampOf));

    /// <inheritdoc/>
    public string StampRead => _stampRead;

    /// <inheritdoc/>
    public ReloadOutcome Reload()
    {
        try
        {
            // Before the files are read: what is written meanwhile has still to be seen.
            _stampRead = Stamp;
            foreach (var path in _paths)
            {
                if (FileKind.ReloadObjection(path) is { } objection) return new ReloadOutcome(_name, OneLine.Of($"cannot read {path}: {objection}"));
            }

            var current = _load();
            _current = current;
            Reloaded?.Invoke(current);
            return new ReloadOutcome(_name, null);
        }
#pragma warning disable CA1031 // Whatever a file or a library comes up with, what is in use stays in use.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new ReloadOutcome(_name, OneLine.Of(e.Message).TrimEnd('.'));
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            return "";
        }
    }
}
