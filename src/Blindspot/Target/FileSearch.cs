namespace Blindspot.Target;

/// <summary>Where to find the files that were mapped into a process which is not looked at where it runs (a core, a saved snapshot).</summary>
public sealed record FileSearch
{
    public static FileSearch Default { get; } = new();

    /// <summary>The main executable on this machine, where it is not at the path that the target tells.</summary>
    public string? ExecutablePath { get; init; }

    /// <summary>Directories that hold the target's files under their own paths (an unpacked container image), tried before this machine's root.</summary>
    public IReadOnlyList<string> Roots { get; init; } = [];

    /// <summary>Paths on this machine, best first, where the file that the target knows as <paramref name="path"/> may be.</summary>
    internal IEnumerable<string> CandidatesFor(string path, string? mainExecutable)
    {
        if (ExecutablePath is { } executable && path == mainExecutable)
        {
            yield return executable;
            yield break;
        }

        foreach (string root in Roots)
        {
            yield return root.TrimEnd('/') + path;
        }

        yield return path;
    }
}
