using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Frames;

/// <summary>The sections that tell how to unwind one image. A section that the image lacks is empty.</summary>
public sealed record CallFrameSections
{
    public ReadOnlyMemory<byte> EhFrame { get; init; }

    /// <summary>Where <see cref="EhFrame"/> begins (sh_addr): its pointers are relative to their own addresses.</summary>
    public ImageOffset EhFrameAddress { get; init; }

    /// <summary>
    /// Nothing but the terminator tells where <see cref="EhFrame"/> ends, as when it was found by the program headers
    /// alone; whatever follows the terminator is then other data.
    /// </summary>
    public bool EhFrameEndsAtTerminator { get; init; }

    public ReadOnlyMemory<byte> EhFrameHeader { get; init; }

    public ImageOffset EhFrameHeaderAddress { get; init; }

    /// <summary>From the image itself or from its separate debug file: its addresses are the same in both.</summary>
    public ReadOnlyMemory<byte> DebugFrame { get; init; }

    /// <summary>Address of .text, the base of DW_EH_PE_textrel; null where not known.</summary>
    public ImageOffset? TextAddress { get; init; }

    /// <summary>Address of the global offset table (DT_PLTGOT), the base of DW_EH_PE_datarel; null where not known.</summary>
    public ImageOffset? DataAddress { get; init; }
}
