using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Runtime.Go;

/// <summary>Reads runtime.allm, the list of all Ms, with the gs that belong to each.</summary>
internal sealed class GoMachineReader(TargetMemory memory, GoLayout layout, GapLog gaps, Limits limits)
{
    /// <summary>Go: src/runtime/runtime2.go, _Gdead and _Gdeadextra (1.26 and later), the scan bit taken off.</summary>
    private const uint DeadStatus = 6;
    private const uint DeadExtraStatus = 11;
    private const uint StatusMask = 0xfff;

    private readonly int _machineBytes = layout.EndOf(
        GoField.MG0, GoField.MThreadId, GoField.MSignalG, GoField.MCurrentG, GoField.MP, GoField.MId, GoField.MSpinning,
        GoField.MBlocked, GoField.MInCgo, GoField.MIsExtra, GoField.MIsExtraInC, GoField.MCgoDepth, GoField.MAllLink,
        GoField.MSchedLink, GoField.MIdleNext, GoField.MLockedG, GoField.MVdsoSp, GoField.MVdsoPc);

    private readonly int _goroutineBytes = layout.EndOf(
        GoField.GStackLow, GoField.GStackHigh, GoField.GSchedSp, GoField.GSchedPc, GoField.GSchedBp, GoField.GStatus, GoField.GStartPc);

    public GoMachine[] Read(GoGlobals globals, IReadOnlyList<ThreadSnapshot> threads)
    {
        if (globals.AllM.IsZero)
        {
            return [];
        }

        List<GoMachine> machines = [];
        Dictionary<TargetAddress, TargetAddress> idleNext = ReadList(globals.AllM, machines);
        GoMachine[] complete = AddGoroutines(machines, threads);
        MarkIdle(globals, complete, idleNext);
        return complete;
    }

    private Dictionary<TargetAddress, TargetAddress> ReadList(TargetAddress head, List<GoMachine> machines)
    {
        Dictionary<TargetAddress, TargetAddress> idleNext = [];
        byte[] bytes = new byte[_machineBytes];
        if (!memory.TryReadAddress(head, out TargetAddress address))
        {
            gaps.Add("runtime", "machines-unreadable", "The list of the runtime's threads (allm) could not be read.", head);
            return idleNext;
        }

        GoField idleLink = layout.Has(GoField.MIdleNext) ? GoField.MIdleNext : GoField.MSchedLink;
        while (!address.IsZero)
        {
            if (machines.Count >= limits.MaxThreads || idleNext.ContainsKey(address))
            {
                gaps.Add("runtime", "machines-cut", $"The list of the runtime's threads (allm) is circular or longer than {limits.MaxThreads}; it was cut after {machines.Count}.", address);
                break;
            }

            if (!GoGlobalsCheck.IsPointer(address) || !memory.TryReadExactly(address, bytes))
            {
                gaps.Add("runtime", "machines-cut", $"The list of the runtime's threads (allm) could be read up to its member {machines.Count} only.", address);
                break;
            }

            GoStruct m = new(bytes, layout);
            idleNext.Add(address, m.AddressOrZero(idleLink));
            ulong thread = m.UInt64(GoField.MThreadId);
            machines.Add(new GoMachine
            {
                Address = address,
                Id = (long)m.UInt64(GoField.MId),
                InnerTid = thread <= int.MaxValue ? (int)thread : 0,
                G0 = m.Address(GoField.MG0),
                SignalG = m.Address(GoField.MSignalG),
                CurrentG = m.Address(GoField.MCurrentG),
                LockedG = m.Address(GoField.MLockedG),
                Processor = m.Address(GoField.MP),
                VdsoSp = m.AddressOrZero(GoField.MVdsoSp),
                VdsoPc = m.AddressOrZero(GoField.MVdsoPc),
                IsInCgo = m.Flag(GoField.MInCgo),
                CgoDepth = m.Int32(GoField.MCgoDepth),
                IsExtra = m.Flag(GoField.MIsExtra),
                IsExtraInC = m.Flag(GoField.MIsExtraInC),
                IsSpinning = m.Flag(GoField.MSpinning),
                IsBlocked = m.Flag(GoField.MBlocked),
            });
            address = m.Address(GoField.MAllLink);
        }

        return idleNext;
    }

    private GoMachine[] AddGoroutines(List<GoMachine> machines, IReadOnlyList<ThreadSnapshot> threads)
    {
        GoMachine[] complete = [.. machines];
        List<ulong> addresses = new(complete.Length * 3);
        List<int> places = new(complete.Length * 3);
        for (int i = 0; i < complete.Length; i++)
        {
            Want(complete[i].G0, i * 3);
            Want(complete[i].SignalG, (i * 3) + 1);
            Want(complete[i].CurrentG, (i * 3) + 2);
        }

        BulkStructReader reader = new(memory, addresses.ToArray(), _goroutineBytes);
        int missing = 0;
        while (reader.MoveNext(out int index, out ReadOnlySpan<byte> bytes))
        {
            if (bytes.IsEmpty)
            {
                missing++;
                continue;
            }

            GoStruct g = new(bytes, layout);
            ref GoMachine machine = ref complete[places[index] / 3];
            machine = (places[index] % 3) switch
            {
                0 => machine with
                {
                    G0StackLow = g.Address(GoField.GStackLow),
                    G0StackHigh = g.Address(GoField.GStackHigh),
                    G0Sp = g.Address(GoField.GSchedSp),
                    G0Pc = g.Address(GoField.GSchedPc),
                    G0Bp = g.AddressOrZero(GoField.GSchedBp),
                },
                1 => machine with
                {
                    SignalStackLow = g.Address(GoField.GStackLow),
                    SignalStackHigh = g.Address(GoField.GStackHigh),
                },
                _ => WithCurrent(machine, g, threads),
            };
        }

        if (missing > 0)
        {
            gaps.Add("runtime", "machine-stacks-unreadable", $"{missing} of the runtime's own goroutines (g0, gsignal, curg of its threads) could not be read.");
        }

        return complete;

        void Want(TargetAddress g, int place)
        {
            if (GoGlobalsCheck.IsPointer(g))
            {
                addresses.Add(g.Value);
                places.Add(place);
            }
        }
    }

    private GoMachine WithCurrent(GoMachine machine, GoStruct g, IReadOnlyList<ThreadSnapshot> threads)
    {
        bool isInUse = (g.UInt32(GoField.GStatus) & StatusMask) is not (DeadStatus or DeadExtraStatus or 0);

        // Before 1.21 nothing marks an extra M but that it is locked to a goroutine that no go statement made
        // (oneNewExtraM); one whose goroutine is dead is a spare one, and its procid a former user's.
        bool isExtra = layout.Has(GoField.MIsExtra)
            ? machine.IsExtra
            : machine.LockedG == machine.CurrentG && !machine.LockedG.IsZero && g.Address(GoField.GStartPc).IsZero;
        bool isSpare = isExtra && !isInUse && (!layout.Has(GoField.MIsExtraInC) || !HasThread(threads, machine.InnerTid));
        return machine with { HasTask = isInUse, IsExtra = isExtra, InnerTid = isSpare ? 0 : machine.InnerTid };
    }

    private static bool HasThread(IReadOnlyList<ThreadSnapshot> threads, int innerTid)
    {
        if (threads.Count == 0)
        {
            return true;
        }

        foreach (ThreadSnapshot thread in threads)
        {
            if (thread.InnerTid == innerTid)
            {
                return true;
            }
        }

        return false;
    }

    private void MarkIdle(GoGlobals globals, GoMachine[] machines, Dictionary<TargetAddress, TargetAddress> idleNext)
    {
        if (globals.Sched.IsZero
            || !memory.TryReadAddress(globals.Sched + (ulong)layout[GoField.SchedIdleM], out TargetAddress idle))
        {
            return;
        }

        HashSet<TargetAddress> onList = [];
        while (!idle.IsZero && onList.Add(idle) && idleNext.TryGetValue(idle, out TargetAddress next))
        {
            idle = next;
        }

        for (int i = 0; i < machines.Length; i++)
        {
            if (onList.Contains(machines[i].Address))
            {
                machines[i] = machines[i] with { IsIdle = true };
            }
        }
    }
}
