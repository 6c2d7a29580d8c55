using System.Buffers.Binary;
using Blindspot.Arch.X64;
using Blindspot.Image.Dwarf.Expressions;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Image.Dwarf.Frames;

/// <summary>
/// Applies one row's rules to one frame. Rules speak of the registers as they are in the frame, so the caller's are
/// gathered beside them.
/// </summary>
internal ref struct RegisterRestorer
{
    /// <summary>Saved registers lie close to each other: one read fetches them all when they fit in so many bytes.</summary>
    public const int SaveAreaBytes = 256;

    /// <summary>rbx, rbp and r12 to r15 (System V psABI, AMD64 supplement, section 3.2.1): a function that tells nothing of them leaves them alone.</summary>
    private const uint CalleeSaved =
        (1u << (int)X64Register.Rbx) | (1u << (int)X64Register.Rbp) |
        (1u << (int)X64Register.R12) | (1u << (int)X64Register.R13) |
        (1u << (int)X64Register.R14) | (1u << (int)X64Register.R15);

    private readonly ref readonly CallFrameRow _row;
    private readonly ref readonly X64Registers _frame;
    private readonly TargetMemory _memory;
    private readonly ulong _loadBias;
    private readonly Span<byte> _buffer;
    private ReadOnlySpan<byte> _saved;
    private ulong _savedStart;

    public RegisterRestorer(
        ref readonly CallFrameRow row,
        ref readonly X64Registers frame,
        TargetMemory memory,
        ulong loadBias,
        Span<byte> saveArea)
    {
        _row = ref row;
        _frame = ref frame;
        _memory = memory;
        _loadBias = loadBias;
        _buffer = saveArea;
    }

    /// <summary>Why a method here returned false.</summary>
    public CallFrameStepResult Failure { readonly get; private set; }

    public TargetAddress FailedAt { readonly get; private set; }

    public bool TryComputeCfa(out ulong cfa)
    {
        cfa = 0;
        switch (_row.CfaKind)
        {
            case CfaRuleKind.RegisterOffset:
                if (!_frame.TryGet(_row.CfaRegister, out ulong value))
                {
                    return Fail(CallFrameStepResult.RegisterUnknown, 0);
                }

                cfa = unchecked(value + (ulong)_row.CfaOffset);
                return true;
            case CfaRuleKind.Expression:
                return TryEvaluate(_row.CfaExpression, null, out cfa);
            default:
                return Fail(CallFrameStepResult.Malformed, 0);
        }
    }

    /// <param name="cfa">The canonical frame address.</param>
    /// <param name="caller">The frame's registers but for rsp, which is the CFA unless a rule says otherwise.</param>
    public bool TryRestore(ulong cfa, ref X64Registers caller)
    {
        ReadSaveArea(cfa);
        for (int i = 0; i < X64Registers.Count; i++)
        {
            if (!TryRestore((X64Register)i, cfa, ref caller))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryRestore(X64Register register, ulong cfa, ref X64Registers caller)
    {
        ulong value;
        switch (_row.RuleOf(register))
        {
            case RegisterRuleKind.Unspecified:
                if (register != X64Register.Rsp && (CalleeSaved & (1u << (int)register)) == 0)
                {
                    caller.Forget(register);
                }

                return true;
            case RegisterRuleKind.SameValue:
                CopyFrom(register, register, ref caller);
                return true;
            case RegisterRuleKind.Undefined:
                caller.Forget(register);
                return true;
            case RegisterRuleKind.Register:
                CopyFrom((X64Register)_row.ValueOf(register), register, ref caller);
                return true;
            case RegisterRuleKind.ValueOffset:
                value = unchecked(cfa + (ulong)_row.ValueOf(register));
                break;
            case RegisterRuleKind.Offset:
                if (!TryLoad(unchecked(cfa + (ulong)_row.ValueOf(register)), out value))
                {
                    return false;
                }

                break;
            case RegisterRuleKind.Expression:
                if (!TryEvaluate(_row.ExpressionOf(register), cfa, out ulong address) || !TryLoad(address, out value))
                {
                    return false;
                }

                break;
            default:
                if (!TryEvaluate(_row.ExpressionOf(register), cfa, out value))
                {
                    return false;
                }

                break;
        }

        caller.Set(register, value);
        return true;
    }

    private readonly void CopyFrom(X64Register source, X64Register register, ref X64Registers caller)
    {
        if (_frame.TryGet(source, out ulong value))
        {
            caller.Set(register, value);
        }
        else
        {
            caller.Forget(register);
        }
    }

    /// <summary>Reads from the lowest to the highest register saved at an offset from the CFA. What cannot be read is asked for again, one by one.</summary>
    private void ReadSaveArea(ulong cfa)
    {
        int low = int.MaxValue;
        int high = int.MinValue;
        for (int i = 0; i < X64Registers.Count; i++)
        {
            if (_row.RuleOf((X64Register)i) == RegisterRuleKind.Offset)
            {
                int offset = _row.ValueOf((X64Register)i);
                low = Math.Min(low, offset);
                high = Math.Max(high, offset);
            }
        }

        long size = (long)high - low + 8;
        if (low <= high && size <= _buffer.Length)
        {
            Span<byte> wanted = _buffer[..(int)size];
            _savedStart = unchecked(cfa + (ulong)low);
            _saved = wanted[.._memory.Read(new TargetAddress(_savedStart), wanted)];
        }
    }

    private bool TryLoad(ulong address, out ulong value)
    {
        ulong at = unchecked(address - _savedStart);
        if (at < (ulong)_saved.Length && (ulong)_saved.Length - at >= 8)
        {
            value = BinaryPrimitives.ReadUInt64LittleEndian(_saved[(int)at..]);
            return true;
        }

        return _memory.TryReadUInt64(new TargetAddress(address), out value)
            || Fail(CallFrameStepResult.MemoryUnreadable, address);
    }

    private bool TryEvaluate(ReadOnlySpan<byte> expression, ulong? initial, out ulong value)
    {
        var context = new FrameExpressionContext(in _frame, _memory, _loadBias);
        var evaluator = new DwarfExpressionEvaluator<FrameExpressionContext>(expression, context, Limits.Default.MaxExpressionSteps);
        return evaluator.Evaluate(initial, out value) switch
        {
            ExpressionOutcome.Value => true,
            ExpressionOutcome.MemoryUnreadable => Fail(CallFrameStepResult.MemoryUnreadable, evaluator.Fault),
            ExpressionOutcome.RegisterUnknown => Fail(CallFrameStepResult.RegisterUnknown, 0),
            _ => Fail(CallFrameStepResult.Malformed, 0),
        };
    }

    private bool Fail(CallFrameStepResult failure, ulong address)
    {
        Failure = failure;
        FailedAt = new TargetAddress(address);
        return false;
    }
}
