using Blindspot.Collect;
using Blindspot.Image;
using Blindspot.Model;
using Blindspot.Primitives;

namespace Blindspot.Runtime;

/// <summary>
/// Several runtimes of one process as one: a Go program that loads a library with a Go of its own, a C program with two
/// such libraries. Each has its own tasks and threads; one thread may have been in more than one.
/// </summary>
/// <param name="members">The main executable's first.</param>
internal sealed class RuntimeGroup(IReadOnlyList<IManagedRuntime> members) : IManagedRuntime
{
    private readonly JoinedList<RuntimeTask> _tasks = new(members.Select(member => member.Tasks));

    public string Kind => members[0].Kind;

    public string? Version => members[0].Version;

    public IReadOnlyList<RuntimeTask> Tasks => _tasks;

    public IReadOnlyList<RuntimeWorker> Workers { get; } = new JoinedList<RuntimeWorker>(members.Select(member => member.Workers));

    /// <summary>That of the first: a gap says so.</summary>
    public RuntimeScheduler? Scheduler => members[0].Scheduler;

    /// <summary>The sum; null where one of them does not tell.</summary>
    public RuntimeMemory? OwnMemory =>
        members.Select(member => member.OwnMemory).ToList() is var all && all.TrueForAll(memory => memory is not null)
            ? RuntimeMemory.Sum(all!)
            : null;

    public IReadOnlyList<RuntimeSignals> Signals => [.. members.SelectMany(member => member.Signals)];

    public bool UsesForeignCode => members.Any(member => member.UsesForeignCode);

    public IRuntimeStackSteps StackSteps => new RuntimeGroupSteps(members);

    /// <summary>Those of the first: what a thread has to do with the others is read from the live process.</summary>
    public RuntimeStackHints? StackHints => members[0].StackHints;

    public bool TryResolve(TargetAddress lookupAddress, List<SourceFrame> frames)
    {
        foreach (IManagedRuntime member in members)
        {
            if (member.TryResolve(lookupAddress, frames))
            {
                return true;
            }
        }

        return false;
    }

    public bool IsPlumbing(string function) => members.Any(member => member.IsPlumbing(function));

    public bool IsOwnCode(TargetAddress lookupAddress)
    {
        foreach (IManagedRuntime member in members)
        {
            if (member.IsOwnCode(lookupAddress))
            {
                return true;
            }
        }

        return false;
    }

    public void RereadMany(ReadOnlySpan<int> tasks, Span<bool> unchanged)
    {
        for (int part = 0; part < members.Count; part++)
        {
            var places = new List<int>();
            var own = new List<int>();
            for (int i = 0; i < tasks.Length; i++)
            {
                if (_tasks.Locate(tasks[i]) is var (owner, index) && owner == part)
                {
                    places.Add(i);
                    own.Add(index);
                }
            }

            bool[] answers = new bool[own.Count];
            members[part].RereadMany(own.ToArray(), answers);
            for (int i = 0; i < answers.Length; i++)
            {
                unchanged[places[i]] = answers[i];
            }
        }
    }

    public void Refresh(IReadOnlyList<int> tasks)
    {
        foreach (IGrouping<int, int> own in tasks.Select(_tasks.Locate).GroupBy(place => place.Part, place => place.Index))
        {
            members[own.Key].Refresh([.. own]);
        }
    }
}
