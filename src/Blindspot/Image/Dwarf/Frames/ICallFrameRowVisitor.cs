namespace Blindspot.Image.Dwarf.Frames;

/// <summary>Takes the rows of a whole table one by one (<see cref="CallFrameTable.VisitRows{TVisitor}"/>).</summary>
public interface ICallFrameRowVisitor
{
    void Visit(in CallFrameRow row);
}
