using Blindspot.Model;
using Blindspot.Primitives;

namespace Blindspot.Runtime;

/// <summary>Stacks that run through several runtimes: every frame is stepped by the runtime whose code it is.</summary>
/// <remarks>
/// What a cursor carries from frame to frame (the runtime's structure of the thread, the chain of its callbacks) is one
/// runtime's own. It is put aside while frames of another are walked, and taken up again when the walk comes back.
/// </remarks>
internal sealed class RuntimeGroupSteps : IRuntimeStackSteps
{
    private readonly Member[] _members;
    private Member _current;

    public RuntimeGroupSteps(IReadOnlyList<IManagedRuntime> runtimes)
    {
        _members = [.. runtimes.Where(runtime => runtime.StackSteps is not null).Select(runtime => new Member(runtime, runtime.StackSteps!))];
        _current = _members[0];
    }

    public void Locate(StackCursor cursor)
    {
        if (cursor.FoundBy == FoundBy.Registers)
        {
            Begin(cursor);
        }

        // The thread stands on a task of one of them, on its own stack otherwise.
        foreach (Member member in _members)
        {
            Enter(cursor, member);
            member.Steps.Locate(cursor);
            if (!cursor.Task.IsZero)
            {
                return;
            }
        }
    }

    public void LocateTask(StackCursor cursor, RuntimeTask task)
    {
        Begin(cursor);
        Enter(cursor, Array.Find(_members, member => member.Tasks.Contains(task.Address)) ?? _members[0]);
        _current.Steps.LocateTask(cursor, task);
    }

    public StackStep TryStep(StackCursor cursor)
    {
        Member? owner = OwnerOf(cursor.Frame.LookupAddress);
        if (owner is null)
        {
            return StackStep.NotMine;
        }

        if (owner != _current)
        {
            Enter(cursor, owner);
            if (!cursor.ThreadPointer.IsZero)
            {
                owner.Steps.Locate(cursor);
            }
        }

        return owner.Steps.TryStep(cursor);
    }

    private void Begin(StackCursor cursor)
    {
        foreach (Member member in _members)
        {
            member.Worker = TargetAddress.Zero;
            member.WorkerIsKnown = false;
            member.OuterCallback = TargetAddress.Zero;
        }

        // The structure of the thread that the caller knew belongs to one of them; the others look for theirs.
        TargetAddress given = cursor.Worker;
        _current = Array.Find(_members, member => member.Workers.Contains(given)) ?? _members[0];
    }

    private void Enter(StackCursor cursor, Member next)
    {
        if (next == _current)
        {
            return;
        }

        _current.Worker = cursor.Worker;
        _current.WorkerIsKnown = cursor.WorkerIsKnown;
        _current.OuterCallback = cursor.OuterCallback;
        cursor.Worker = next.Worker;
        cursor.WorkerIsKnown = next.WorkerIsKnown;
        cursor.OuterCallback = next.OuterCallback;
        cursor.Task = TargetAddress.Zero;
        _current = next;
    }

    private Member? OwnerOf(TargetAddress address)
    {
        if (_current.Runtime.IsOwnCode(address))
        {
            return _current;
        }

        foreach (Member member in _members)
        {
            if (member.Runtime.IsOwnCode(address))
            {
                return member;
            }
        }

        return null;
    }

    private sealed class Member(IManagedRuntime runtime, IRuntimeStackSteps steps)
    {
        public IManagedRuntime Runtime { get; } = runtime;

        public IRuntimeStackSteps Steps { get; } = steps;

        public HashSet<TargetAddress> Workers { get; } = [.. runtime.Workers.Select(worker => worker.Address)];

        public HashSet<TargetAddress> Tasks { get; } = [.. runtime.Tasks.Select(task => task.Address)];

        public TargetAddress Worker { get; set; }

        public bool WorkerIsKnown { get; set; }

        public TargetAddress OuterCallback { get; set; }
    }
}
