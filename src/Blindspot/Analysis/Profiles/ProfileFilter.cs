using System.Text.RegularExpressions;
using Blindspot.Primitives;

namespace Blindspot.Analysis.Profiles;

/// <summary>
/// Leaves of a profile what was asked for. Samples are chosen by their whole stacks first, as pprof does it and in its order;
/// then frames are dropped.
/// </summary>
public sealed class ProfileFilter
{
    private readonly ProfileFilterOptions _options;
    private readonly Regex? _focus;
    private readonly Regex? _ignore;
    private readonly Regex? _hide;
    private readonly Regex? _show;
    private readonly Regex? _showFrom;
    private readonly ProfileTagFilter? _tagFocus;
    private readonly ProfileTagFilter? _tagIgnore;
    private readonly ProfileFrameFilter _frames;

    /// <exception cref="BlindspotException">A pattern cannot be understood.</exception>
    public ProfileFilter(ProfileFilterOptions options)
    {
        _options = options;
        _focus = ProfilePattern.Of("--focus", options.Focus);
        _ignore = ProfilePattern.Of("--ignore", options.Ignore);
        _hide = ProfilePattern.Of("--hide", options.Hide);
        _show = ProfilePattern.Of("--show", options.Show);
        _showFrom = ProfilePattern.Of("--show-from", options.ShowFrom);
        _tagFocus = ProfileTagFilter.Of("--tagfocus", options.TagFocus);
        _tagIgnore = ProfileTagFilter.Of("--tagignore", options.TagIgnore);
        _frames = new ProfileFrameFilter(options);
    }

    /// <summary>The profile itself where nothing is filtered.</summary>
    public FilteredProfile Apply(Profile profile)
    {
        var warnings = new List<string>();
        Profile filtered = profile;
        if (_focus is not null || _ignore is not null || _hide is not null || _show is not null)
        {
            filtered = FilterByName(filtered, warnings);
        }

        if (_showFrom is not null)
        {
            filtered = ShowFrom(filtered, _showFrom, warnings);
        }

        if (_tagFocus is not null || _tagIgnore is not null)
        {
            filtered = FilterByTag(filtered, warnings);
        }

        filtered = _frames.Apply(filtered, warnings);
        if (_options.Granularity != ProfileGranularity.Addresses || _options.NoInlines)
        {
            filtered = ProfileCoarsening.Apply(filtered, _options.Granularity, _options.NoInlines);
        }

        return new FilteredProfile(filtered, warnings);
    }

    /// <summary>profile/filter.go, FilterSamplesByName.</summary>
    private Profile FilterByName(Profile profile, List<string> warnings)
    {
        var focus = new ProfileNameMatcher(profile, _focus);
        var ignore = new ProfileNameMatcher(profile, _ignore);
        var hide = new ProfileNameMatcher(profile, _hide);
        var show = new ProfileNameMatcher(profile, _show);
        int count = profile.Locations.Count;
        bool[] isFocused = new bool[count];
        bool[] isIgnored = new bool[count];
        var locations = new ProfileLocation[count];
        bool isAnyFocused = false;
        bool isAnyIgnored = false;
        bool isAnyHidden = false;
        bool isAnyShown = false;
        for (int i = 0; i < count; i++)
        {
            ProfileLocation location = profile.Locations[i];
            isIgnored[i] = _ignore is not null && ignore.Matches(location);
            isFocused[i] = !isIgnored[i] && (_focus is null || focus.Matches(location));
            isAnyIgnored |= isIgnored[i];
            isAnyFocused |= isFocused[i];
            if (_hide is not null && hide.Matches(location))
            {
                isAnyHidden = true;
                location = hide.WithoutMatching(location);
            }

            // A location that had no names before is not hidden for having none: only show looks at those.
            if (_show is not null)
            {
                location = show.OnlyMatching(location);
                isAnyShown |= location.Lines.Count > 0;
            }

            locations[i] = location;
        }

        Warn(warnings, "--focus", _focus is null || isAnyFocused);
        Warn(warnings, "--ignore", _ignore is null || isAnyIgnored);
        Warn(warnings, "--hide", _hide is null || isAnyHidden);
        Warn(warnings, "--show", _show is null || isAnyShown);

        bool IsDropped(int location) =>
            locations[location].Lines.Count == 0
            && (_show is not null || (_hide is not null && hide.Matches(profile.Locations[location])));
        bool drops = _hide is not null || _show is not null;
        var samples = new List<ProfileSample>();
        foreach (ProfileSample sample in profile.Samples)
        {
            bool isWanted = false;
            bool isUnwanted = false;
            foreach (int location in sample.Locations)
            {
                isWanted |= isFocused[location];
                isUnwanted |= isIgnored[location];
            }

            if (isWanted && !isUnwanted)
            {
                int[] left = drops ? [.. sample.Locations.Where(location => !IsDropped(location))] : [];
                if (!drops || left.Length > 0)
                {
                    samples.Add(drops && left.Length < sample.Locations.Count ? sample with { Locations = left } : sample);
                }
            }
        }

        return profile with { Locations = locations, Samples = samples };
    }

    /// <summary>profile/filter.go, ShowFrom.</summary>
    private static Profile ShowFrom(Profile profile, Regex pattern, List<string> warnings)
    {
        var from = new ProfileNameMatcher(profile, pattern);
        int count = profile.Locations.Count;
        bool[] matches = new bool[count];
        var locations = new ProfileLocation[count];
        for (int i = 0; i < count; i++)
        {
            locations[i] = profile.Locations[i];
            if (from.MatchesModule(locations[i]))
            {
                matches[i] = true;
            }
            else if (from.LastMatching(locations[i]) is int last and >= 0)
            {
                matches[i] = true;
                locations[i] = locations[i] with { Lines = [.. locations[i].Lines.Take(last + 1)] };
            }
        }

        Warn(warnings, "--show-from", Array.IndexOf(matches, true) >= 0);
        var samples = new List<ProfileSample>();
        foreach (ProfileSample sample in profile.Samples)
        {
            int outermost = sample.Locations.Count - 1;
            while (outermost >= 0 && !matches[sample.Locations[outermost]])
            {
                outermost--;
            }

            if (outermost >= 0)
            {
                samples.Add(sample with { Locations = [.. sample.Locations.Take(outermost + 1)] });
            }
        }

        return profile with { Locations = locations, Samples = samples };
    }

    private Profile FilterByTag(Profile profile, List<string> warnings)
    {
        var units = ProfileLabelUnits.Of(profile);
        var samples = new List<ProfileSample>();
        bool isAnyFocused = false;
        bool isAnyIgnored = false;
        foreach (ProfileSample sample in profile.Samples)
        {
            bool isFocused = _tagFocus?.Matches(sample, units) ?? true;
            bool isIgnored = _tagIgnore?.Matches(sample, units) ?? false;
            isAnyFocused |= isFocused;
            isAnyIgnored |= isIgnored;
            if (isFocused && !isIgnored)
            {
                samples.Add(sample);
            }
        }

        Warn(warnings, "--tagfocus", _tagFocus is null || isAnyFocused);
        Warn(warnings, "--tagignore", _tagIgnore is null || isAnyIgnored);
        return profile with { Samples = samples };
    }

    private static void Warn(List<string> warnings, string option, bool hasMatched)
    {
        if (!hasMatched)
        {
            warnings.Add($"{option} matched nothing.");
        }
    }
}

/// <param name="Warnings">Sentences on options that had no effect.</param>
public sealed record FilteredProfile(Profile Profile, IReadOnlyList<string> Warnings);
