using System.Globalization;

namespace Blindspot.Primitives;

/// <summary>
/// An address as an ELF file itself counts it (st_value, p_vaddr, DW_AT_low_pc): the address in the process less the
/// module's load bias. Not an offset into the file's bytes.
/// </summary>
public readonly record struct ImageOffset(ulong Value) : IComparable<ImageOffset>
{
    public static ImageOffset operator +(ImageOffset offset, ulong bytes) => new(unchecked(offset.Value + bytes));

    public static ulong operator -(ImageOffset left, ImageOffset right) => unchecked(left.Value - right.Value);

    public static bool operator <(ImageOffset left, ImageOffset right) => left.Value < right.Value;

    public static bool operator >(ImageOffset left, ImageOffset right) => left.Value > right.Value;

    public static bool operator <=(ImageOffset left, ImageOffset right) => left.Value <= right.Value;

    public static bool operator >=(ImageOffset left, ImageOffset right) => left.Value >= right.Value;

    public int CompareTo(ImageOffset other) => Value.CompareTo(other.Value);

    public override string ToString() => "0x" + Value.ToString("x", CultureInfo.InvariantCulture);
}
