namespace Blindspot.Primitives;

/// <summary>The build ID of an ELF file (note NT_GNU_BUILD_ID): lower-case hex, the key that images and debug files are known by.</summary>
public readonly record struct BuildId(string Hex)
{
    public static BuildId FromBytes(ReadOnlySpan<byte> bytes) => new(Convert.ToHexStringLower(bytes));

    public override string ToString() => Hex;
}
