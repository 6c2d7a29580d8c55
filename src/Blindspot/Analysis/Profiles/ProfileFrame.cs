using Blindspot.Primitives;

namespace Blindspot.Analysis.Profiles;

/// <summary>One function of one location, as views show it.</summary>
/// <param name="Name">What it is called; where nothing names it, its address, or its module.</param>
/// <param name="Line">Null where nothing names the address.</param>
/// <param name="Module">The mapped file; "" where not known.</param>
public sealed record ProfileFrame(
    string Name,
    ProfileLine? Line,
    TargetAddress Address,
    int Mapping,
    string Module,
    string Language,
    bool IsPlumbing,
    string? WrappedFunction)
{
    public string File => Line?.File ?? "";

    public long LineNumber => Line?.Line ?? 0;

    /// <summary>The mapped file's name without its directory.</summary>
    public string ModuleName => Module[(Module.LastIndexOf('/') + 1)..];
}

/// <summary>The frames of a profile's locations, each made once.</summary>
public sealed class ProfileFrameTable(Profile profile)
{
    private readonly ProfileFrame[]?[] _frames = new ProfileFrame[]?[profile.Locations.Count];

    /// <summary>A sample's frames, leaf first, inlined ones too.</summary>
    /// <param name="sample">Of the profile.</param>
    /// <param name="stack">Is cleared and filled.</param>
    public void Expand(ProfileSample sample, List<ProfileFrame> stack)
    {
        stack.Clear();
        for (int i = 0; i < sample.Locations.Count; i++)
        {
            stack.AddRange(Of(sample.Locations[i]));
        }
    }

    public IReadOnlyList<ProfileFrame> Of(int location) => _frames[location] ??= Make(profile.Locations[location]);

    private ProfileFrame[] Make(ProfileLocation location)
    {
        string module = location.Mapping < 0 ? "" : profile.Mappings[location.Mapping].File;
        if (location.Lines.Count == 0)
        {
            string shortModule = module[(module.LastIndexOf('/') + 1)..];
            string name = location.Address.IsZero ? $"[{(shortModule.Length > 0 ? shortModule : "unknown")}]"
                : shortModule.Length > 0 ? $"{location.Address} [{shortModule}]" : location.Address.ToString();
            string language = module.StartsWith("[kernel", StringComparison.Ordinal) ? FrameLanguage.Kernel
                : module.Contains(".so", StringComparison.Ordinal) ? FrameLanguage.C : "";
            return [new ProfileFrame(name, null, location.Address, location.Mapping, module, language, false, null)];
        }

        var frames = new ProfileFrame[location.Lines.Count];
        for (int i = 0; i < frames.Length; i++)
        {
            ProfileLine line = location.Lines[i];
            string name = line.Function.Length > 0 ? line.Function : line.File.Length > 0 ? line.File : location.Address.ToString();
            frames[i] = new ProfileFrame(
                name, line, location.Address, location.Mapping, module, FrameLanguage.Of(line, module), FrameLanguage.IsPlumbing(line), FrameLanguage.WrappedFunction(line));
        }

        return frames;
    }
}
