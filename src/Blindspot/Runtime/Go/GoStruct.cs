using System.Buffers.Binary;
using Blindspot.Primitives;

namespace Blindspot.Runtime.Go;

/// <summary>
/// The bytes of one of the runtime's structures, read by field. Asking for a field that the version lacks, or that lies
/// behind the bytes that were read, is a mistake of the caller's and throws: check <see cref="Has"/> first.
/// </summary>
public readonly ref struct GoStruct(ReadOnlySpan<byte> bytes, GoLayout layout)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public bool Has(GoField field) => layout.Has(field);

    public ulong UInt64(GoField field) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[layout[field]..]);

    public uint UInt32(GoField field) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[layout[field]..]);

    public int Int32(GoField field) => BinaryPrimitives.ReadInt32LittleEndian(_bytes[layout[field]..]);

    public byte Byte(GoField field) => _bytes[layout[field]];

    public TargetAddress Address(GoField field) => new(UInt64(field));

    /// <summary>A flag of one byte; false where the version has no such flag.</summary>
    public bool Flag(GoField field) => layout.Has(field) && _bytes[layout[field]] != 0;

    /// <summary>An address, zero where the version has no such field.</summary>
    public TargetAddress AddressOrZero(GoField field) => layout.Has(field) ? Address(field) : TargetAddress.Zero;
}
