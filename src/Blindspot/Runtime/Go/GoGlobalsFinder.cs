using Blindspot.Image.Pclntab;
using Blindspot.Primitives;
using Blindspot.Target;
using Iced.Intel;

namespace Blindspot.Runtime.Go;

/// <summary>
/// Finds the runtime's global variables: by symbol, and in stripped binaries by the functions of the runtime that use
/// them, which the function table still names. What code suggests is believed only if the target's memory agrees.
/// </summary>
internal sealed class GoGlobalsFinder(GoModule module, TargetMemory memory, GoLayout layout, GapLog gaps)
{
    /// <summary>schedinit's "sched.maxmcount = 10000" (Go: src/runtime/proc.go, 1.2 to 1.27).</summary>
    private const ulong DefaultMaxMCount = 10_000;

    // Small functions that have used the variable in all versions from 1.19 to 1.27 (Go: src/runtime/proc.go).
    private static readonly string[] AllGsUsers = ["runtime.allgadd", "runtime.forEachG", "runtime.checkdead"];
    private static readonly string[] AllMUsers = ["runtime.mcommoninit", "runtime.mexit", "runtime.checkdead"];
    private static readonly string[] AllPUsers = ["runtime.procresize", "runtime.retake", "runtime.stopTheWorldWithSema"];
    private static readonly string[] SchedUsers = ["runtime.mcommoninit", "runtime.mexit", "runtime.stopm"];

    private readonly GoGlobalsCheck _check = new(memory, layout);
    private readonly GoCodeReader _code = new(module.Image, module.Functions);
    private bool _usedSymbols;
    private bool _usedCode;
    private bool _isPrepared;

    public GoGlobals Find()
    {
        TargetAddress allGs = Find("runtime.allgs", AllGsUsers, _check.IsAllGs);
        TargetAddress allM = Find("runtime.allm", AllMUsers, _check.IsAllM);
        TargetAddress allP = Find("runtime.allp", AllPUsers, _check.IsAllP);
        TargetAddress sched = FindSched(allP);
        TargetAddress reasons = module.Image.TryFindSymbol("runtime.waitReasonStrings", out ImageOffset symbol)
            ? module.Module.ToTarget(symbol)
            : TargetAddress.Zero;
        return new GoGlobals
        {
            AllGs = allGs,
            AllM = allM,
            AllP = allP,
            Sched = sched,
            WaitReasonStrings = reasons,
            ThreadLocalG = new GoThreadLocal(module, memory).Find(),
            IsCgo = module.Functions.TryFindByName("crosscall2", out _),
            Source = (_usedSymbols, _usedCode) switch
            {
                (true, false) => "symbols",
                (false, true) => "code",
                (true, true) => "symbols and code",
                _ => "none",
            },
        };
    }

    private TargetAddress Find(string name, string[] users, Func<TargetAddress, bool> isRight)
    {
        if (module.Image.TryFindSymbol(name, out ImageOffset symbol))
        {
            TargetAddress address = module.Module.ToTarget(symbol);
            if (isRight(address))
            {
                _usedSymbols = true;
                return address;
            }
        }

        Prepare();
        Dictionary<ImageOffset, int> votes = [];
        foreach (string user in users)
        {
            foreach (ImageOffset variable in _code.Variables(user))
            {
                if (module.Image.IsVariable(variable) && (votes.ContainsKey(variable) || isRight(module.Module.ToTarget(variable))))
                {
                    votes[variable] = votes.GetValueOrDefault(variable) + 1;
                }
            }
        }

        return Choose(name, votes);
    }

    private TargetAddress FindSched(TargetAddress allP)
    {
        if (module.Image.TryFindSymbol("runtime.sched", out ImageOffset symbol))
        {
            TargetAddress address = module.Module.ToTarget(symbol);
            if (_check.IsSched(address, allP))
            {
                _usedSymbols = true;
                return address;
            }
        }

        Prepare();
        Dictionary<ImageOffset, int> votes = [];
        foreach (Instruction instruction in _code.Decode("runtime.schedinit"))
        {
            if (instruction.Code == Code.Mov_rm32_imm32
                && instruction.Immediate32 == DefaultMaxMCount
                && instruction.IsIPRelativeMemoryOperand)
            {
                ImageOffset start = new(instruction.IPRelativeMemoryAddress - (ulong)layout[GoField.SchedMaxMCount]);
                if (module.Image.IsVariable(start) && _check.IsSched(module.Module.ToTarget(start), allP))
                {
                    votes[start] = 1;
                }
            }
        }

        // Others lock it: &sched.lock is their argument to lock().
        foreach (string user in SchedUsers)
        {
            List<ImageOffset> variables = _code.Variables(user);
            foreach (ImageOffset start in votes.Keys.ToArray())
            {
                if (variables.Contains(start + (ulong)layout[GoField.SchedLock]))
                {
                    votes[start]++;
                }
            }
        }

        return Choose("runtime.sched", votes);
    }

    /// <summary>The candidate that most functions agree on; a tie means that none can be trusted.</summary>
    private TargetAddress Choose(string name, Dictionary<ImageOffset, int> votes)
    {
        ImageOffset best = default;
        int most = 0;
        bool isTied = false;
        foreach ((ImageOffset candidate, int count) in votes)
        {
            if (count > most)
            {
                (best, most, isTied) = (candidate, count, false);
            }
            else if (count == most)
            {
                isTied = true;
            }
        }

        if (most == 0 || isTied)
        {
            gaps.Add(
                "runtime",
                "global-not-found",
                isTied
                    ? $"{name} of {module.Module.Path}: the code of the runtime names several variables that could be it, so none was taken."
                    : $"{name} of {module.Module.Path} was not found, neither by symbol nor by the runtime's code.");
            return TargetAddress.Zero;
        }

        if (most == 1)
        {
            gaps.Add("runtime", "global-by-one-function", $"{name} of {module.Module.Path} was found by one function of the runtime alone; no second one confirms it.");
        }

        _usedCode = true;
        return module.Module.ToTarget(best);
    }

    private void Prepare()
    {
        if (!_isPrepared)
        {
            _isPrepared = true;
            _code.Prepare([.. AllGsUsers, .. AllMUsers, .. AllPUsers, .. SchedUsers, "runtime.schedinit"]);
        }
    }
}
