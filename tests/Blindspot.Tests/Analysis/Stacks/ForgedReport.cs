using Blindspot.Analysis;
using Blindspot.Analysis.Stacks;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Symbols;
using Blindspot.Target;

namespace Blindspot.Tests.Analysis.Stacks;

/// <summary>Builds a report by hand. Frames are written as one reads them, leaf first: <c>"C lib_flush libx.so x.c:88"</c>.</summary>
internal sealed class ForgedReport
{
    private readonly List<ReportFrame> _frames = [];
    private readonly List<ReportStack> _stacks = [];
    private readonly Dictionary<int, ReportThread> _threads = [];
    private readonly Dictionary<long, ReportTask> _tasks = [];
    private readonly List<Gap> _gaps = [];
    private ulong _nextAddress = 0x401000;

    public string? Executable { get; set; } = "/srv/ledger/bin/ledger";

    public string? RuntimeKind { get; set; } = "go";

    public string? Core { get; set; }

    public CaptureReport Capture { get; set; } = new("watch", 0, TimeSpan.Zero, TimeSpan.FromMilliseconds(41.3));

    public ReportScheduler? Scheduler { get; set; }

    public UnwindQuality? Quality { get; set; }

    public StacksReport Build() => new()
    {
        Target = new TargetDescription(48213, Executable, Core, RuntimeKind, RuntimeKind is null ? null : "go1.27.4", Capture),
        Frames = _frames,
        Stacks = _stacks,
        Threads = [.. _threads.Values],
        Tasks = [.. _tasks.Values],
        Scheduler = Scheduler,
        Quality = Quality ?? new UnwindQuality(_stacks.Count, _stacks.Count(static stack => stack.End == StackEnd.Complete), 0),
        Gaps = _gaps,
    };

    /// <summary>
    /// Each line is "LANGUAGE function [module [file:line]]", fields two spaces apart; "~" before the language marks
    /// plumbing, "^" an inlined call. Every call makes addresses of its own, as two threads in one line would have.
    /// </summary>
    public int Stack(params string[] lines) => Stack(StackEnd.Complete, null, lines);

    public int Stack(StackEnd end, string? detail, params string[] lines)
    {
        var indexes = new List<int>();
        foreach (string line in lines)
        {
            string[] fields = line.Split("  ", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            string language = fields[0].TrimStart('~', '^');
            string? file = fields.Length > 3 ? fields[3] : null;
            int colon = file?.LastIndexOf(':') ?? -1;
            indexes.Add(Frame(new SymbolFrame(
                fields[1] == "?" ? null : fields[1],
                fields.Length > 2 ? fields[2] : null,
                fields.Length > 2 ? "/lib/" + fields[2] : null,
                _nextAddress - 0x400000,
                colon < 0 ? file : file![..colon],
                colon < 0 ? 0 : int.Parse(file![(colon + 1)..]),
                fields[0].Contains('^'),
                language.ToLowerInvariant(),
                fields[0].Contains('~'))));
        }

        _stacks.Add(new ReportStack(indexes, end, detail));
        return _stacks.Count - 1;
    }

    public int Frame(SymbolFrame symbol)
    {
        _frames.Add(new ReportFrame(symbol, new TargetAddress(_nextAddress), FoundBy.Cfi));
        _nextAddress += 16;
        return _frames.Count - 1;
    }

    public ReportThread Thread(int tid, int stack, ThreadKind kind = ThreadKind.Runtime, string name = "ledger", char state = 'S', long? task = null, bool idle = false)
    {
        var thread = new ReportThread(
            tid, tid - 48000, name, kind, state, task, null, idle, TimeSpan.FromSeconds(1.25), TimeSpan.FromSeconds(0.5), 0x4000000, Consistency.Still, stack);
        return Add(thread);
    }

    public ReportTask Task(long id, int stack, string status = "waiting", string? reason = null, double? seconds = null)
    {
        var task = new ReportTask(id, "goroutine", null, status, reason, seconds, null, null, false, false, null, [], Consistency.Still, stack);
        return Add(task);
    }

    /// <summary>Takes the place of the one with its id.</summary>
    public ReportTask Add(ReportTask task)
    {
        _tasks[task.Id] = task;
        return task;
    }

    public ReportThread Add(ReportThread thread)
    {
        _threads[thread.Tid] = thread;
        return thread;
    }

    public void Gap(string stage, string kind, string message, ulong? address = null) =>
        _gaps.Add(new Gap(stage, kind, address is { } value ? new TargetAddress(value) : null, message));
}
