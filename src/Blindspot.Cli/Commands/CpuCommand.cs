using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Blindspot.Analysis.Cpu;
using Blindspot.Analysis.Profiles;
using Blindspot.Cli.Terminal;
using Blindspot.Export;
using Blindspot.Export.Pprof;
using Blindspot.Primitives;

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

    private readonly ProfileViewOptionSet _view = new();

    public CpuCommand(Func<CpuRequest, IProgress<string>, CancellationToken, CpuReport> pipeline)
        : base("cpu", "Show where CPU time goes, with whole stacks through Go and C")
    {
        _pipeline = pipeline;
        _frequency.Validators.Add(static result => RequireRange(result, 1, MaxFrequency));
        Add(_common.Target);
        Add(_frequency);
        Add(_duration);
        Add(_threads);
        _view.AddTo(this);
        _filter.AddTo(this);
        _common.AddFileOptionsTo(this);
        Add(_common.Output);
        Add(_common.NoColour);
    }

    public int Run(ParseResult arguments)
    {
        string? path = arguments.GetValue(_common.Output);
        ProfileViewOptions shown = _view.Of(arguments, path);
        ProfileFilterOptions options = _filter.Of(arguments, foldPlumbing: shown.Format is ProfileFormat.Text or ProfileFormat.Html, Environment.GetEnvironmentVariable);
        shown = options.Boundary ? shown with { By = ProfileTopBy.Boundary } : shown;
        var filter = new ProfileFilter(options);
        Profile? old = shown.Compare is { } file
            ? ProfileSource.Read(file, TimeSpan.FromSeconds(10), new Progress<string>(), CancellationToken.None)
            : null;
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
        var view = new ProfileView(shown, CpuText.TitleOf(report), [CpuText.QualitySentence(report)], WritePprof);
        bool isText = shown.Format == ProfileFormat.Text;
        if (isText)
        {
            output.WriteText(writer => CpuText.WriteHead(report, writer));
        }

        IReadOnlyList<string> warnings = [.. filtered.Warnings, .. view.Write(filtered.Profile, old is null ? null : filter.Apply(old).Profile, output, interruption.Token)];
        if (isText)
        {
            output.WriteText(writer => GapsText.Write(report.Gaps, writer));
        }

        interruption.Token.ThrowIfCancellationRequested();
        output.Commit();
        StandardError.WriteSentences(isText ? warnings : [CpuText.QualitySentence(report), .. warnings]);
        return ExitCode.Done;

        void WritePprof(Profile profile, Stream stream)
        {
            if (path?.EndsWith(".pb", StringComparison.Ordinal) == true)
            {
                PprofWriter.WriteUncompressed(profile, stream, interruption.Token);
            }
            else
            {
                PprofWriter.Write(profile, stream, interruption.Token);
            }
        }
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
