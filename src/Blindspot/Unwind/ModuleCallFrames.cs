using Blindspot.Image;
using Blindspot.Image.Dwarf.Frames;
using Blindspot.Image.Elf;
using Blindspot.Primitives;

namespace Blindspot.Unwind;

/// <summary>The call frame information of a process's modules, opened when a walk first comes by. For one thread at a time.</summary>
public sealed class ModuleCallFrames(GapLog gaps)
{
    private readonly Dictionary<Module, CallFrameTable?> _tables = [];

    public CallFrameLookup FindRow(Module module, ImageOffset pc, out CallFrameRow row)
    {
        if (!_tables.TryGetValue(module, out CallFrameTable? table))
        {
            table = Open(module);
            _tables.Add(module, table);
        }

        if (table is null)
        {
            row = default;
            return CallFrameLookup.NotFound;
        }

        return table.FindRow(pc, out row);
    }

    private CallFrameTable? Open(Module module)
    {
        if (module.Image is not { } image)
        {
            return null;
        }

        try
        {
            return CallFrameTable.Open(CallFrameSections.Read(image, module.DebugImage, module.TrackUse));
        }
        catch (MalformedDataException malformed)
        {
            gaps.Add("unwind", "call-frames-malformed", $"The unwind data of {module.Path} are damaged ({malformed.Message}): stacks through it may end there.");
            return null;
        }
    }
}
