using System.Diagnostics.CodeAnalysis;

namespace Blindspot.Runtime.Go;

/// <summary>
/// Where the fields of the runtime's structures lie in one binary: from its DWARF, else from the table of its Go
/// version, which tools/go-layouts generates from real builds. Offsets are in bytes.
/// </summary>
public sealed class GoLayout
{
    /// <summary>The offset of a field that this version does not have.</summary>
    public const int Absent = -1;

    private readonly int[] _offsets;

    private GoLayout(int[] offsets, string source)
    {
        _offsets = offsets;
        Source = source;
    }

    /// <summary>"dwarf", or "table of go1.27".</summary>
    public string Source { get; }

    /// <summary>Offset of a field in its structure (of *Size fields: the structure's size); <see cref="Absent"/> if this version has none.</summary>
    public int this[GoField field] => _offsets[(int)field];

    public bool Has(GoField field) => _offsets[(int)field] >= 0;

    /// <summary>The first byte behind the furthest of some 8-byte fields: how much of a structure to read for them.</summary>
    public int EndOf(params ReadOnlySpan<GoField> fields)
    {
        int end = 0;
        foreach (GoField field in fields)
        {
            if (Has(field))
            {
                end = Math.Max(end, this[field] + 8);
            }
        }

        return end;
    }

    /// <summary>The layout of Go 1.<paramref name="minor"/> by the generated table; false if nobody has built that version for it.</summary>
    public static bool TryFromTable(int minor, [NotNullWhen(true)] out GoLayout? layout)
    {
        ReadOnlySpan<short> table = GoLayoutTable.Offsets(minor);
        if (table.IsEmpty)
        {
            layout = null;
            return false;
        }

        int[] offsets = new int[GoLayoutTable.FieldCount];
        for (int i = 0; i < offsets.Length; i++)
        {
            offsets[i] = table[i];
        }

        layout = new GoLayout(offsets, $"table of go1.{minor}");
        return true;
    }

    /// <summary>
    /// The layout by debug information; false unless it has every structure that <see cref="IsUsable"/> asks for.
    /// </summary>
    public static bool TryFromTypes(IGoTypes types, [NotNullWhen(true)] out GoLayout? layout)
    {
        int[] offsets = new int[GoLayoutTable.FieldCount];
        for (int i = 0; i < offsets.Length; i++)
        {
            string[] paths = GoLayoutTable.Paths[i];
            offsets[i] = Absent;
            for (int path = 1; path < paths.Length; path++)
            {
                if (paths[path] == "*" ? types.TryGetSize(paths[0], out int offset) : types.TryGetOffset(paths[0], paths[path], out offset))
                {
                    offsets[i] = offset;
                    break;
                }
            }
        }

        layout = new GoLayout(offsets, "dwarf");
        if (layout.IsUsable)
        {
            return true;
        }

        layout = null;
        return false;
    }

    /// <summary>True if it has what no reading of goroutines can do without.</summary>
    public bool IsUsable =>
        Has(GoField.GStackLow) && Has(GoField.GStackHigh) && Has(GoField.GM) && Has(GoField.GSchedSp) && Has(GoField.GSchedPc)
        && Has(GoField.GSyscallSp) && Has(GoField.GSyscallPc) && Has(GoField.GStatus) && Has(GoField.GId)
        && Has(GoField.GStartPc) && Has(GoField.MG0) && Has(GoField.MThreadId) && Has(GoField.MCurrentG)
        && Has(GoField.MAllLink) && Has(GoField.PId) && Has(GoField.PStatus) && Has(GoField.SchedIdleMCount);
}
