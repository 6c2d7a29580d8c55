using Blindspot.Analysis.Profiles;
using Blindspot.Primitives;

namespace Blindspot.Cli.Commands;

/// <summary>From profiles that somebody has to one with names.</summary>
internal static class PprofPipeline
{
    /// <param name="request">What was asked for.</param>
    /// <param name="progress">Told what is being done, in a few words.</param>
    /// <param name="cancel">Set at Ctrl-C.</param>
    /// <exception cref="BlindspotException">A profile cannot be had, is none, or counts something else than the others.</exception>
    public static PprofReport Run(PprofRequest request, IProgress<string> progress, CancellationToken cancel)
    {
        var gaps = new GapLog();
        using var symbolizer = new ProfileSymbolizer(request.Roots, request.DebugFiles.ToSearch(gaps, progress, cancel), gaps, Limits.Default);
        var profiles = new List<(string Name, Profile Profile)>();
        foreach (string source in request.Sources)
        {
            profiles.Add((source, ProfileSource.Read(source, request.TimeLimit, progress, cancel)));
            cancel.ThrowIfCancellationRequested();
        }

        Profile merged = ProfileMerge.Of(profiles);
        progress.Report($"naming {merged.Locations.Count} places in code");
        Profile profile = symbolizer.Symbolize(merged, cancel);
        int value = profile.IndexOfValue(request.Value);
        return new PprofReport(
            request.Sources, profile, value, ProfileBlindness.Of(profile, value), symbolizer.Named, symbolizer.Nameless, gaps.ToList());
    }
}
