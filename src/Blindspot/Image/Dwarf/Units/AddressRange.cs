namespace Blindspot.Image.Dwarf.Units;

/// <summary>Addresses from <paramref name="Low"/> up to <paramref name="High"/>, as the image counts them.</summary>
internal readonly record struct AddressRange(ulong Low, ulong High)
{
    /// <summary>
    /// Code that was linked: what the linker dropped is relocated to 0 or 1, or to the tombstones -1 and -2 that lld
    /// writes, or is left without length.
    /// </summary>
    public bool IsLive => Low < High && Low > 1 && Low < ulong.MaxValue - 1;

    public bool Contains(ulong pc) => pc >= Low && pc < High;
}
