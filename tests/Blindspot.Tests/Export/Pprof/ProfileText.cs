using System.Text;
using Blindspot.Analysis.Profiles;

namespace Blindspot.Tests.Export.Pprof;

/// <summary>A profile as text, to be compared: everything that it says, nothing of how it is kept.</summary>
internal static class ProfileText
{
    public static string Of(Profile profile)
    {
        var text = new StringBuilder();
        text.AppendLine(string.Join(' ', profile.ValueTypes) + " default " + profile.DefaultValue);
        text.AppendLine($"{profile.PeriodType} {profile.Period} {profile.Time:O} {profile.Duration} drop={profile.DropFrames} keep={profile.KeepFrames}");
        text.AppendLine(string.Join('|', profile.Comments));
        foreach (ProfileMapping mapping in profile.Mappings)
        {
            text.AppendLine(mapping.ToString());
        }

        foreach (ProfileSample sample in profile.Samples)
        {
            text.AppendLine(string.Join(' ', sample.Values) + " " + string.Join(' ', sample.Labels));
            foreach (int index in sample.Locations)
            {
                ProfileLocation location = profile.Locations[index];
                text.AppendLine($"  {location.Address} {(location.Mapping < 0 ? "-" : profile.Mappings[location.Mapping].File)} {location.IsFolded} {string.Join(" < ", location.Lines)}");
            }
        }

        return text.ToString();
    }
}
