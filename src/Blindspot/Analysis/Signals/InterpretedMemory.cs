using Blindspot.Image;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Unwind;

namespace Blindspot.Analysis.Signals;

/// <summary>
/// The target's memory as interpreted code sees it: what it has written itself lies over it, byte by byte, and is never
/// written to the target. Its stack begins empty.
/// </summary>
internal sealed class InterpretedMemory
{
    /// <summary>No address of a process lies here: the interpreted code's stack does, and what its arguments point to.</summary>
    public const ulong StackTop = 0xffff_f000_0000_0000;

    private const ulong PrivateStart = 0xffff_8000_0000_0000;
    private const short UnknownByte = -1;

    private readonly TargetMemory _target;
    private readonly ModuleMap _modules;
    private readonly Dictionary<ulong, short> _written;

    public InterpretedMemory(TargetMemory target, ModuleMap modules)
        : this(target, modules, [])
    {
    }

    private InterpretedMemory(TargetMemory target, ModuleMap modules, Dictionary<ulong, short> written)
    {
        _target = target;
        _modules = modules;
        _written = written;
    }

    public InterpretedMemory Clone() => new(_target, _modules, new Dictionary<ulong, short>(_written));

    /// <summary>A little-endian value of 1 to 8 bytes; null where one of them is not known.</summary>
    public ulong? Read(ulong address, int size)
    {
        Span<byte> bytes = stackalloc byte[size];
        bool isRead = false;
        ulong value = 0;
        for (int i = 0; i < size; i++)
        {
            ulong at = unchecked(address + (ulong)i);
            if (_written.TryGetValue(at, out short known))
            {
                if (known == UnknownByte)
                {
                    return null;
                }

                bytes[i] = (byte)known;
            }
            else
            {
                if (!isRead)
                {
                    isRead = true;
                    if (address >= PrivateStart || !TryReadTarget(address, size, out value))
                    {
                        return null;
                    }
                }

                bytes[i] = (byte)(value >> (8 * i));
            }
        }

        ulong result = 0;
        for (int i = size - 1; i >= 0; i--)
        {
            result = (result << 8) | bytes[i];
        }

        return result;
    }

    /// <summary>Writes over what is there; null makes it unknown.</summary>
    public void Write(ulong address, int size, ulong? value)
    {
        for (int i = 0; i < size; i++)
        {
            _written[unchecked(address + (ulong)i)] = value is { } known ? i < 8 ? (byte)(known >> (8 * i)) : (short)0 : UnknownByte;
        }
    }

    private bool TryReadTarget(ulong address, int size, out ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        var at = new TargetAddress(address);
        bool isWhole = CodeBytes.Read(_target, _modules.FindAny(at), at, bytes[..size]) == size;
        value = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return isWhole;
    }
}
