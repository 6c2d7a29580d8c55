namespace Blindspot.Image.Dwarf.Frames;

/// <summary>An FDE: the code from <paramref name="Start"/> up to <paramref name="End"/>, and where in the section its instructions lie.</summary>
internal readonly record struct FrameDescription(
    CommonInformationEntry Cie,
    ulong Start,
    ulong End,
    int InstructionsStart,
    int InstructionsEnd)
{
    public bool Contains(ulong pc) => pc >= Start && pc < End;

    /// <summary>
    /// Left behind by a linker that dropped the function: relocated to 0, or to the tombstones -1 and -2 that lld writes.
    /// </summary>
    public bool IsDiscarded => Start == 0 || Start >= ulong.MaxValue - 1 || End <= Start;
}
