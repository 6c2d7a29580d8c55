namespace Blindspot.Analysis.Profiles;

/// <summary>
/// Drops frames by module and language, folds plumbing, and reduces stacks to the places where Go calls C. Samples keep
/// what they cost, also those of which no frame is left; what became equal is joined.
/// </summary>
internal sealed class ProfileFrameFilter
{
    private readonly ProfileFilterOptions _options;
    private readonly ModulePattern _exclude;
    private readonly ModulePattern _include;

    public ProfileFrameFilter(ProfileFilterOptions options)
    {
        _options = options;
        _exclude = new ModulePattern(options.Exclude);
        _include = new ModulePattern(options.Include);
    }

    public Profile Apply(Profile profile, List<string> warnings)
    {
        bool byModule = !_exclude.IsEmpty || !_include.IsEmpty;
        if (!byModule && _options is { Language: null, Boundary: false, FoldPlumbing: false })
        {
            return profile;
        }

        if (byModule)
        {
            WarnOfModules(profile, warnings);
        }

        Profile left = profile;
        if (_options.Boundary)
        {
            left = ProfileBoundary.Reduce(left);
        }
        else if (_options.FoldPlumbing)
        {
            left = FoldPlumbing(left);
        }

        if (byModule || _options.Language is not null)
        {
            left = DropFrames(left);
        }

        return ProfileJoin.Apply(left);
    }

    private Profile DropFrames(Profile profile)
    {
        bool[] isModuleWanted = [.. profile.Mappings.Select(mapping => IsModuleWanted(mapping.File))];
        bool isNoModuleWanted = IsModuleWanted("");
        var locations = new ProfileLocation[profile.Locations.Count];
        bool[] isKept = new bool[locations.Length];
        for (int i = 0; i < locations.Length; i++)
        {
            ProfileLocation location = profile.Locations[i];
            bool isWanted = location.Mapping < 0 ? isNoModuleWanted : isModuleWanted[location.Mapping];
            ProfileLocation? left = isWanted ? LeaveLanguage(location, location.Mapping < 0 ? "" : profile.Mappings[location.Mapping].File) : null;
            isKept[i] = left is not null;
            locations[i] = left ?? location;
        }

        ProfileSample[] samples =
        [
            .. profile.Samples.Select(sample => sample with { Locations = [.. sample.Locations.Where(index => isKept[index])] }),
        ];
        return profile with { Locations = locations, Samples = samples };
    }

    /// <summary>The location with the functions of the language that was asked for; null if none is left.</summary>
    private ProfileLocation? LeaveLanguage(ProfileLocation location, string module)
    {
        // A location without names may be of either language; that it is not Go is likely, for Go names its own.
        if (_options.Language is null || location.Lines.Count == 0)
        {
            return _options.Language == FrameLanguage.Go ? null : location;
        }

        ProfileLine[] lines = [.. location.Lines.Where(line => IsLanguageWanted(FrameLanguage.Of(line, module)))];
        return lines.Length == 0 ? null : lines.Length == location.Lines.Count ? location : location with { Lines = lines };
    }

    private bool IsModuleWanted(string file) => (_include.IsEmpty || _include.Matches(file)) && !_exclude.Matches(file);

    private bool IsLanguageWanted(string language) =>
        _options.Language == FrameLanguage.C ? FrameLanguage.IsNative(language) : language == _options.Language;

    /// <summary>Where a stack ends in plumbing, that is what the profile knows, and stays.</summary>
    private static Profile FoldPlumbing(Profile profile)
    {
        ProfileLocation?[] folded =
        [
            .. profile.Locations.Select(static location =>
            {
                ProfileLine[] lines = [.. location.Lines.Where(static line => !FrameLanguage.IsPlumbing(line))];
                return lines.Length == location.Lines.Count ? location : lines.Length == 0 ? null : location with { Lines = lines };
            }),
        ];
        var locations = new List<ProfileLocation>(profile.Locations);
        int[] newIndexes = new int[profile.Locations.Count];
        for (int i = 0; i < newIndexes.Length; i++)
        {
            newIndexes[i] = folded[i] is null ? -1 : i;
            if (folded[i] is { } partly && !ReferenceEquals(partly, profile.Locations[i]))
            {
                newIndexes[i] = locations.Count;
                locations.Add(partly);
            }
        }

        ProfileSample[] samples =
        [
            .. profile.Samples.Select(sample =>
            {
                int end = 0;
                while (end < sample.Locations.Count && folded[sample.Locations[end]] is null)
                {
                    end++;
                }

                var stack = new List<int>(sample.Locations.Take(end));
                for (int i = end; i < sample.Locations.Count; i++)
                {
                    int index = sample.Locations[i];
                    if (newIndexes[index] >= 0)
                    {
                        stack.Add(newIndexes[index]);
                    }
                }

                return sample with { Locations = stack };
            }),
        ];
        return profile with { Locations = locations, Samples = samples };
    }

    private void WarnOfModules(Profile profile, List<string> warnings)
    {
        if (!_exclude.IsEmpty && !profile.Mappings.Any(mapping => _exclude.Matches(mapping.File)))
        {
            warnings.Add("--exclude matched no module of the profile.");
        }

        if (!_include.IsEmpty && !profile.Mappings.Any(mapping => _include.Matches(mapping.File)))
        {
            warnings.Add("--include matched no module of the profile: no frames are left.");
        }
    }
}
