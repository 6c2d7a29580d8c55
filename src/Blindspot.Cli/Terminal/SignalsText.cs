using System.Globalization;
using Blindspot.Analysis;
using Blindspot.Analysis.Signals;
using Blindspot.Export.Json;
using Blindspot.Symbols;
using Blindspot.Target;

namespace Blindspot.Cli.Terminal;

/// <summary>
/// What a process does on signals, as text: those first that are not as they should be, with who has them, what follows
/// and what to do; the rest in one line for each verdict.
/// </summary>
internal sealed class SignalsText
{
    private const int Indent = 2;
    private const int LabelWidth = 12;
    private const int MaxThreads = 12;

    private readonly SignalsReport _report;
    private readonly bool _showsAll;
    private readonly StyledWriter _writer;
    private readonly TargetText _target;

    private SignalsText(SignalsReport report, bool showsAll, StyledWriter writer)
    {
        _report = report;
        _showsAll = showsAll;
        _writer = writer;
        _target = new TargetText(report.Target, writer);
    }

    public static void Write(SignalsReport report, bool showsAll, StyledWriter writer) => new SignalsText(report, showsAll, writer).Write();

    private void Write()
    {
        _target.WriteTitle();
        _writer.EndLine();
        WriteSummary();
        _target.WriteOrigin();
        _target.WriteField("capture", _target.CaptureParts());
        WriteFrame();
        WriteGroups();
        WriteRest();
        WriteThreads();
        WriteTimers();
        GapsText.Write(_report.Gaps, _writer);
    }

    private void WriteSummary()
    {
        int wrong = _report.Signals.Count(static signal => signal.Consequence is not null && signal.Severity > Severity.Info);
        int unknown = _report.Signals.Count(static signal => signal.Verdict == SignalVerdict.Unknown);
        int expected = _report.Signals.Count(static signal => signal.Expected is not null);
        var parts = new List<StyledText>();
        if (_report.Runtimes.Count == 0)
        {
            parts.Add("no runtime that is known, so nothing is expected of any signal");
        }
        else
        {
            string runtimes = string.Join(" and ", _report.Runtimes);
            parts.Add(wrong > 0 ? new StyledText($"{Quantity.Of(wrong, "signal")} not as {runtimes} {(_report.Runtimes.Count > 1 ? "need" : "needs")} it", Style.Alarm)
                : unknown > 0 ? $"nothing wrong was seen, but {Quantity.Of(unknown, "signal")} could not be judged"
                : new StyledText($"every signal is as {runtimes} {(_report.Runtimes.Count > 1 ? "need" : "needs")} it", Style.Strong));
            parts.Add($"{expected} handled by {runtimes}");
        }

        _target.WriteField("signals", parts);
    }

    private void WriteFrame()
    {
        if (_report.SignalFrameBytes is { } bytes)
        {
            _target.WriteField("frame", [$"the kernel writes {Quantity.Of((long)bytes)} bytes onto the stack for each delivery on this machine"]);
        }
    }

    /// <summary>Signals with the same verdict, handler and harm are told once.</summary>
    private void WriteGroups()
    {
        IEnumerable<IGrouping<(SignalVerdict, ulong?, string?, Severity), ReportSignal>> groups = _report.Signals
            .Where(static signal => IsRemarkable(signal))
            .GroupBy(static signal => (signal.Verdict, signal.Handler?.Address.Value, HarmWithoutName(signal), signal.Severity))
            .OrderByDescending(static group => group.Key.Item4);
        foreach (IGrouping<(SignalVerdict, ulong?, string?, Severity), ReportSignal> group in groups)
        {
            WriteGroup([.. group]);
        }
    }

    private static bool IsRemarkable(ReportSignal signal) => signal.Consequence is not null || signal.Verdict is SignalVerdict.Chained;

    private static string? HarmWithoutName(ReportSignal signal) => signal.Consequence?.Replace(signal.Name, "", StringComparison.Ordinal);

    private void WriteGroup(ReportSignal[] group)
    {
        ReportSignal first = group[0];
        Style style = first.Severity >= Severity.Warning ? Style.Alarm : Style.Strong;
        _writer.EndLine();
        string names = Ranges([.. group.Select(static signal => signal.Number)]);
        _writer.Write(new StyledText(DisplayWidth.CutRight(names, Math.Max(20, _writer.Width - 40)), style));
        _writer.Write("  ");
        _writer.Write(new StyledText(Words(first), style));
        _writer.EndLine();
        if (first.Consequence is not null)
        {
            _target.WriteWords("means", first.Consequence, Style.Plain);
        }

        if (first.Culprit is { } culprit)
        {
            _target.WriteWords("by", Place(culprit), Style.Native);
        }

        if (first.Handler is { } handler)
        {
            string flags = first.Flags is { Count: > 0 } all ? string.Join(' ', all) : "no flags";
            string own = first.Culprit is null ? $"{Place(handler.Code)} " : "";
            _target.WriteWords("handler", $"{own}at {handler.Address}, {flags}", Style.Plain);
        }

        if (first.Chain.Count > 1)
        {
            string path = string.Join(" → ", first.Chain.Select(static code => TerminalText.Safe(code.ShortFunction ?? $"{code.Module}+0x{code.ModuleOffset:x}")));
            _target.WriteWords("goes", path + (first.Certainty == Certainty.Likely ? " (on some ways through the code)" : ""), Style.Plain);
        }

        if (first.Expected is { } expected && first.Verdict != SignalVerdict.Chained)
        {
            _target.WriteWords("expected", TerminalText.Safe(expected), Style.Plain);
        }

        if (first.Threads.Count > 0)
        {
            IEnumerable<string> threads = first.Threads.Take(MaxThreads).Select(tid => NameOf(tid));
            string rest = first.Threads.Count > MaxThreads ? $" and {Quantity.Of(first.Threads.Count - MaxThreads)} more" : "";
            _target.WriteWords("threads", string.Join(", ", threads) + rest, Style.Plain);
        }

        if (first.Advice is { } advice)
        {
            _target.WriteWords("do", TerminalText.Safe(advice), Style.Strong);
        }
    }

    private void WriteRest()
    {
        _writer.EndLine();
        foreach (IGrouping<string, ReportSignal> group in _report.Signals
            .Where(static signal => !IsRemarkable(signal))
            .GroupBy(static signal => RestWords(signal))
            .OrderByDescending(static group => group.Count()))
        {
            string names = Ranges([.. group.Select(static signal => signal.Number)]);
            _writer.PadTo(Indent);
            _writer.Write(new StyledText(group.Key, Style.Faint));
            _writer.Write("  ");
            _writer.WriteWords(Indent * 2, names, Style.Plain);
        }

        if (_showsAll)
        {
            foreach (ReportSignal signal in _report.Signals.Where(static signal => signal.Handler is not null && !IsRemarkable(signal)))
            {
                _writer.PadTo(Indent * 2);
                _writer.Write(new StyledText(signal.Name, Style.Strong));
                _writer.PadTo((Indent * 2) + LabelWidth);
                _writer.WriteWords((Indent * 2) + LabelWidth, $"{Place(signal.Handler!.Code)} at {signal.Handler.Address}, {string.Join(' ', signal.Flags ?? [])}", Style.Plain);
            }
        }
    }

    private static string RestWords(ReportSignal signal) => signal.Verdict switch
    {
        SignalVerdict.Unknown => "could not be judged",
        _ when signal.Expected is not null => "intact",
        _ => signal.Disposition switch
        {
            DispositionKind.Default => "default action",
            DispositionKind.Ignore => "ignored",
            DispositionKind.Handler when signal.Handler is { } handler => "handled by " + TerminalText.Safe(handler.Code.Module ?? "code of no file"),
            DispositionKind.Handler => "handled",
            _ => "not known",
        },
    };

    /// <summary>Runs of signals as ranges.</summary>
    private static string Ranges(int[] signals)
    {
        var words = new List<string>();
        for (int i = 0; i < signals.Length; i++)
        {
            int from = i;
            while (signals[from] >= 34 && i + 1 < signals.Length && signals[i + 1] == signals[i] + 1)
            {
                i++;
            }

            words.Add(from == i ? SignalNames.Of(signals[i]) : $"{SignalNames.Of(signals[from])}…{SignalNames.Of(signals[i])}");
        }

        return string.Join(' ', words);
    }

    private void WriteThreads()
    {
        SignalThread[] blocking = [.. _report.Threads.Where(static thread => thread.Blocked is > 0 && thread.Kind is SignalThreadKind.Foreign or SignalThreadKind.ForeignInRuntime or SignalThreadKind.Native)];
        ulong profiling = SignalNames.Bit(27);
        int unseen = blocking.Count(thread => thread.Kind != SignalThreadKind.Native && (thread.Blocked & profiling) != 0);
        if (unseen > 0)
        {
            _writer.EndLine();
            _writer.PadTo(Indent);
            _writer.WriteWords(
                Indent,
                $"{Quantity.Of(unseen, "thread")} made by C {(unseen == 1 ? "blocks" : "block")} SIGPROF, as libraries mostly have their threads do: CPU profiles don't show {(unseen == 1 ? "it" : "them")}.",
                Style.Plain);
        }

        if (!_showsAll)
        {
            return;
        }

        _writer.EndLine();
        foreach (SignalThread thread in _report.Threads)
        {
            _writer.PadTo(Indent);
            _writer.Write(new StyledText(thread.Tid.ToString(CultureInfo.InvariantCulture), Style.Strong));
            _writer.Write(" ");
            _writer.WriteWords(Indent * 2, Describe(thread), Style.Plain);
        }
    }

    private static string Describe(SignalThread thread)
    {
        string task = thread.Task is { } id ? $", task {id}" : "";
        string mask = thread.Blocked is { } blocked ? SignalMask.Describe(blocked) + (thread.IsBlockedForNow && blocked != 0 ? " (for one system call)" : "") : "mask not known";
        string pending = thread.Pending is { } waiting and not 0 ? ", pending " + string.Join(' ', SignalNames.In(waiting).Select(SignalNames.Of)) : "";
        string stack = thread.AlternateStack is not { } alternate ? "alternate stack not known"
            : alternate.IsNone ? "no alternate stack"
            : $"alternate stack {Quantity.OfBytes((long)alternate.Size)} ({TerminalText.Safe(thread.AlternateStackOwner ?? "?")})";
        return $"{TerminalText.Safe(thread.Name)} ({SignalsWords.Of(thread.Kind)}{task}): {mask}{pending}; {stack}";
    }

    private void WriteTimers()
    {
        var lines = new List<string>();
        foreach (IntervalTimer timer in _report.IntervalTimers ?? [])
        {
            if (timer.IsOn)
            {
                (string name, string signal) = timer.Kind switch
                {
                    IntervalTimerKind.Real => ("ITIMER_REAL", "SIGALRM"),
                    IntervalTimerKind.Virtual => ("ITIMER_VIRTUAL", "SIGVTALRM"),
                    _ => ("ITIMER_PROF", "SIGPROF"),
                };
                lines.Add(timer.Interval > TimeSpan.Zero
                    ? $"setitimer {name} sends {signal} every {Quantity.OfMilliseconds(timer.Interval.TotalMilliseconds)}"
                    : $"setitimer {name} will send {signal} once");
            }
        }

        foreach (IGrouping<string, PosixTimer> group in (_report.PosixTimers ?? []).GroupBy(static timer =>
            timer.IsLibraryThread ? "timers run a function in a thread of the C library (SIGEV_THREAD)"
            : timer.Notification == TimerNotification.None ? "timers notify nobody"
            : $"timers send {SignalNames.Of(timer.Signal)}{(timer.TargetTid is null ? "" : " to one thread each")}"))
        {
            lines.Add($"{Quantity.Of(group.Count())} {group.Key}");
        }

        foreach (SignalDescriptor descriptor in _report.SignalDescriptors ?? [])
        {
            lines.Add($"descriptor {descriptor.Descriptor} (signalfd) takes {string.Join(' ', SignalNames.In(descriptor.Mask).Select(SignalNames.Of))}");
        }

        if (lines.Count > 0)
        {
            _writer.EndLine();
        }

        foreach (string line in lines)
        {
            _writer.PadTo(Indent);
            _writer.WriteWords(Indent * 2, line, Style.Plain);
        }
    }

    private string NameOf(int tid)
    {
        SignalThread? thread = _report.Threads.FirstOrDefault(candidate => candidate.Tid == tid);
        string task = thread?.Task is { } id ? $", task {id}" : "";
        return thread is null ? tid.ToString(CultureInfo.InvariantCulture) : $"{tid} ({TerminalText.Safe(thread.Name)}{task})";
    }

    private static string Words(ReportSignal signal) => signal.Verdict switch
    {
        SignalVerdict.Intact => "handler without SA_ONSTACK",
        SignalVerdict.Chained => "chained: passed on to " + (signal.Chain.Count > 0 ? TerminalText.Safe(signal.Chain[^1].Function ?? "the runtime") : "the runtime"),
        SignalVerdict.ChainedWithoutOnStack => "reaches the runtime without SA_ONSTACK",
        SignalVerdict.Replaced => "replaced",
        SignalVerdict.Ignored => "ignored (SIG_IGN)",
        SignalVerdict.Default => "default action (SIG_DFL)",
        SignalVerdict.Blocked => $"blocked on {Quantity.Of(signal.Threads.Count, "thread")}",
        SignalVerdict.AltStackDisabled => $"no alternate stack on {Quantity.Of(signal.Threads.Count, "thread")}",
        SignalVerdict.AltStackTooSmall => $"alternate stack too small on {Quantity.Of(signal.Threads.Count, "thread")}",
        _ => "could not be judged",
    };

    private static string Place(SymbolFrame code)
    {
        string function = TerminalText.Safe(code.Function ?? "a function without symbol");
        string place = code.File is { } file ? $", {TerminalText.Safe(SourcePlace.Of(file, code.Line))}" : "";
        return $"{function} ({TerminalText.Safe(code.Module ?? "code of no file")}{place})";
    }
}
