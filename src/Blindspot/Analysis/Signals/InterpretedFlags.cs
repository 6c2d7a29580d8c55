namespace Blindspot.Analysis.Signals;

/// <summary>The arithmetic flags after an instruction, as far as its operands were known.</summary>
internal readonly record struct InterpretedFlags(bool IsKnown, bool Zero = false, bool Sign = false, bool Carry = false, bool Overflow = false)
{
    public static InterpretedFlags Unknown => default;

    /// <summary>Of a result of and, or, xor, test.</summary>
    public static InterpretedFlags OfLogic(ulong? result, int size) =>
        result is { } value ? new InterpretedFlags(true, Masked(value, size) == 0, IsNegative(value, size)) : Unknown;

    /// <summary>Of left - right.</summary>
    public static InterpretedFlags OfDifference(ulong? left, ulong? right, int size)
    {
        if (left is not { } a || right is not { } b)
        {
            return Unknown;
        }

        ulong difference = Masked(unchecked(a - b), size);
        bool overflow = IsNegative(a, size) != IsNegative(b, size) && IsNegative(difference, size) != IsNegative(a, size);
        return new InterpretedFlags(true, difference == 0, IsNegative(difference, size), Masked(a, size) < Masked(b, size), overflow);
    }

    /// <summary>Of left + right.</summary>
    public static InterpretedFlags OfSum(ulong? left, ulong? right, int size)
    {
        if (left is not { } a || right is not { } b)
        {
            return Unknown;
        }

        ulong sum = Masked(unchecked(a + b), size);
        bool overflow = IsNegative(a, size) == IsNegative(b, size) && IsNegative(sum, size) != IsNegative(a, size);
        return new InterpretedFlags(true, sum == 0, IsNegative(sum, size), sum < Masked(a, size), overflow);
    }

    public static ulong Masked(ulong value, int size) => size >= 8 ? value : value & ((1UL << (size * 8)) - 1);

    public static bool IsNegative(ulong value, int size) => ((value >> ((size * 8) - 1)) & 1) != 0;
}
