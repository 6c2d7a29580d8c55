using Blindspot.Analysis.Stacks;
using Blindspot.Model;

namespace Blindspot.Cli.Terminal;

/// <summary>The words for what a report holds.</summary>
internal static class ReportWords
{
    public static string Tag(string language) => language switch
    {
        "c" => "C",
        "c++" => "C++",
        "go" => "Go",
        "rust" => "Rust",
        _ => DisplayWidth.CutRight(TerminalText.Safe(language), 6),
    };

    public static Style StyleOf(string language) => language switch
    {
        "c" or "c++" => Style.Native,
        "rust" => Style.OtherNative,
        _ => Style.Managed,
    };

    public static string Of(StackGroupKind kind) => kind switch
    {
        StackGroupKind.InC => "in C",
        StackGroupKind.Blocked => "blocked",
        StackGroupKind.InSystemCall => "in a system call",
        StackGroupKind.Running => "running",
        StackGroupKind.Runnable => "runnable",
        StackGroupKind.Native => "threads",
        StackGroupKind.Foreign => "made by C",
        StackGroupKind.RuntimeThread => "of the runtime",
        StackGroupKind.SystemTask => "system",
        _ => "idle",
    };

    public static string Of(ThreadKind kind, bool isIdle) => kind switch
    {
        ThreadKind.InC => "in C",
        ThreadKind.Foreign => "made by C",
        ThreadKind.ForeignInRuntime => "made by C, called in",
        ThreadKind.Native => "native",
        _ => isIdle ? "idle" : "runtime",
    };

    public static string OfState(char state) => state switch
    {
        'R' => "on CPU or ready",
        'S' => "asleep",
        'D' => "asleep, uninterruptible",
        'T' => "stopped",
        't' => "traced",
        'Z' => "zombie",
        'X' => "dead",
        'I' => "idle",
        _ => "state unknown",
    };

    public static string Of(StackEnd end) => end switch
    {
        StackEnd.Complete => "complete",
        StackEnd.NoRegisters => "the thread's registers could not be read",
        StackEnd.NotInCode => "the next address is in no mapped code",
        StackEnd.NoUnwindInfo => "nothing describes the frames of this code",
        StackEnd.MalformedUnwindInfo => "the unwind data of this code is malformed",
        StackEnd.MemoryUnreadable => "stack memory could not be read",
        StackEnd.RegisterUnknown => "the caller depends on a register whose value is not known",
        StackEnd.NotAscending => "the next frame does not lie above this one",
        StackEnd.SwitchInconsistent => "the data of a stack switch contradict each other (the thread may have run on)",
        StackEnd.SwitchUnknown => "this version of the runtime switches stacks in a way not known here",
        StackEnd.TooManyFrames => "more frames than the limit",
        _ => "unknown reason",
    };
}
