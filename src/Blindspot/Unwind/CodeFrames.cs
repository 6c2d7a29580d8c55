using Blindspot.Arch.X64;
using Blindspot.Image;
using Blindspot.Image.Elf;
using Blindspot.Model;
using Blindspot.Primitives;
using Iced.Intel;

namespace Blindspot.Unwind;

/// <summary>
/// Steps out of functions that no table describes (musl's libc is built without any), by what their code does to the
/// stack. For one thread at a time; what code tells is remembered by address.
/// </summary>
/// <remarks>
/// <para>
/// Where a symbol tells the function's start, its code is followed from there to the place, else from the place to a
/// return. Functions that never return and have no symbol (a stripped program's start of a thread) are looked for
/// backwards, at the addresses where compilers let functions begin.
/// </para>
/// <para>
/// Whatever came of it counts only if the return address that it finds lies behind a call instruction; that of a start
/// which was only guessed must be behind a call of that very start, or of an address in a register.
/// </para>
/// </remarks>
public sealed class CodeFrames(ModuleMap modules)
{
    private const int MaxRemembered = 1 << 16;

    /// <summary>Compilers align functions to this, unless told to save space.</summary>
    private const ulong Alignment = 16;
    private const ulong MaxBackward = 4096;

    /// <summary>Places whose function's start is guessed at, which takes a millisecond or more each: real programs have a few.</summary>
    private const int MaxGuessedPlaces = 256;

    /// <summary>The code at a program's entry that may lie between its first instruction and its only call's return.</summary>
    private const ulong EntryBytes = 64;

    private readonly Dictionary<ulong, List<CodeFrameShape>> _told = [];
    private readonly Dictionary<ulong, List<CodeFrameShape>> _guessed = [];

    public bool TryStep(StackCursor cursor)
    {
        if (cursor.Module is not { } module)
        {
            return false;
        }

        foreach (CodeFrameShape shape in Remember(_told, cursor, module, Told))
        {
            if (TryReturn(cursor, shape, FoundBy.Disassembly, static (_, _) => true))
            {
                return true;
            }
        }

        if (Halts(cursor, module))
        {
            return false;
        }

        if (_guessed.Count >= MaxGuessedPlaces && !_guessed.ContainsKey(cursor.Registers.Pc.Value))
        {
            return false;
        }

        List<CodeFrameShape> guessed = Remember(_guessed, cursor, module, Guessed);
        foreach (CodeFrameShape shape in guessed)
        {
            if (TryReturn(cursor, shape, FoundBy.Search, static (start, target) => target == start))
            {
                return true;
            }
        }

        foreach (CodeFrameShape shape in guessed)
        {
            if (TryReturn(cursor, shape, FoundBy.Search, static (_, target) => target is null))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// The stack ends here: rbp is zero, as the ABI asks of the outermost frame (System V ABI, AMD64, section 3.4.1), and
    /// the code is that of the program's entry or goes on to halt the thread.
    /// </summary>
    public static bool IsOutermost(StackCursor cursor) =>
        cursor.IsReturnAddress
        && cursor.Module is { } module
        && cursor.Registers.TryGet(X64Register.Rbp, out ulong bp)
        && bp == 0
        && (IsEntry(cursor.Registers.Pc, module) || Halts(cursor, module));

    private static bool Halts(StackCursor cursor, Module module) => new CodeFlow(cursor.Memory, module).Halts(cursor.Registers.Pc.Value);

    private static bool IsEntry(TargetAddress pc, Module module) =>
        module.Image is { } image && module.ToImage(pc) > image.EntryPoint && module.ToImage(pc) - image.EntryPoint <= EntryBytes;

    private static List<CodeFrameShape> Remember(
        Dictionary<ulong, List<CodeFrameShape>> known,
        StackCursor cursor,
        Module module,
        Func<StackCursor, Module, CodeFlow, List<CodeFrameShape>> find)
    {
        ulong place = cursor.Registers.Pc.Value;
        if (!known.TryGetValue(place, out List<CodeFrameShape>? shapes))
        {
            if (known.Count >= MaxRemembered)
            {
                known.Clear();
            }

            shapes = find(cursor, module, new CodeFlow(cursor.Memory, module));
            known.Add(place, shapes);
        }

        return shapes;
    }

    private static List<CodeFrameShape> Told(StackCursor cursor, Module module, CodeFlow flow)
    {
        ulong place = cursor.Registers.Pc.Value;
        var shapes = new List<CodeFrameShape>();
        if (module.TryFindFunctionStart(module.ToImage(cursor.Frame.LookupAddress), out ImageOffset start)
            && flow.FromStart(module.ToTarget(start).Value, place) is { } fromStart)
        {
            shapes.Add(fromStart);
        }

        shapes.AddRange(flow.ToReturns(place));
        return shapes;
    }

    private static List<CodeFrameShape> Guessed(StackCursor cursor, Module module, CodeFlow flow)
    {
        ulong place = cursor.Registers.Pc.Value;
        ulong last = cursor.Frame.LookupAddress.Value & ~(Alignment - 1);
        var shapes = new List<CodeFrameShape>();
        for (ulong back = 0; back < MaxBackward && last - back >= module.Start.Value; back += Alignment)
        {
            if (flow.FromStart(last - back, place) is { } shape)
            {
                shapes.Add(shape);
            }
        }

        return shapes;
    }

    /// <param name="isCall">Given the shape's start and the target of the call (null if that is in a register or in memory).</param>
    private bool TryReturn(StackCursor cursor, CodeFrameShape shape, FoundBy foundBy, Func<ulong, ulong?, bool> isCall)
    {
        if (!TryLocate(cursor, shape.ReturnSlot, out TargetAddress slot)
            || slot < cursor.Registers.Sp
            || !cursor.Memory.TryReadAddress(slot, out TargetAddress pc)
            || modules.Find(pc - 1) is not { } caller
            || !TryReadCall(cursor, caller, pc, out ulong? target)
            || !isCall(shape.FunctionStart, target))
        {
            return false;
        }

        X64Registers registers = X64Registers.Of(pc, slot + 8);
        for (int i = 0; i < shape.Saved.Length; i++)
        {
            X64Register register = CodeState.CalleeSaved[i];
            RegisterPlace place = shape.Saved[i];
            ulong value = 0;
            bool isKnown = place.Kind switch
            {
                RegisterPlaceKind.Kept => cursor.Registers.TryGet(register, out value),
                RegisterPlaceKind.Slot => TryLocate(cursor, place.Slot, out TargetAddress saved) && cursor.Memory.TryReadUInt64(saved, out value),
                _ => false,
            };
            if (isKnown)
            {
                registers.Set(register, value);
            }
        }

        cursor.Registers = registers;
        cursor.IsReturnAddress = true;
        cursor.FoundBy = foundBy;
        return true;
    }

    private static bool TryLocate(StackCursor cursor, CodeValue value, out TargetAddress address)
    {
        ulong from = cursor.Registers.Sp.Value;
        bool isKnown = value.Base == CodeBase.Sp || (value.Base == CodeBase.Bp && cursor.Registers.TryGet(X64Register.Rbp, out from));
        address = new TargetAddress(unchecked(from + (ulong)value.Offset));
        return isKnown;
    }

    /// <summary>What lies before a return address must be a call: "call rel32", or one through a register or memory.</summary>
    private static bool TryReadCall(StackCursor cursor, Module caller, TargetAddress returnAddress, out ulong? target)
    {
        const int LongestIndirect = 7;
        const int DirectBytes = 5;
        target = null;
        Span<byte> code = stackalloc byte[LongestIndirect + 1];
        if (ModuleCode.Read(cursor.Memory, caller, returnAddress - (ulong)code.Length, code) != code.Length)
        {
            return false;
        }

        if (code[^DirectBytes] == 0xe8)
        {
            target = unchecked(returnAddress.Value + (ulong)BitConverter.ToInt32(code[^4..]));
            return true;
        }

        byte[] bytes = code.ToArray();
        for (int length = 2; length <= bytes.Length; length++)
        {
            var decoder = Decoder.Create(64, new ByteArrayCodeReader(bytes, bytes.Length - length, length), returnAddress.Value - (ulong)length);
            decoder.Decode(out Instruction instruction);
            if (instruction.FlowControl == FlowControl.IndirectCall && instruction.Length == length)
            {
                return true;
            }
        }

        return false;
    }
}
