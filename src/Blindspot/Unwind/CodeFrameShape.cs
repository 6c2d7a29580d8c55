namespace Blindspot.Unwind;

/// <summary>Where the value that a register had in the caller is.</summary>
internal enum RegisterPlaceKind : byte
{
    /// <summary>In the register still.</summary>
    Kept,

    /// <summary>On the stack.</summary>
    Slot,

    /// <summary>Nowhere that the code shows.</summary>
    Lost,
}

/// <param name="Slot">Its address, where it is on the stack.</param>
internal readonly record struct RegisterPlace(RegisterPlaceKind Kind, CodeValue Slot)
{
    public static RegisterPlace At(CodeValue slot) =>
        slot.IsKnown ? new RegisterPlace(RegisterPlaceKind.Slot, slot) : new RegisterPlace(RegisterPlaceKind.Lost, CodeValue.Unknown);
}

/// <summary>The frame of a function at one place of its code, as the code itself tells it.</summary>
/// <param name="FunctionStart">Where the function was taken to begin; zero if only the way to its return was followed.</param>
/// <param name="ReturnSlot">Address of the return address, by the registers at that place.</param>
/// <param name="Saved">Places of rbx, rbp, r12, r13, r14, r15 in that order.</param>
internal sealed record CodeFrameShape(ulong FunctionStart, CodeValue ReturnSlot, RegisterPlace[] Saved);
