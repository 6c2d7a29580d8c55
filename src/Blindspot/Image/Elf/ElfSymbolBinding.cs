namespace Blindspot.Image.Elf;

/// <summary>The binding half of st_info.</summary>
public enum ElfSymbolBinding : byte
{
    Local = 0,
    Global = 1,
    Weak = 2,

    /// <summary>STB_GNU_UNIQUE.</summary>
    Unique = 10,
}
