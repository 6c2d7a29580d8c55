using Blindspot.Analysis.Profiles;
using Blindspot.Cli.Terminal;
using Blindspot.Export;
using Blindspot.Export.FlameGraph;
using Blindspot.Export.Html;
using Blindspot.Export.Speedscope;
using Blindspot.Primitives;

namespace Blindspot.Cli.Commands;

/// <summary>Writes a profile in the format that was asked for.</summary>
/// <param name="options">What was asked for.</param>
/// <param name="title">What was profiled.</param>
/// <param name="notes">What the flame graph says beside the total.</param>
/// <param name="writePprof">Writes pprof's format.</param>
internal sealed class ProfileView(ProfileViewOptions options, string title, IReadOnlyList<string> notes, Action<Profile, Stream> writePprof)
{
    /// <param name="profile">Filtered.</param>
    /// <param name="old">Filtered by the same options; null for no comparison.</param>
    /// <param name="output">Is not committed.</param>
    /// <param name="cancel">Calls it off.</param>
    /// <returns>Sentences about the comparison that the reader should know.</returns>
    /// <exception cref="BlindspotException">The profile has no such value, or the old one none that goes with it.</exception>
    public IReadOnlyList<string> Write(Profile profile, Profile? old, ReportOutput output, CancellationToken cancel)
    {
        Profile shown = profile with { DefaultValue = profile.IndexOfValue(options.Value) };
        ProfileComparison? comparison = old is null ? null : ProfileComparison.Of(shown, old, options.Normalize);
        switch (options.Format)
        {
            case ProfileFormat.Pprof:
                output.WriteBytes(stream => writePprof(shown, stream));
                break;
            case ProfileFormat.Folded:
                output.WriteBytes(stream => FoldedWriter.Write(shown, stream, null, cancel));
                break;
            case ProfileFormat.Speedscope:
                output.WriteBytes(stream => SpeedscopeWriter.Write(shown, title, stream, cancel));
                break;
            case ProfileFormat.Html:
                ProfileTree tree = comparison is null ? ProfileTree.Of(shown) : ProfileTree.Of(comparison);
                output.WriteBytes(stream => FlameGraphPage.Write(tree, title, notes, stream, cancel));
                break;
            default:
                ProfileTop top = comparison is null ? ProfileTop.Of(shown, options.By) : ProfileTop.Of(comparison, options.By);
                output.WriteText(writer => ProfileTopText.Write(top, options.Limit, writer));
                break;
        }

        return comparison?.Warnings ?? [];
    }
}
