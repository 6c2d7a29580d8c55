using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Expressions;

/// <summary>
/// The stack machine of DWARF 5, section 2.5, for expressions in call frame information: those compute an address or a
/// value from registers and memory and may not use DW_OP_call_frame_cfa, calls, or anything that needs debugging
/// information entries (section 6.4.2).
/// </summary>
public ref struct DwarfExpressionEvaluator<TContext>
    where TContext : struct, IExpressionContext, allows ref struct
{
    private const int StackSize = 64;

    private readonly TContext _context;
    private readonly int _maxSteps;
    private ByteReader _reader;
    private Stack _stack;
    private int _depth;
    private ExpressionOutcome _failure;

    public DwarfExpressionEvaluator(ReadOnlySpan<byte> expression, TContext context, int maxSteps)
    {
        _reader = new ByteReader(expression, "expression");
        _context = context;
        _maxSteps = maxSteps;
    }

    /// <summary>The address that was being read, or the register's number, when <see cref="Evaluate(ulong?, out ulong)"/> failed for lack of it.</summary>
    public ulong Fault { get; private set; }

    /// <summary>Runs the expression, on a stack that begins with <paramref name="initial"/> if there is one, and gives the topmost value. Never throws.</summary>
    public ExpressionOutcome Evaluate(ulong? initial, out ulong value)
    {
        value = 0;
        try
        {
            if (initial is ulong first)
            {
                Push(first);
            }

            for (int step = 0; !_reader.AtEnd; step++)
            {
                if (step >= _maxSteps)
                {
                    return ExpressionOutcome.Malformed;
                }

                Execute(_reader.ReadByte());
                if (_failure != ExpressionOutcome.Value)
                {
                    return _failure;
                }
            }

            value = Pop();
            return ExpressionOutcome.Value;
        }
        catch (MalformedDataException)
        {
            return ExpressionOutcome.Malformed;
        }
    }

    private void Execute(byte opcode)
    {
        switch (opcode)
        {
            case >= 0x30 and <= 0x4f: // DW_OP_lit0..31
                Push((ulong)(opcode - 0x30));
                break;
            case >= 0x70 and <= 0x8f: // DW_OP_breg0..31
                PushRegister((ulong)(opcode - 0x70), _reader.ReadSleb128());
                break;
            case 0x92: // DW_OP_bregx
                PushRegister(_reader.ReadUleb128(), _reader.ReadSleb128());
                break;
            case 0x03: // DW_OP_addr
                Push(unchecked(_reader.ReadUInt64() + _context.LoadBias));
                break;
            case >= 0x08 and <= 0x11:
                PushConstant(opcode);
                break;
            case 0x06: // DW_OP_deref
                Dereference(8);
                break;
            case 0x94: // DW_OP_deref_size
                Dereference(_reader.ReadByte());
                break;
            case >= 0x12 and <= 0x17:
                MoveOnStack(opcode);
                break;
            case 0x19 or 0x1f or 0x20 or 0x23:
                ComputeUnary(opcode);
                break;
            case (>= 0x1a and <= 0x1e) or 0x21 or 0x22 or (>= 0x24 and <= 0x27) or (>= 0x29 and <= 0x2e):
                ComputeBinary(opcode);
                break;
            case 0x28: // DW_OP_bra
                short distance = _reader.ReadInt16();
                if (Pop() != 0)
                {
                    Jump(distance);
                }

                break;
            case 0x2f: // DW_OP_skip
                Jump(_reader.ReadInt16());
                break;
            case 0x96: // DW_OP_nop
                break;
            default:
                Fail($"operation 0x{opcode:x2} has no meaning in call frame information");
                break;
        }
    }

    private void PushConstant(byte opcode)
    {
        switch (opcode)
        {
            case 0x08: Push(_reader.ReadByte()); break; // DW_OP_const1u
            case 0x09: Push((ulong)_reader.ReadSByte()); break;
            case 0x0a: Push(_reader.ReadUInt16()); break;
            case 0x0b: Push((ulong)_reader.ReadInt16()); break;
            case 0x0c: Push(_reader.ReadUInt32()); break;
            case 0x0d: Push((ulong)_reader.ReadInt32()); break;
            case 0x0e: Push(_reader.ReadUInt64()); break;
            case 0x0f: Push(_reader.ReadUInt64()); break;
            case 0x10: Push(_reader.ReadUleb128()); break; // DW_OP_constu
            default: Push((ulong)_reader.ReadSleb128()); break; // DW_OP_consts
        }
    }

    private void MoveOnStack(byte opcode)
    {
        switch (opcode)
        {
            case 0x12: // DW_OP_dup
                Push(Peek(0));
                break;
            case 0x13: // DW_OP_drop
                Pop();
                break;
            case 0x14: // DW_OP_over
                Push(Peek(1));
                break;
            case 0x15: // DW_OP_pick
                Push(Peek(_reader.ReadByte()));
                break;
            case 0x16: // DW_OP_swap
                (Peek(0), Peek(1)) = (Peek(1), Peek(0));
                break;
            default: // DW_OP_rot: the first of three goes to the third place
                (Peek(0), Peek(1), Peek(2)) = (Peek(1), Peek(2), Peek(0));
                break;
        }
    }

    private void ComputeUnary(byte opcode)
    {
        ulong value = Pop();
        Push(opcode switch
        {
            0x19 => (long)value < 0 ? unchecked(0 - value) : value, // DW_OP_abs
            0x1f => unchecked(0 - value), // DW_OP_neg
            0x20 => ~value, // DW_OP_not
            _ => unchecked(value + _reader.ReadUleb128()), // DW_OP_plus_uconst
        });
    }

    private void ComputeBinary(byte opcode)
    {
        ulong right = Pop();
        ulong left = Pop();
        if (opcode is 0x1b or 0x1d && right == 0)
        {
            Fail("division by zero");
        }

        Push(opcode switch
        {
            0x1a => left & right,
            0x1b => right == ulong.MaxValue ? unchecked(0 - left) : (ulong)((long)left / (long)right), // DW_OP_div is signed
            0x1c => unchecked(left - right),
            0x1d => left % right,
            0x1e => unchecked(left * right),
            0x21 => left | right,
            0x22 => unchecked(left + right),
            0x24 => right < 64 ? left << (int)right : 0,
            0x25 => right < 64 ? left >> (int)right : 0,
            0x26 => (ulong)((long)left >> (int)Math.Min(right, 63)),
            0x27 => left ^ right,
            0x29 => left == right ? 1UL : 0,
            0x2a => (long)left >= (long)right ? 1UL : 0, // comparisons are signed
            0x2b => (long)left > (long)right ? 1UL : 0,
            0x2c => (long)left <= (long)right ? 1UL : 0,
            0x2d => (long)left < (long)right ? 1UL : 0,
            _ => left != right ? 1UL : 0,
        });
    }

    private void PushRegister(ulong register, long offset)
    {
        if (_context.TryReadRegister(register, out ulong value))
        {
            Push(unchecked(value + (ulong)offset));
            return;
        }

        Fault = register;
        _failure = ExpressionOutcome.RegisterUnknown;
    }

    private void Dereference(int size)
    {
        if (size is < 1 or > 8)
        {
            Fail($"a value of {size} bytes is read");
        }

        ulong address = Pop();
        if (_context.TryReadMemory(address, size, out ulong value))
        {
            Push(value);
            return;
        }

        Fault = address;
        _failure = ExpressionOutcome.MemoryUnreadable;
    }

    private void Jump(int distance) => _reader.Position += distance;

    private void Push(ulong value)
    {
        if (_depth >= StackSize)
        {
            Fail("the stack is full");
        }

        _stack[_depth++] = value;
    }

    private ulong Pop()
    {
        ulong value = Peek(0);
        _depth--;
        return value;
    }

    [UnscopedRef]
    private ref ulong Peek(int below)
    {
        if (below >= _depth)
        {
            Fail("the stack is empty");
        }

        return ref _stack[_depth - 1 - below];
    }

    private readonly void Fail(string what) => _reader.ThrowMalformed(what);

    [InlineArray(StackSize)]
    private struct Stack
    {
        private ulong _first;
    }
}
