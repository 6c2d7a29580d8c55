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

/// <summary>Where one register's value in the caller is.</summary>
/// <param name="Slot">Its address, where it is on the stack.</param>
internal readonly record struct RegisterPlace(RegisterPlaceKind Kind, CodeValue Slot)
{
    public static RegisterPlace At(CodeValue slot) =>
        slot.IsKnown ? new RegisterPlace(RegisterPlaceKind.Slot, slot) : new RegisterPlace(RegisterPlaceKind.Lost, CodeValue.Unknown);
}
