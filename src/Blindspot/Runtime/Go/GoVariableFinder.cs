using Blindspot.Primitives;
using Iced.Intel;

namespace Blindspot.Runtime.Go;

/// <summary>A function of the runtime, and how far into the wanted variable lies what it uses of it.</summary>
internal readonly record struct GoVariableUser(string Function, int Member);

/// <summary>
/// Finds single variables of the runtime by the functions that use them, for binaries without symbols: one that several
/// functions agree on, and that memory does not contradict.
/// </summary>
/// <param name="functions">All that will be asked about.</param>
internal sealed class GoVariableFinder(GoModule module, GapLog gaps, IReadOnlyCollection<string> functions)
{
    private const int EnoughVotes = 2;

    private readonly GoCodeReader _code = new(module.Image, module.Functions);
    private bool _isPrepared;

    /// <summary>Zero, with a gap, where it was not found.</summary>
    /// <param name="name">Its symbol.</param>
    /// <param name="users">Who uses it, and what of it.</param>
    /// <param name="isRight">Whether what lies at an address can be it.</param>
    public TargetAddress Find(string name, ReadOnlySpan<GoVariableUser> users, Func<TargetAddress, bool> isRight)
    {
        if (module.Image.TryFindSymbol(name, out ImageOffset symbol) && module.Module.ToTarget(symbol) is var known && isRight(known))
        {
            return known;
        }

        Dictionary<ImageOffset, int> votes = [];
        foreach (GoVariableUser user in users)
        {
            Prepare();
            foreach (ImageOffset used in _code.Variables(user.Function))
            {
                ImageOffset start = new(unchecked(used.Value - (ulong)user.Member));
                if (module.Image.IsVariable(start))
                {
                    votes[start] = votes.GetValueOrDefault(start) + 1;
                }
            }
        }

        foreach (ImageOffset start in votes.Keys.ToArray())
        {
            if (votes[start] < EnoughVotes || !isRight(module.Module.ToTarget(start)))
            {
                votes.Remove(start);
            }
        }

        return Choose(name, votes);
    }

    /// <summary>Of the variables that functions compare with zero as an int ("if x == 0"), the one that most agree on.</summary>
    public TargetAddress FindComparedToZero(string name, ReadOnlySpan<string> users, Func<TargetAddress, bool> isRight)
    {
        Prepare();
        Dictionary<ImageOffset, int> votes = [];
        foreach (string user in users)
        {
            HashSet<ImageOffset> own = [];
            foreach (Instruction instruction in _code.Decode(user))
            {
                if (instruction.Code == Code.Cmp_rm32_imm8 && instruction.Immediate8 == 0 && instruction.IsIPRelativeMemoryOperand
                    && new ImageOffset(instruction.IPRelativeMemoryAddress) is var variable
                    && module.Image.IsVariable(variable) && own.Add(variable) && isRight(module.Module.ToTarget(variable)))
                {
                    votes[variable] = votes.GetValueOrDefault(variable) + 1;
                }
            }
        }

        foreach (ImageOffset variable in votes.Keys.ToArray())
        {
            if (votes[variable] < EnoughVotes)
            {
                votes.Remove(variable);
            }
        }

        return Choose(name, votes);
    }

    private TargetAddress Choose(string name, Dictionary<ImageOffset, int> votes)
    {
        int most = votes.Count > 0 ? votes.Values.Max() : 0;
        ImageOffset[] best = [.. votes.Where(vote => vote.Value == most).Select(vote => vote.Key)];
        if (best.Length == 1)
        {
            return module.Module.ToTarget(best[0]);
        }

        gaps.Add(
            "runtime",
            "global-not-found",
            best.Length > 1
                ? $"{name} of {module.Module.Path}: the code of the runtime names several variables that could be it, so none was taken."
                : $"{name} of {module.Module.Path} was not found, neither by symbol nor by the runtime's code.");
        return TargetAddress.Zero;
    }

    private void Prepare()
    {
        if (!_isPrepared)
        {
            _isPrepared = true;
            _code.Prepare(functions);
        }
    }
}
