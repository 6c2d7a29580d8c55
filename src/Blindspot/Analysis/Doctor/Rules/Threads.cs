using Blindspot.Analysis.Stacks;
using Blindspot.Symbols;

namespace Blindspot.Analysis.Doctor.Rules;

/// <summary>What rules say of threads.</summary>
internal static class Threads
{
    // Where threads wait or are made says nothing of what they are for.
    private static readonly string[] Plumbing = ["libc.so", "libc-", "ld-linux", "libpthread", "libstdc++", "[vdso]", "ld-musl", "libc.musl"];

    // "_cgoexp_5f2a…_goProgress": Go's side of an exported function.
    private const string ExportedFunction = "_cgoexp_";

    public static string Count(int count) => count == 1 ? "1 thread" : $"{count} threads";

    public static ReportThread? Find(StacksReport report, int tid) => report.Threads.FirstOrDefault(thread => thread.Tid == tid);

    /// <summary>The function that says most of what a thread does: its innermost one outside of the C library and of the runtime's plumbing.</summary>
    public static SymbolFrame? TellingFrame(StacksReport report, ReportThread thread)
    {
        SymbolFrame? any = null;
        SymbolFrame? nameless = null;
        foreach (int index in report.Stacks[thread.Stack].Frames)
        {
            SymbolFrame symbol = report.Frames[index].Symbol;
            any ??= symbol;
            if (IsPlumbingOf(symbol))
            {
                continue;
            }

            if (symbol.Function is not null)
            {
                return symbol;
            }

            // Of a stripped program the module and the address still say more than the C library's function.
            nameless ??= symbol;
        }

        return nameless ?? any;
    }

    /// <summary>
    /// The native function in which a thread holds what it holds: of a thread whose task is parked under a callback, that
    /// from which it was called back; null where it has none.
    /// </summary>
    public static SymbolFrame? HoldingFrame(StacksReport report, ReportThread thread)
    {
        ReportTask? parked = report.Tasks.FirstOrDefault(task => task.Id == thread.LockedTask && task.LockedThread == thread.Tid);
        int stack = parked?.Stack ?? thread.Stack;
        string? exported = null;
        foreach (int index in report.Stacks[stack].Frames)
        {
            SymbolFrame symbol = report.Frames[index].Symbol;
            bool isNative = symbol.Language is "c" or "c++" or "rust";
            if (!isNative && symbol.Function?.StartsWith(ExportedFunction, StringComparison.Ordinal) == true)
            {
                exported = symbol.Function;
            }

            // What C calls under the name of a Go function is a piece of glue that cgo made.
            bool isGlue = exported is not null && symbol.Function is { } name && exported.EndsWith("_" + name, StringComparison.Ordinal);
            if (isNative && !isGlue && !IsPlumbingOf(symbol) && symbol.Function is not null)
            {
                return symbol;
            }
        }

        return TellingFrame(report, thread);
    }

    public static Culprit? CulpritOf(DoctorEvidence evidence, int tid) =>
        Find(evidence.Stacks, tid) is { } thread ? new Culprit(TellingFrame(evidence.Stacks, thread), tid, thread.Task) : null;

    private static bool IsPlumbingOf(SymbolFrame symbol) =>
        symbol.IsPlumbing || symbol.File?.EndsWith("/_cgo_export.c", StringComparison.Ordinal) == true || Array.Exists(Plumbing, prefix => symbol.Module?.StartsWith(prefix, StringComparison.Ordinal) == true);
}
