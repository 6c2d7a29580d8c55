using System.Text.RegularExpressions;

namespace Blindspot.Analysis.Profiles;

/// <summary>
/// Whether a pattern is in a location's functions, source files or mapped file. Each name is matched once.
/// </summary>
internal sealed class ProfileNameMatcher
{
    private readonly Regex? _pattern;
    private readonly Dictionary<string, bool> _known = new(StringComparer.Ordinal);
    private readonly bool[] _modules;

    /// <param name="profile">Whose mappings the locations name.</param>
    /// <param name="pattern">Null matches nothing.</param>
    public ProfileNameMatcher(Profile profile, Regex? pattern)
    {
        _pattern = pattern;
        _modules = pattern is null ? [] : [.. profile.Mappings.Select(mapping => pattern.IsMatch(mapping.File))];
    }

    public bool Matches(ProfileLocation location) => LastMatching(location) >= 0 || MatchesModule(location);

    public bool MatchesModule(ProfileLocation location) => location.Mapping >= 0 && _modules.Length > 0 && _modules[location.Mapping];

    /// <summary>Index of the outermost line that matches; -1 for none.</summary>
    public int LastMatching(ProfileLocation location)
    {
        int i = location.Lines.Count - 1;
        while (i >= 0 && !Matches(location.Lines[i]))
        {
            i--;
        }

        return i;
    }

    public ProfileLocation WithoutMatching(ProfileLocation location) =>
        location with { Lines = MatchesModule(location) ? [] : [.. location.Lines.Where(line => !Matches(line))] };

    public ProfileLocation OnlyMatching(ProfileLocation location) =>
        MatchesModule(location) ? location : location with { Lines = [.. location.Lines.Where(Matches)] };

    private bool Matches(ProfileLine line) => Matches(line.Function) || Matches(line.File);

    private bool Matches(string name)
    {
        if (_pattern is null)
        {
            return false;
        }

        if (!_known.TryGetValue(name, out bool matches))
        {
            matches = _pattern.IsMatch(name);
            _known.Add(name, matches);
        }

        return matches;
    }
}
