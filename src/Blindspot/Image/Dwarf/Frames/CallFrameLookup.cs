namespace Blindspot.Image.Dwarf.Frames;

/// <summary>What a look-up in call frame information came to.</summary>
public enum CallFrameLookup : byte
{
    Found,

    /// <summary>Nothing describes this address.</summary>
    NotFound,

    /// <summary>Something describes it, or would, but does not follow the format.</summary>
    Malformed,
}
