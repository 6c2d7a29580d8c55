namespace Blindspot.Analysis.Profiles;

/// <summary>
/// The units of numeric labels, one for each key: the first that any sample names; else bytes for sizes of allocations, and for
/// everything else the key itself (profile/profile.go, NumLabelUnits).
/// </summary>
public sealed class ProfileLabelUnits
{
    private readonly Dictionary<string, string> _units = new(StringComparer.Ordinal);

    private ProfileLabelUnits()
    {
    }

    public static ProfileLabelUnits Of(Profile profile)
    {
        var units = new ProfileLabelUnits();
        foreach (ProfileSample sample in profile.Samples)
        {
            foreach (ProfileLabel label in sample.Labels)
            {
                if (label.Text is null && !string.IsNullOrEmpty(label.Unit))
                {
                    units._units.TryAdd(label.Key, label.Unit);
                }
            }
        }

        return units;
    }

    public string Of(string key) => _units.TryGetValue(key, out string? unit) ? unit : key is "alignment" or "request" ? "bytes" : key;
}
