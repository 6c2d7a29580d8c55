using System.Buffers.Binary;
using Blindspot.Arch.X64;
using Blindspot.Image.Dwarf.Expressions;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Image.Dwarf.Frames;

/// <summary>Expressions see the registers of the frame being unwound and the target's memory.</summary>
internal readonly ref struct FrameExpressionContext(ref readonly X64Registers registers, TargetMemory memory, ulong loadBias) : IExpressionContext
{
    private readonly ref readonly X64Registers _registers = ref registers;

    public ulong LoadBias => loadBias;

    public bool TryReadRegister(ulong register, out ulong value)
    {
        value = 0;
        return register < X64Registers.Count && _registers.TryGet((X64Register)register, out value);
    }

    public bool TryReadMemory(ulong address, int size, out ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        bool read = memory.TryReadExactly(new TargetAddress(address), bytes[..size]);
        value = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return read;
    }
}
