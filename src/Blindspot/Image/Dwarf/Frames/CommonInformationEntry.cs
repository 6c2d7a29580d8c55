namespace Blindspot.Image.Dwarf.Frames;

/// <summary>A CIE: what several frame descriptions share. Immutable.</summary>
internal sealed class CommonInformationEntry
{
    /// <summary>Where in the section it begins.</summary>
    public required int Offset { get; init; }

    public required ulong CodeAlignment { get; init; }

    public required long DataAlignment { get; init; }

    public required byte ReturnAddressRegister { get; init; }

    public required PointerEncoding AddressEncoding { get; init; }

    /// <summary>Frame descriptions carry an augmentation block of their own (augmentation begins with 'z').</summary>
    public required bool HasAugmentationBlock { get; init; }

    public required bool IsSignalFrame { get; init; }

    /// <summary>Bytes of an address in DW_CFA_set_loc and the descriptions of .debug_frame.</summary>
    public required byte AddressSize { get; init; }

    /// <summary>Bytes of a segment selector before each address (version 4 only).</summary>
    public required byte SegmentSelectorSize { get; init; }

    /// <summary>The rules after the initial instructions: each description begins with them, DW_CFA_restore returns to them.</summary>
    public CallFrameState Initial;
}
