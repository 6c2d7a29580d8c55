namespace Blindspot.Image.Pclntab;

/// <summary>The formats of Go's function table, by the magic number of its header (Go: src/internal/abi/symtab.go, PCLnTabMagic).</summary>
public enum GoPclntabVersion : uint
{
    /// <summary>Go 1.2 to 1.15: absolute entries, every offset counts from the table's start.</summary>
    Go12 = 0xfffffffb,

    /// <summary>Go 1.16 and 1.17: absolute entries, separate tables of names, files and pc values.</summary>
    Go116 = 0xfffffffa,

    /// <summary>Go 1.18 and 1.19: entries relative to the text's start.</summary>
    Go118 = 0xfffffff0,

    /// <summary>Go 1.20 and later: functions know their first line, inlined calls take 16 bytes.</summary>
    Go120 = 0xfffffff1,
}
