namespace Blindspot.Model;

/// <summary>
/// What a runtime says of its own memory, in bytes, at the moment it was read; each null where it could not be read, and a
/// gap says why. A running process changes them one by one, so that their sums may be off by what moves meanwhile.
/// </summary>
public sealed record RuntimeMemory
{
    /// <summary>
    /// All that the runtime has from the system and may touch: heap, stacks, its own records (Go's Sys - HeapReleased). What
    /// of it was never touched is not resident, so that resident memory can be less.
    /// </summary>
    public long? MappedBytes { get; init; }

    /// <summary>Of the heap, what holds objects, with the free room between those.</summary>
    public long? HeapInUseBytes { get; init; }

    /// <summary>Of the heap, what is free and kept (Go's HeapIdle - HeapReleased).</summary>
    public long? HeapFreeBytes { get; init; }

    /// <summary>Of the heap, what is free and given back: not resident, and no part of <see cref="MappedBytes"/>.</summary>
    public long? HeapReleasedBytes { get; init; }

    /// <summary>Stacks of tasks, with what is kept of them for further ones.</summary>
    public long? StackBytes { get; init; }

    /// <summary>Garbage collections since the start.</summary>
    public long? Collections { get; init; }

    /// <summary>
    /// The heap profile has one sample for as many bytes allocated, on average; 0: there is none. Programs in which nothing
    /// asks for heap profiles have 0, too.
    /// </summary>
    public long? HeapProfileRate { get; init; }

    /// <summary>
    /// Those of several runtimes in one process together; what one of them does not tell is unknown. The rate is that of the
    /// first.
    /// </summary>
    public static RuntimeMemory Sum(IReadOnlyList<RuntimeMemory> members) => new()
    {
        MappedBytes = Sum(members, static memory => memory.MappedBytes),
        HeapInUseBytes = Sum(members, static memory => memory.HeapInUseBytes),
        HeapFreeBytes = Sum(members, static memory => memory.HeapFreeBytes),
        HeapReleasedBytes = Sum(members, static memory => memory.HeapReleasedBytes),
        StackBytes = Sum(members, static memory => memory.StackBytes),
        Collections = Sum(members, static memory => memory.Collections),
        HeapProfileRate = members.Count > 0 ? members[0].HeapProfileRate : null,
    };

    private static long? Sum(IReadOnlyList<RuntimeMemory> members, Func<RuntimeMemory, long?> figure)
    {
        long? sum = 0;
        foreach (RuntimeMemory member in members)
        {
            sum += figure(member);
        }

        return members.Count > 0 ? sum : null;
    }
}
