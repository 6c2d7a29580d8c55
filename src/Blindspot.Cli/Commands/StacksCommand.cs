using System.CommandLine;
using System.CommandLine.Parsing;
using Blindspot.Analysis.Stacks;
using Blindspot.Cli.Terminal;
using Blindspot.Export.Json;
using Blindspot.Primitives;

namespace Blindspot.Cli.Commands;

/// <summary><c>blindspot stacks TARGET</c>.</summary>
internal sealed class StacksCommand : Command
{
    private readonly CommonOptions _common = new();

    private readonly Option<bool> _threads = new("--threads") { Description = "List the threads, a line each" };

    private readonly Option<bool> _tasks = new("--goroutines") { Description = "List the goroutines, a line each" };

    private readonly Option<long[]> _task = new("--goroutine")
    {
        HelpName = "ID",
        Description = "Only this goroutine, with all that is known of it",
        CustomParser = result => ParseIds(result, "a goroutine's number", long.MaxValue),
    };

    private readonly Option<long[]> _thread = new("--thread")
    {
        HelpName = "TID",
        Description = "Only this thread, with all that is known of it",
        CustomParser = result => ParseIds(result, "a thread id", int.MaxValue),
    };

    private readonly Option<string?> _function = new("--function")
    {
        HelpName = "PATTERN",
        Description = "Only stacks through such a function: part of its name, or a pattern with * and ?",
    };

    private readonly Option<bool> _allFrames = new("--all-frames") { Description = "Show plumbing and recursion frame by frame" };

    private readonly Option<bool> _system = new("--system") { Description = "Show the runtime's own goroutines and idle threads too" };

    private readonly Option<long[]> _limit = new("--limit")
    {
        HelpName = "N",
        Description = $"Show N groups ({StacksTextOptions.DefaultGroups} if not given) or list lines ({StacksTextOptions.DefaultRows}); 0 for all",
        CustomParser = result => ParseIds(result, "a count", int.MaxValue),
    };

    private readonly LiveOptionSet _live = new();

    private readonly SavingOptionSet _saving = new();

    private readonly Func<StacksRequest, IProgress<string>, CancellationToken, StacksReport> _pipeline;

    public StacksCommand(Func<StacksRequest, IProgress<string>, CancellationToken, StacksReport> pipeline)
        : base("stacks", "Show what every thread and goroutine is doing, through Go and C alike")
    {
        _pipeline = pipeline;
        Add(_common.Target);
        Add(_task);
        Add(_thread);
        Add(_function);
        Add(_threads);
        Add(_tasks);
        Add(_allFrames);
        Add(_system);
        Add(_limit);
        _live.AddTo(this);
        _saving.AddTo(this);
        _common.AddFileOptionsTo(this);
        _common.AddTo(this);
    }

    public int Run(ParseResult arguments)
    {
        StacksSelection selection = Selection(arguments);
        using var interruption = new Interruption();
        using var output = new ReportOutput(arguments.GetValue(_common.Output), arguments.GetValue(_common.NoColour));
        using SnapshotSaving? saving = _saving.Of(arguments, Name);
        var request = new StacksRequest(_common.TargetOf(arguments, _live), arguments.GetValue(_live.Exact), saving);
        StacksReport report;
        using (var progress = new ProgressLine())
        {
            report = _pipeline(request, progress, interruption.Token);
        }

        StacksReport selected = selection.Apply(report);
        RequireFound(selection, selected, request.Target.Name);
        if (arguments.GetValue(_common.Json))
        {
            output.WriteBytes(stream => StacksJson.Write(selected, stream, interruption.Token));
        }
        else
        {
            StacksTextOptions options = TextOptions(arguments);
            output.WriteText(writer => StacksText.Write(report, selected, options, writer));
        }

        interruption.Token.ThrowIfCancellationRequested();
        output.Commit();
        StandardError.WriteSentences(saving?.Sentences ?? []);
        return ExitCode.Done;
    }

    private StacksSelection Selection(ParseResult arguments)
    {
        string? function = arguments.GetValue(_function);
        return new StacksSelection(
            arguments.GetValue(_task) ?? [],
            Array.ConvertAll(arguments.GetValue(_thread) ?? [], static tid => (int)tid),
            function is null ? null : new FunctionPattern(function));
    }

    private StacksTextOptions TextOptions(ParseResult arguments) => new()
    {
        AllFrames = arguments.GetValue(_allFrames),
        Limit = arguments.GetValue(_limit) is [.., long limit] ? (int)limit : null,
        ShowSystem = arguments.GetValue(_system),
        ListThreads = arguments.GetValue(_threads),
        ListTasks = arguments.GetValue(_tasks),
        IsDetailed = arguments.GetValue(_task) is { Length: > 0 } || arguments.GetValue(_thread) is { Length: > 0 },
    };

    /// <summary>Who names a goroutine or thread that is not there has mistaken it, and should not take silence for an answer.</summary>
    private static void RequireFound(StacksSelection selection, StacksReport selected, string target)
    {
        if (selected.Tasks.Count > 0 || selected.Threads.Count > 0)
        {
            return;
        }

        string? missing = selection switch
        {
            { Tasks: [long task, ..] } => $"goroutine {task}",
            { Threads: [int thread, ..] } => $"thread {thread}",
            _ => null,
        };
        if (missing is not null)
        {
            string through = selection.Function is null ? "" : ", or it does not run through such a function";
            throw new BlindspotException($"There is no {missing} in '{target}'{through}; it may have ended.");
        }
    }

    private static long[] ParseIds(ArgumentResult result, string what, long largest)
    {
        var ids = new long[result.Tokens.Count];
        for (int i = 0; i < ids.Length; i++)
        {
            string text = result.Tokens[i].Value;
            if (!long.TryParse(text, System.Globalization.NumberStyles.None, null, out ids[i]) || ids[i] > largest)
            {
                result.AddError($"'{text}' is not {what}.");
            }
        }

        return ids;
    }
}
