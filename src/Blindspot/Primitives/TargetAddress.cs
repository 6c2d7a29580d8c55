using System.Globalization;

namespace Blindspot.Primitives;

/// <summary>A virtual address in the target process (or in the process that a core was taken of).</summary>
public readonly record struct TargetAddress(ulong Value) : IComparable<TargetAddress>
{
    public static readonly TargetAddress Zero = new(0);

    public bool IsZero => Value == 0;

    public static TargetAddress operator +(TargetAddress address, ulong bytes) => new(unchecked(address.Value + bytes));

    public static TargetAddress operator -(TargetAddress address, ulong bytes) => new(unchecked(address.Value - bytes));

    public static ulong operator -(TargetAddress left, TargetAddress right) => unchecked(left.Value - right.Value);

    public static bool operator <(TargetAddress left, TargetAddress right) => left.Value < right.Value;

    public static bool operator >(TargetAddress left, TargetAddress right) => left.Value > right.Value;

    public static bool operator <=(TargetAddress left, TargetAddress right) => left.Value <= right.Value;

    public static bool operator >=(TargetAddress left, TargetAddress right) => left.Value >= right.Value;

    public int CompareTo(TargetAddress other) => Value.CompareTo(other.Value);

    public override string ToString() => "0x" + Value.ToString("x", CultureInfo.InvariantCulture);
}
