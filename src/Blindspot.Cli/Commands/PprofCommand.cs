using System.CommandLine;
using Blindspot.Analysis;
using Blindspot.Analysis.Profiles;
using Blindspot.Cli.Terminal;
using Blindspot.Export.Json;
using Blindspot.Export.Pprof;

namespace Blindspot.Cli.Commands;

/// <summary><c>blindspot pprof FILE|URL…</c>.</summary>
internal sealed class PprofCommand : Command
{
    private const int UsualLimit = 30;
    private const int UsualTimeLimit = 10;

    private readonly CommonOptions _common = new();
    private readonly DebugFileOptionSet _debugFiles = new();
    private readonly Func<PprofRequest, IProgress<string>, CancellationToken, PprofReport> _pipeline;

    private readonly Argument<string[]> _sources = new("FILE|URL...")
    {
        Description = "Profiles in pprof's format, '-' for standard input, or addresses that give them",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _output = new("--output", "-o")
    {
        HelpName = "FILE",
        Description = "Write to FILE: the profile with names where it ends in .pb.gz or .pb, else what is shown",
    };

    private readonly Option<string?> _value = new("--value")
    {
        HelpName = "TYPE",
        Description = "What to show of a profile that counts several things: alloc_space, inuse_objects …",
    };

    private readonly Option<int> _limit = new("--limit")
    {
        HelpName = "COUNT",
        Description = $"Show so many functions ({UsualLimit}; 0 for all)",
        DefaultValueFactory = static _ => UsualLimit,
    };

    private readonly Option<int> _timeLimit = new("--timeout")
    {
        HelpName = "SECONDS",
        Description = $"Give up when a server is silent for so long ({UsualTimeLimit}), beyond the seconds that it is asked to profile",
        DefaultValueFactory = static _ => UsualTimeLimit,
    };

    public PprofCommand(Func<PprofRequest, IProgress<string>, CancellationToken, PprofReport> pipeline)
        : base("pprof", "Show profiles that you have, with the names of their C frames, and what they don't show")
    {
        _pipeline = pipeline;
        Add(_sources);
        Add(_value);
        Add(_limit);
        Add(_timeLimit);
        Add(_common.Roots);
        _debugFiles.AddTo(this);
        Add(_common.Json);
        Add(_output);
        Add(_common.NoColour);
        Add(_common.FailOn);
    }

    public int Run(ParseResult arguments)
    {
        using var interruption = new Interruption();
        string? path = arguments.GetValue(_output);
        using var output = new ReportOutput(path, arguments.GetValue(_common.NoColour));
        PprofReport report;
        using (var progress = new ProgressLine())
        {
            var request = new PprofRequest(
                arguments.GetRequiredValue(_sources),
                arguments.GetValue(_value),
                TimeSpan.FromSeconds(Math.Clamp(arguments.GetValue(_timeLimit), 1, 24 * 3600)),
                arguments.GetValue(_common.Roots) ?? [],
                _debugFiles.Of(arguments));
            report = _pipeline(request, progress, interruption.Token);
        }

        if (arguments.GetValue(_common.Json))
        {
            output.WriteBytes(stream => PprofJson.Write(report, stream, interruption.Token));
        }
        else if (path?.EndsWith(".pb.gz", StringComparison.Ordinal) == true)
        {
            output.WriteBytes(stream => PprofWriter.Write(report.Profile, stream, interruption.Token));
        }
        else if (path?.EndsWith(".pb", StringComparison.Ordinal) == true)
        {
            output.WriteBytes(stream => PprofWriter.WriteUncompressed(report.Profile, stream, interruption.Token));
        }
        else
        {
            int limit = arguments.GetValue(_limit);
            output.WriteText(writer => PprofText.Write(report, limit, writer));
        }

        interruption.Token.ThrowIfCancellationRequested();
        output.Commit();
        if (path is not null)
        {
            StandardError.WriteSentences([.. report.Blindness.Findings.Select(static finding => finding.Means)]);
        }

        Severity worst = report.Blindness.Findings.Select(static finding => finding.Severity).DefaultIfEmpty(Severity.Info).Max();
        return FindingThreshold.ExitCodeOf(arguments.GetValue(_common.FailOn), worst);
    }
}
