using System.Buffers.Binary;
using Blindspot.Image.Pclntab;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Target;
using Iced.Intel;

namespace Blindspot.Runtime.Go;

/// <summary>
/// Reads what Go's runtime keeps of signals (Go: src/runtime/signal_unix.go, sigqueue.go; the same from 1.19 to 1.27): for
/// which it has installed its handler, what was there before, and which ones the program asked to be told of.
/// </summary>
/// <remarks>
/// The variables are found by symbol, and in stripped binaries in the code of the functions that use all of them:
/// <c>sigfwdgo</c> begins by reading fwdSig[sig], sigtable[sig].flags and handlingSig[sig], and <c>sigsend</c> reads
/// sig.wanted[s/32].
/// </remarks>
internal sealed class GoSignalsReader(GoModule module, TargetMemory memory, GapLog gaps)
{
    /// <summary>Entries of the runtime's tables (_NSIG, src/runtime/os_linux_generic.go).</summary>
    private const int TableEntries = 65;

    /// <summary>Bytes from the start of runtime.sig to its words of wanted signals, behind a note and a mask of three words.</summary>
    private const int WantedOffset = 20;

    private const int WantedWords = 3;

    /// <summary>A new goroutine's stack (stackMin, src/runtime/stack.go).</summary>
    private const int SmallestStack = 2048;

    private const string ForwardUser = "runtime.sigfwdgo";
    private const string SendUser = "runtime.sigsend";

    private static readonly RuntimeWords Words = new("Go", "goroutine", "signal.Notify", "panic", "fatal error: non-Go code set up signal handler without SA_ONSTACK flag");

    private static readonly string[] HandlerNames = ["runtime.sigtramp", "runtime.cgoSigtramp"];

    private readonly GoCodeReader _code = new(module.Image, module.Functions);

    /// <summary>Null where not even the runtime's handlers were found.</summary>
    public RuntimeSignals? Read()
    {
        Dictionary<string, GoFunction> found = [];
        module.Functions.FindByNames(HandlerNames, found);
        if (found.Count == 0)
        {
            gaps.Add("runtime", "signal-handlers-not-found", $"The signal handlers of {module.Module.Path}'s Go runtime were not found: whose the handlers are that are installed is not known.");
            return null;
        }

        Dictionary<TargetAddress, string> handlers = [];
        foreach ((string name, GoFunction function) in found)
        {
            handlers[module.Module.ToTarget(function.Entry)] = name;
        }

        _code.Prepare([ForwardUser, SendUser]);
        List<TableUse> uses = TablesOf(ForwardUser);
        ulong[]? handling = ReadTable(Find("runtime.handlingSig", uses, static use => use.Scale == 4), 4, static word => word <= 1);
        ulong[]? forward = ReadTable(Find("runtime.fwdSig", uses, static use => use is { Scale: 8, IsNarrow: false }), 8, IsHandlerWord);
        if (handling is null)
        {
            gaps.Add("runtime", "signal-tables-not-found", $"Which signals {module.Module.Path}'s Go runtime has taken was not found (handlingSig): what is expected of each signal is not known.");
        }

        ulong? wanted = ReadWanted();
        var signals = new RuntimeSignal[RuntimeSignals.Last];
        for (int number = 1; number <= signals.Length; number++)
        {
            signals[number - 1] = new RuntimeSignal(
                number,
                UseOf(number),
                handling is null ? null : handling[number] != 0,
                forward is null ? null : new TargetAddress(forward[number]),
                wanted is { } mask ? (mask & (1UL << (number - 1))) != 0 : null);
        }

        return new RuntimeSignals
        {
            Kind = "go",
            Words = Words,
            Handlers = handlers,
            Signals = signals,
            NeedsAlternateStack = true,
            SmallestStack = SmallestStack,
            HandlerStack = GoHandlerStack.Bytes,
        };
    }

    // src/runtime/sigtab_linux_generic.go; sigPreempt and sigPerThreadSyscall are SIGURG and the second real-time signal.
    private static SignalUse UseOf(int signal) => signal switch
    {
        3 or 4 or 5 or 6 or 16 or 31 => SignalUse.Fatal,
        7 or 8 or 11 => SignalUse.Fault,
        9 or 19 or 32 => SignalUse.None,
        13 => SignalUse.BrokenPipe,
        23 => SignalUse.Preemption,
        27 => SignalUse.Profiling,
        33 => SignalUse.Internal,
        _ => SignalUse.Notification,
    };

    private static bool IsHandlerWord(ulong word) => word is 0 or 1 or (>= 0x1000 and < (1UL << 56));

    private TargetAddress? Find(string symbol, List<TableUse> uses, Predicate<TableUse> isIt)
    {
        if (module.Image.TryFindSymbol(symbol, out ImageOffset address))
        {
            return module.Module.ToTarget(address);
        }

        int at = uses.FindIndex(isIt);
        return at < 0 ? null : module.Module.ToTarget(uses[at].Table);
    }

    /// <summary>All entries of a table, null where it can't be read or holds what it never would.</summary>
    private ulong[]? ReadTable(TargetAddress? table, int size, Predicate<ulong> isPossible)
    {
        byte[] bytes = new byte[TableEntries * size];
        if (table is not { } address || !memory.TryReadExactly(address, bytes))
        {
            return null;
        }

        ulong[] entries = new ulong[TableEntries];
        for (int i = 0; i < entries.Length; i++)
        {
            ReadOnlySpan<byte> entry = bytes.AsSpan(i * size, size);
            entries[i] = size == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(entry) : BinaryPrimitives.ReadUInt64LittleEndian(entry);
            if (!isPossible(entries[i]))
            {
                return null;
            }
        }

        return entries;
    }

    // Bit n-1 for signal n; the runtime's own bit n is signal n.
    private ulong? ReadWanted()
    {
        TargetAddress? wanted = null;
        if (module.Image.TryFindSymbol("runtime.sig", out ImageOffset sig))
        {
            wanted = module.Module.ToTarget(sig) + WantedOffset;
        }
        else
        {
            // The mask of received signals lies before the wanted ones, and is used after them.
            ImageOffset? highest = null;
            foreach (TableUse use in TablesOf(SendUser))
            {
                highest = use.Scale == 4 && (highest is null || use.Table > highest.Value) ? use.Table : highest;
            }

            wanted = highest is { } found ? module.Module.ToTarget(found) : null;
        }

        byte[] bytes = new byte[WantedWords * 4];
        if (wanted is not { } address || !memory.TryReadExactly(address, bytes))
        {
            return null;
        }

        ulong low = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        ulong high = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8));
        return (low >> 1) | (high << 63);
    }

    /// <summary>The tables that a function indexes: an address loaded into a register, and then an operand that adds an index to it.</summary>
    private List<TableUse> TablesOf(string function)
    {
        List<TableUse> uses = [];
        Dictionary<Register, ImageOffset> loaded = [];
        foreach (Instruction instruction in _code.Decode(function))
        {
            if (instruction.MemoryIndexScale is 4 or 8
                && instruction.MemoryIndex != Register.None
                && loaded.TryGetValue(instruction.MemoryBase, out ImageOffset table))
            {
                bool isNarrow = instruction.Mnemonic != Mnemonic.Lea && instruction.Op0Kind == OpKind.Register && instruction.Op0Register.GetSize() == 4;
                uses.Add(new TableUse(table, instruction.MemoryIndexScale, isNarrow));
            }

            if (instruction.Mnemonic == Mnemonic.Lea && instruction.IsIPRelativeMemoryOperand && module.Image.IsVariable(new ImageOffset(instruction.IPRelativeMemoryAddress)))
            {
                loaded[instruction.Op0Register] = new ImageOffset(instruction.IPRelativeMemoryAddress);
            }
            else if (instruction.OpCount > 0 && instruction.Op0Kind == OpKind.Register)
            {
                loaded.Remove(instruction.Op0Register.GetFullRegister());
            }
        }

        return uses;
    }

    /// <param name="Table">Where the table lies.</param>
    /// <param name="Scale">Bytes from one index to the next.</param>
    /// <param name="IsNarrow">A word of 32 bits is read with that scale (flags of an entry that is larger).</param>
    private readonly record struct TableUse(ImageOffset Table, int Scale, bool IsNarrow);
}
