using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Blindspot.Analysis.Cpu;
using Blindspot.Analysis.Profiles;
using Blindspot.Cli.Terminal;
using Blindspot.Export;

namespace Blindspot.Cli.Commands;

/// <summary><c>blindspot cpu PID</c>.</summary>
internal sealed class CpuCommand : Command
{
    private const int UsualFrequency = 99;
    private const int MaxFrequency = 10_000;
    private const string UsualDuration = "10s";

    private readonly CommonOptions _common = new();
    private readonly FilterOptionSet _filter = new();
    private readonly Func<CpuRequest, IProgress<string>, CancellationToken, CpuReport> _pipeline;

    private readonly Option<int> _frequency = new("--frequency")
    {
        HelpName = "HZ",
        Description = $"Samples a second of each processor ({UsualFrequency})",
        DefaultValueFactory = static _ => UsualFrequency,
    };

    private readonly Option<TimeSpan> _duration = new("--duration")
    {
        HelpName = "TIME",
        Description = $"How long to sample: 30s, 500ms, 2m ({UsualDuration}; Ctrl-C ends it sooner)",
        DefaultValueFactory = static _ => TimeSpan.FromSeconds(10),
        CustomParser = ParseTime,
    };

    private readonly Option<int[]> _threads = new("--thread")
    {
        HelpName = "TID",
        Description = "Only this thread",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string?> _format = CommonOptions.ChoiceOption("--format", "How to write it, where the name of --output does not tell", [.. ProfileFormats.Names]);

    private readonly Option<string?> _by = CommonOptions.ChoiceOption("--by", "What a row of the table is", "function", "line", "module", "boundary");

    private readonly Option<int> _limit = new("--limit")
    {
        HelpName = "N",
        Description = $"Show N rows ({ProfileTopText.DefaultRows}); 0 for all",
        DefaultValueFactory = static _ => ProfileTopText.DefaultRows,
    };

    public CpuCommand(Func<CpuRequest, IProgress<string>, CancellationToken, CpuReport> pipeline)
        : base("cpu", "Show where CPU time goes, with whole stacks through Go and C")
    {
        _pipeline = pipeline;
        _frequency.Validators.Add(static result => RequireRange(result, 1, MaxFrequency));
        _limit.Validators.Add(static result => RequireRange(result, 0, int.MaxValue));
        Add(_common.Target);
        Add(_frequency);
        Add(_duration);
        Add(_threads);
        Add(_by);
        Add(_limit);
        _filter.AddTo(this);
        Add(_format);
        _common.AddFileOptionsTo(this);
        Add(_common.Output);
        Add(_common.NoColour);
    }

    public int Run(ParseResult arguments)
    {
        string? path = arguments.GetValue(_common.Output);
        ProfileFormat format = ProfileFormats.Of(path, arguments.GetValue(_format));
        ProfileFilterOptions options = _filter.Of(arguments, foldPlumbing: format is ProfileFormat.Text or ProfileFormat.Html, Environment.GetEnvironmentVariable);
        var filter = new ProfileFilter(options);
        using var output = new ReportOutput(path, arguments.GetValue(_common.NoColour));
        CpuReport report;
        using (var end = new SamplingEnd())
        {
            using var progress = new ProgressLine();
            var request = new CpuRequest(
                _common.TargetOf(arguments, new LiveOptionSet()), arguments.GetValue(_frequency), arguments.GetValue(_duration), arguments.GetValue(_threads) ?? []);
            report = _pipeline(request, progress, end.Token);
        }

        using var interruption = new Interruption();
        FilteredProfile filtered = filter.Apply(report.Profile);
        if (format == ProfileFormat.Text)
        {
            ProfileTopBy by = arguments.GetValue(_by) switch
            {
                "line" => ProfileTopBy.Line,
                "module" => ProfileTopBy.Module,
                "boundary" => ProfileTopBy.Boundary,
                _ => options.Boundary ? ProfileTopBy.Boundary : ProfileTopBy.Function,
            };
            int limit = arguments.GetValue(_limit);
            output.WriteText(writer => CpuText.Write(report, filtered, by, limit, writer));
        }
        else
        {
            string title = $"CPU time of {Path.GetFileName(report.Target.Executable) ?? "a process"} ({report.Target.Pid})";
            bool isCompressed = path?.EndsWith(".pb", StringComparison.Ordinal) != true;
            output.WriteBytes(stream => ProfileOutput.Write(filtered.Profile, format, title, [CpuText.QualitySentence(report)], isCompressed, stream, interruption.Token));
        }

        interruption.Token.ThrowIfCancellationRequested();
        output.Commit();
        if (format != ProfileFormat.Text)
        {
            StandardError.WriteSentences([CpuText.QualitySentence(report), .. filtered.Warnings]);
        }

        return ExitCode.Done;
    }

    private static void RequireRange(OptionResult result, int least, int most)
    {
        if (result.Tokens is [{ Value: var text }, ..] && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value < least || value > most))
        {
            result.AddError($"{result.Option.Name} takes a whole number from {least} to {most}, not '{text}'.");
        }
    }

    private static TimeSpan ParseTime(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        (string number, double unit) = text switch
        {
            [.. var digits, 'm', 's'] => (digits, 0.001),
            [.. var digits, 's'] => (digits, 1),
            [.. var digits, 'm'] => (digits, 60),
            [.. var digits, 'h'] => (digits, 3600),
            _ => (text, 1.0),
        };
        if (double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value * unit is > 0 and <= 7 * 24 * 3600)
        {
            return TimeSpan.FromSeconds(value * unit);
        }

        result.AddError($"'{text}' is no time to sample: give 30s, 500ms, 2m, or a number of seconds, up to a week.");
        return TimeSpan.Zero;
    }
}
