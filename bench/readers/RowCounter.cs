using Blindspot.Image.Dwarf.Frames;

namespace Blindspot.Bench.Readers;

/// <summary>Looks at each row enough that none of the work can be left out.</summary>
internal struct RowCounter : ICallFrameRowVisitor
{
    public long Rows;
    public ulong Sum;

    public void Visit(in CallFrameRow row)
    {
        Rows++;
        Sum += row.Start.Value ^ (ulong)row.CfaOffset;
    }
}
