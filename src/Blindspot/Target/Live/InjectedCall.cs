using System.Buffers.Binary;

namespace Blindspot.Target.Live;

/// <summary>A system call that only reads what the kernel knows of a process or thread, and what it answered.</summary>
internal sealed class InjectedCall(ulong number, ulong first, ulong second, ulong third, ulong fourth)
{
    /// <summary>Stands for the address where the answer goes.</summary>
    internal const ulong Answer = ulong.MaxValue;

    private const ulong SignalAction = 13;
    private const ulong GetIntervalTimer = 36;
    private const ulong SignalAlternateStack = 131;
    private readonly byte[] _answer = new byte[ReturnFrame.AnswerBytes];

    /// <summary>rt_sigaction without a new action: struct sigaction as the kernel has it is handler, flags, restorer, mask.</summary>
    internal static InjectedCall OfDisposition(int signal) => new(SignalAction, (ulong)signal, 0, Answer, sizeof(ulong));

    /// <summary>getitimer: interval and remaining time, each in seconds and microseconds.</summary>
    internal static InjectedCall OfIntervalTimer(IntervalTimerKind kind) => new(GetIntervalTimer, (ulong)kind, Answer, 0, 0);

    /// <summary>sigaltstack without a new stack: stack_t is start, flags, size.</summary>
    internal static InjectedCall OfAlternateStack() => new(SignalAlternateStack, 0, Answer, 0, 0);

    internal ulong Number => number;

    internal ulong First => first;

    internal ulong Second => second;

    internal ulong Third => third;

    internal ulong Fourth => fourth;

    /// <summary>The call was done, and the kernel had no objection.</summary>
    internal bool IsAnswered { get; set; }

    internal Span<byte> AnswerBytes => _answer;

    internal ulong AnswerWord(int index) => BinaryPrimitives.ReadUInt64LittleEndian(_answer.AsSpan(index * sizeof(ulong)));
}
