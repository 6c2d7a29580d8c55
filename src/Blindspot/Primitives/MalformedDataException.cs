namespace Blindspot.Primitives;

/// <summary>
/// Bytes that do not follow their format: the one exception of all readers. It says where (a section or structure and
/// the offset in it) and is caught at the boundary of the stage, which turns it into a <see cref="Gap"/>.
/// </summary>
public sealed class MalformedDataException(string section, long offset, string what)
    : Exception($"{section}+0x{offset:x}: {what}")
{
    public string Section { get; } = section;

    /// <summary>Offset in bytes from the start of <see cref="Section"/>.</summary>
    public long Offset { get; } = offset;
}
