using Blindspot.Primitives;

namespace Blindspot.Analysis.Profiles;

/// <summary>Forgets what need not be told apart (profile/profile.go, Aggregate), and joins what then is the same.</summary>
internal static class ProfileCoarsening
{
    public static Profile Apply(Profile profile, ProfileGranularity granularity, bool noInlines)
    {
        bool functions = granularity != ProfileGranularity.Files;
        bool files = granularity != ProfileGranularity.Functions;
        bool lines = granularity is ProfileGranularity.Addresses or ProfileGranularity.Lines;
        bool addresses = granularity == ProfileGranularity.Addresses;
        ProfileMapping[] mappings =
        [
            .. profile.Mappings.Select(mapping => mapping with
            {
                HasFunctions = mapping.HasFunctions && functions,
                HasFileNames = mapping.HasFileNames && files,
                HasLineNumbers = mapping.HasLineNumbers && lines,
                HasInlineFrames = mapping.HasInlineFrames && !noInlines,
            }),
        ];
        ProfileLocation[] locations = [.. profile.Locations.Select(Coarsen)];
        return ProfileJoin.Apply(profile with { Mappings = mappings, Locations = locations });

        ProfileLocation Coarsen(ProfileLocation location)
        {
            IEnumerable<ProfileLine> kept = noInlines && location.Lines.Count > 1 ? [location.Lines[^1]] : location.Lines;

            // Without any name, the address is all that tells one place from another.
            bool keepsAddress = addresses || location.Lines.Count == 0;
            return location with
            {
                Address = keepsAddress ? location.Address : TargetAddress.Zero,
                Lines = addresses ? [.. kept] : [.. kept.Select(CoarsenLine)],
            };
        }

        ProfileLine CoarsenLine(ProfileLine line) => line with
        {
            // What the file told of the language stays known.
            Language = FrameLanguage.Of(line, ""),
            IsPlumbing = FrameLanguage.IsPlumbing(line),
            Function = functions ? line.Function : "",
            SystemName = functions ? line.SystemName : "",
            File = files ? line.File : "",
            StartLine = lines ? line.StartLine : 0,
            Line = lines ? line.Line : 0,
        };
    }
}
