using System.Text;
using Blindspot.Image;
using Blindspot.Image.Elf;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Unwind;
using Iced.Intel;

namespace Blindspot.Analysis.Signals;

/// <summary>
/// Finds out whether a signal handler passes on to the runtime's handler what it gets.
/// </summary>
/// <remarks>
/// Nothing in a process says so: a well-behaved handler keeps the old one in a variable and calls it, an impostor keeps it
/// in the same variable and does not. So the handler's code is interpreted as it would run for this very signal, with the
/// target's variables as they are now, and with the siginfo and the context unknown. Where a condition depends on something
/// unknown both ways are followed. A call to the C library returns something unknown; other calls are followed, through
/// the libraries that have their handlers in between. What is reached on every way, on some or on none is the answer; a
/// call to an unknown place, or more code than the limits, make it unknown, never "none".
/// </remarks>
internal sealed class HandlerTrace
{
    private const int MaxPaths = 256;
    private const int MaxInstructions = 40_000;
    private const int MaxPathInstructions = 8_000;
    private const int MaxVisits = 48;
    private const int MaxDepth = 12;
    private const ulong SystemCallSigaction = 13;

    /// <summary>Offset of sa_sigaction in struct sigaction, for libc and for the kernel alike.</summary>
    private const int HandlerOffset = 0;

    // Code of these is not followed: it calls no handler, and returns.
    private static readonly string[] OpaqueFiles = ["libc.so", "libc-", "libc.musl", "ld-linux", "ld-musl", "libpthread", "libm.", "libgcc_s", "libstdc++", "[vdso]"];

    private static readonly string[] EndingFunctions = ["abort", "exit", "_exit", "_Exit", "quick_exit", "longjmp", "siglongjmp", "_longjmp", "__longjmp_chk", "__stack_chk_fail", "__assert_fail", "__fortify_fail"];

    private static readonly string[] InstallingFunctions = ["sigaction", "__sigaction", "__libc_sigaction"];
    private static readonly string[] SimpleInstallingFunctions = ["signal", "__sysv_signal", "bsd_signal", "ssignal", "sysv_signal"];

    private readonly ModuleMap _modules;
    private readonly TargetMemory _memory;
    private readonly IReadOnlySet<TargetAddress> _goals;
    private readonly InstructionInfoFactory _information = new();
    private readonly Dictionary<Module, TargetCode> _code = [];
    private readonly Stack<HandlerPath> _paths = [];
    private ulong _signal;
    private int _instructions;
    private int _started;
    private int _chained;
    private int _others;
    private int _unknown;
    private HandlerPath? _best;
    private HandlerPath? _last;

    /// <param name="goals">The runtimes' handlers.</param>
    public HandlerTrace(ModuleMap modules, TargetMemory memory, IReadOnlySet<TargetAddress> goals)
    {
        _modules = modules;
        _memory = memory;
        _goals = goals;
    }

    public HandlerChain Follow(TargetAddress handler, int signal)
    {
        _paths.Clear();
        (_instructions, _started, _chained, _others, _unknown, _best, _last) = (0, 1, 0, 0, 0, null, null);
        _signal = (ulong)signal;
        var state = new CodeInterpreter(new InterpretedMemory(_memory, _modules), _information)
        {
            [Register.RDI] = _signal,
            [Register.RSI] = InterpretedMemory.StackTop + 0x1000,
            [Register.RDX] = InterpretedMemory.StackTop + 0x2000,
        };
        state.Push(null);
        _paths.Push(new HandlerPath(state, handler));
        while (_paths.TryPop(out HandlerPath? path))
        {
            Walk(path);
        }

        ChainOutcome outcome = (_chained, _others, _unknown) switch
        {
            (0, _, > 0) => ChainOutcome.Unknown,
            (0, _, _) => ChainOutcome.Never,
            (_, 0, 0) => ChainOutcome.Always,
            _ => ChainOutcome.Sometimes,
        };
        return new HandlerChain(outcome, _best?.Reached ?? TargetAddress.Zero, [handler, .. (_best ?? _last)?.HandedTo ?? []], _best?.IsReinstalled ?? false);
    }

    private void Walk(HandlerPath path)
    {
        while (true)
        {
            if (++_instructions > MaxInstructions || ++path.Instructions > MaxPathInstructions
                || _modules.Find(new TargetAddress(path.Ip)) is not { } module || !CodeOf(module).TryDecode(path.Ip, out Instruction instruction))
            {
                _unknown++;
                return;
            }

            switch (instruction.FlowControl)
            {
                case FlowControl.Next:
                    path.State.Apply(instruction);
                    path.Ip = instruction.NextIP;
                    break;
                case FlowControl.UnconditionalBranch:
                    if (!GoTo(path, instruction.NearBranchTarget, isCall: false, instruction.NextIP))
                    {
                        return;
                    }

                    break;
                case FlowControl.IndirectBranch or FlowControl.IndirectCall:
                    bool isCall = instruction.FlowControl == FlowControl.IndirectCall;
                    if (path.State.Read(instruction, 0) is not { } target)
                    {
                        // Whatever that is, it may be the one that is looked for.
                        path.HasUnknownCall = true;
                        if (!isCall)
                        {
                            End(path);
                            return;
                        }

                        path.State.ForgetClobbered();
                        path.Ip = instruction.NextIP;
                    }
                    else
                    {
                        NoteHandOver(path, target);
                        if (!GoTo(path, target, isCall, instruction.NextIP))
                        {
                            return;
                        }
                    }

                    break;
                case FlowControl.Call when instruction.Mnemonic == Mnemonic.Syscall:
                    SystemCall(path);
                    path.Ip = instruction.NextIP;
                    break;
                case FlowControl.Call:
                    if (!GoTo(path, instruction.NearBranchTarget, isCall: true, instruction.NextIP))
                    {
                        return;
                    }

                    break;
                case FlowControl.ConditionalBranch:
                    if (!Branch(path, instruction))
                    {
                        return;
                    }

                    break;
                case FlowControl.Return:
                    if (!Return(path))
                    {
                        return;
                    }

                    break;
                default:
                    // A trap ends the program, or is somebody else's signal.
                    End(path);
                    return;
            }
        }
    }

    // A call through a pointer, with the signal's number: another handler that was saved. Stubs of the linkage table jump, too.
    private void NoteHandOver(HandlerPath path, ulong target)
    {
        if (!_goals.Contains(new TargetAddress(target)) && path.State[Register.RDI] is { } number && InterpretedFlags.Masked(number, 4) == _signal
            && _modules.Find(new TargetAddress(target)) is { } module && !IsOpaque(module) && IsFunction(module, target) && target != path.Calls.Peek().Value)
        {
            path.HandedTo.Add(new TargetAddress(target));
        }
    }

    // Where no symbol tells, whatever is called through a pointer.
    private static bool IsFunction(Module module, ulong target)
    {
        ImageOffset offset = module.ToImage(new TargetAddress(target));
        return module.Symbols?.TryFindFunction(offset, out ElfSymbol symbol) != true || (symbol.Address == offset && !symbol.IsPlt);
    }

    private bool Branch(HandlerPath path, in Instruction instruction)
    {
        bool? holds = path.State.Holds(instruction.ConditionCode);
        if (holds is null)
        {
            // A loop whose end is not known is left after some rounds.
            if (path.CountVisit(instruction.IP) > MaxVisits || _started >= MaxPaths)
            {
                _unknown++;
                return false;
            }

            _started++;
            _paths.Push(path.Fork(instruction.NearBranchTarget));
            path.Ip = instruction.NextIP;
            return true;
        }

        path.Ip = holds.Value ? instruction.NearBranchTarget : instruction.NextIP;
        return true;
    }

    /// <summary>Follows a call or jump; false when the path ends with it.</summary>
    private bool GoTo(HandlerPath path, ulong target, bool isCall, ulong next)
    {
        var address = new TargetAddress(target);
        if (_goals.Contains(address))
        {
            // Called for another signal it would do another thing.
            if (path.State[Register.RDI] is { } number && InterpretedFlags.Masked(number, 4) != _signal)
            {
                return Skip(path, isCall, next);
            }

            Reach(path, address, isReinstalled: false);
            return false;
        }

        Module? module = _modules.Find(address);
        if (module is null)
        {
            path.HasUnknownCall |= target >= 0x1000;
            return Skip(path, isCall, next);
        }

        ElfSymbol symbol = default;
        string? name = module.Symbols?.TryFindFunction(module.ToImage(address), out symbol) == true ? Encoding.UTF8.GetString(symbol.NameBytes) : null;
        bool isEntry = name is not null && symbol.Address == module.ToImage(address);
        if (isEntry && Call(path, name!) is { } answer)
        {
            return answer ? Skip(path, isCall, next) : false;
        }

        if (IsOpaque(module))
        {
            return Skip(path, isCall, next);
        }

        if (isEntry && symbol.IsPlt)
        {
            if (FindFunction(name!) is not { } function)
            {
                return Skip(path, isCall, next);
            }

            return GoTo(path, function.Value, isCall, next);
        }

        if (isCall)
        {
            if (path.Returns.Count >= MaxDepth)
            {
                path.HasUnknownCall = true;
                return Skip(path, isCall, next);
            }

            path.State.Push(next);
            path.Returns.Push(next);
            path.Calls.Push(address);
        }

        path.Ip = target;
        return true;
    }

    /// <summary>What a function of the C library does to the chain: true to go on behind it, false when the path ends with it, null for any other.</summary>
    private bool? Call(HandlerPath path, string name)
    {
        if (EndingFunctions.Contains(name))
        {
            End(path);
            return false;
        }

        bool isSignal = path.State[Register.RDI] is { } number && InterpretedFlags.Masked(number, 4) == _signal;
        if (isSignal && InstallingFunctions.Contains(name))
        {
            Install(path, path.State[Register.RSI] is { } action and not 0 ? path.State.Memory.Read(action + HandlerOffset, 8) : null);
            return true;
        }

        if (isSignal && SimpleInstallingFunctions.Contains(name))
        {
            Install(path, path.State[Register.RSI]);
            return true;
        }

        return null;
    }

    private void SystemCall(HandlerPath path)
    {
        CodeInterpreter state = path.State;
        if (state[Register.RAX] == SystemCallSigaction && state[Register.RDI] == _signal && state[Register.RSI] is { } action and not 0)
        {
            Install(path, state.Memory.Read(action + HandlerOffset, 8));
        }

        state[Register.RAX] = null;
        state[Register.RCX] = null;
        state[Register.R11] = null;
    }

    private void Install(HandlerPath path, ulong? handler)
    {
        if (handler is { } installed && _goals.Contains(new TargetAddress(installed)))
        {
            path.Reinstalled = new TargetAddress(installed);
        }
    }

    // A return goes where the call came from, unless that was written over: so do indirect calls that guard against
    // speculation (retpolines), which jump by returning.
    private bool Return(HandlerPath path)
    {
        ulong? target = path.State.Pop();
        ulong? caller = path.Returns.TryPeek(out ulong top) ? top : null;
        if (caller is not null)
        {
            path.Returns.Pop();
            path.Calls.Pop();
        }

        if (target == caller)
        {
            path.Ip = caller ?? 0;
            if (caller is null)
            {
                End(path);
            }

            return caller is not null;
        }

        if (target is not { } jump)
        {
            path.HasUnknownCall = true;
            return Skip(path, isCall: false, 0);
        }

        NoteHandOver(path, jump);
        return GoTo(path, jump, isCall: false, 0);
    }

    private static bool Leave(HandlerPath path)
    {
        if (path.Returns.Count == 0)
        {
            return false;
        }

        path.State.Pop();
        path.Ip = path.Returns.Pop();
        path.Calls.Pop();
        return true;
    }

    // Behind a call, or, where a function ended by jumping to another one, behind the call of that function.
    private bool Skip(HandlerPath path, bool isCall, ulong next)
    {
        path.State.ForgetClobbered();
        if (isCall)
        {
            path.Ip = next;
            return true;
        }

        if (Leave(path))
        {
            return true;
        }

        End(path);
        return false;
    }

    private void End(HandlerPath path)
    {
        if (!path.Reinstalled.IsZero)
        {
            Reach(path, path.Reinstalled, isReinstalled: true);
        }
        else if (path.HasUnknownCall)
        {
            _unknown++;
        }
        else
        {
            _others++;
            _last = path.HandedTo.Count >= (_last?.HandedTo.Count ?? 0) ? path : _last;
        }
    }

    private void Reach(HandlerPath path, TargetAddress goal, bool isReinstalled)
    {
        _chained++;
        if (_best is null || path.Instructions < _best.Instructions)
        {
            path.Reached = goal;
            path.IsReinstalled = isReinstalled;
            _best = path;
        }
    }

    private bool IsOpaque(Module module) => Array.Exists(OpaqueFiles, prefix => module.Name.StartsWith(prefix, StringComparison.Ordinal));

    private TargetAddress? FindFunction(string name)
    {
        foreach (Module module in _modules.Modules)
        {
            if (module.Symbols is { } symbols && symbols.TryFindByName(name, out ElfSymbol symbol) && !symbol.IsPlt && !symbol.Address.Equals(default))
            {
                return module.ToTarget(symbol.Address);
            }
        }

        return null;
    }

    private TargetCode CodeOf(Module module)
    {
        if (!_code.TryGetValue(module, out TargetCode? code))
        {
            _code.Add(module, code = new TargetCode(_memory, module));
        }

        return code;
    }
}
