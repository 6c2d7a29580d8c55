using System.Text.RegularExpressions;

namespace Blindspot.Analysis.Profiles;

/// <summary>
/// Globs for mapped files, with <c>*</c> and <c>?</c>: those with a slash for the whole path, others for the name alone.
/// </summary>
public sealed class ModulePattern
{
    private readonly Regex? _names;
    private readonly Regex? _paths;

    public ModulePattern(IReadOnlyList<string> globs)
    {
        _names = Compile(globs.Where(static glob => !glob.Contains('/')));
        _paths = Compile(globs.Where(static glob => glob.Contains('/')));
    }

    public bool IsEmpty => _names is null && _paths is null;

    public bool Matches(string file) =>
        _names?.IsMatch(file.AsSpan(file.LastIndexOf('/') + 1)) == true || _paths?.IsMatch(file) == true;

    private static Regex? Compile(IEnumerable<string> globs)
    {
        string joined = string.Join('|', globs.Select(static glob => Regex.Escape(glob).Replace(@"\*", "(?s:.*)").Replace(@"\?", "(?s:.)")));
        return joined.Length == 0 ? null : new Regex($@"\A(?:{joined})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }
}
