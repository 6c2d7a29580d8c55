namespace Blindspot.Primitives;

/// <summary>
/// The code address of one stack frame, which knows whether it is the very instruction a thread stopped at or the
/// return address behind a call: look-ups of a return address must ask for the byte before it, since a call may be
/// the last instruction of its function.
/// </summary>
public readonly record struct FrameAddress
{
    private FrameAddress(TargetAddress address, bool isReturnAddress)
    {
        Address = address;
        IsReturnAddress = isReturnAddress;
    }

    /// <summary>The address as it stood in the register or on the stack.</summary>
    public TargetAddress Address { get; }

    public bool IsReturnAddress { get; }

    /// <summary>The address to look up functions, lines and unwind rows with.</summary>
    public TargetAddress LookupAddress => IsReturnAddress && !Address.IsZero ? Address - 1 : Address;

    public static FrameAddress Instruction(TargetAddress address) => new(address, false);

    public static FrameAddress Return(TargetAddress address) => new(address, true);
}
