namespace Blindspot.Image.Elf;

/// <summary>The type half of st_info.</summary>
public enum ElfSymbolType : byte
{
    None = 0,
    Object = 1,
    Function = 2,
    Section = 3,
    File = 4,
    Common = 5,

    /// <summary>Its value is an offset into the thread-local block, not an address.</summary>
    ThreadLocal = 6,

    /// <summary>STT_GNU_IFUNC: the code at its address chooses the implementation when the program is linked at run time.</summary>
    IndirectFunction = 10,
}
