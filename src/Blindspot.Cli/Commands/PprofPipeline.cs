using System.Text;
using Blindspot.Analysis.Profiles;
using Blindspot.Export.Pprof;
using Blindspot.Image;
using Blindspot.Image.Debuginfod;
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
        var search = new ImageSearch
        {
            DebugDirectories = [.. request.DebugFiles.Directories, ImageSearch.UsualDebugDirectory],
            Server = request.DebugFiles.Debuginfod is { } settings ? new DebuginfodClient(settings, gaps, Limits.Default, progress, cancel) : null,
        };
        using var symbolizer = new ProfileSymbolizer(request.Roots, search, gaps, Limits.Default);
        var profiles = new List<(string Name, Profile Profile)>();
        foreach (string source in request.Sources)
        {
            ReadOnlyMemory<byte> bytes = ProfileSource.Read(source, request.TimeLimit, progress, cancel);
            profiles.Add((source, Parse(source, bytes)));
            cancel.ThrowIfCancellationRequested();
        }

        Profile merged = ProfileMerge.Of(profiles);
        progress.Report($"naming {merged.Locations.Count} places in code");
        Profile profile = symbolizer.Symbolize(merged, cancel);
        int value = ValueOf(profile, request.Value);
        return new PprofReport(
            request.Sources, profile, value, ProfileBlindness.Of(profile, value), symbolizer.Named, symbolizer.Nameless, gaps.ToList());
    }

    private static Profile Parse(string source, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            throw new BlindspotException($"'{source}' is empty.");
        }

        if (!bytes.Span[..Math.Min(8, bytes.Length)].ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            // "goroutine profile: total 3", "heap profile: …", "<!DOCTYPE html>".
            string line = Encoding.Latin1.GetString(bytes.Span[..Math.Min(60, bytes.Length)]).Split('\n')[0];
            throw new BlindspotException($"'{source}' is a text (\"{line}\"), not a profile in pprof's binary format: an address gives that without 'debug='.");
        }

        try
        {
            return PprofReader.Read(bytes, source, Limits.Default);
        }
        catch (MalformedDataException malformed)
        {
            throw new BlindspotException($"'{source}' is no profile in pprof's format, or a damaged one ({malformed.Message}).", malformed);
        }
    }

    private static int ValueOf(Profile profile, string? type)
    {
        if (type is null)
        {
            return profile.DefaultValue;
        }

        for (int i = 0; i < profile.ValueTypes.Count; i++)
        {
            if (profile.ValueTypes[i].Type == type)
            {
                return i;
            }
        }

        string known = string.Join(", ", profile.ValueTypes.Select(static known => known.Type));
        throw new BlindspotException($"The profile has no values '{type}'; it has {known}.");
    }
}
