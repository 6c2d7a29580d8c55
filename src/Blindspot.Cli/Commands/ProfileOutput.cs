using Blindspot.Analysis.Profiles;
using Blindspot.Export;
using Blindspot.Export.FlameGraph;
using Blindspot.Export.Html;
using Blindspot.Export.Pprof;
using Blindspot.Export.Speedscope;

namespace Blindspot.Cli.Commands;

/// <summary>Writes a profile in each format that is not text.</summary>
internal static class ProfileOutput
{
    /// <param name="profile">Filtered as it shall be.</param>
    /// <param name="format">Not text.</param>
    /// <param name="title">What it is of.</param>
    /// <param name="notes">Sentences that a reader should see with it.</param>
    /// <param name="isCompressed">Of pprof: gzipped, as its readers expect.</param>
    public static void Write(
        Profile profile, ProfileFormat format, string title, IReadOnlyList<string> notes, bool isCompressed, Stream output, CancellationToken cancel)
    {
        switch (format)
        {
            case ProfileFormat.Pprof when isCompressed:
                PprofWriter.Write(profile, output, cancel);
                break;
            case ProfileFormat.Pprof:
                PprofWriter.WriteUncompressed(profile, output, cancel);
                break;
            case ProfileFormat.Folded:
                FoldedWriter.Write(profile, output, cancel: cancel);
                break;
            case ProfileFormat.Speedscope:
                SpeedscopeWriter.Write(profile, title, output, cancel);
                break;
            case ProfileFormat.Html:
                FlameGraphPage.Write(ProfileTree.Of(profile), title, notes, output, cancel);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(format), format, "text is written by the commands");
        }
    }
}
