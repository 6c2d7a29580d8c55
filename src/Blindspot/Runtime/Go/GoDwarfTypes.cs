using Blindspot.Image;
using Blindspot.Image.Dwarf;
using Blindspot.Image.Dwarf.Types;
using Blindspot.Primitives;

namespace Blindspot.Runtime.Go;

/// <summary>The runtime's types by DWARF. Each structure is looked up once.</summary>
public sealed class GoDwarfTypes(DwarfTypes types) : IGoTypes
{
    private readonly Dictionary<string, DwarfStruct?> _structs = [];

    /// <summary>What a module's file, or its separate debug file, tells; null without debug information.</summary>
    public static GoDwarfTypes? Open(Module module, Limits limits, GapLog gaps)
    {
        try
        {
            DwarfInfo? information = module.Image is { } image ? DwarfInfo.TryOpen(image, limits) : null;
            information ??= module.DebugImage is { } debug ? DwarfInfo.TryOpen(debug, limits) : null;
            return information is null ? null : new GoDwarfTypes(information.Types);
        }
        catch (MalformedDataException e)
        {
            gaps.Add("runtime", "debug-info-malformed", $"{module.Path}: {e.Message}.");
            return null;
        }
    }

    public bool TryGetOffset(string structName, string path, out int offset)
    {
        offset = 0;
        DwarfStruct? at = Find(structName);
        string[] members = path.Split('.');
        long sum = 0;
        for (int i = 0; i < members.Length; i++)
        {
            if (at is null || !at.TryGetMember(members[i], out DwarfMember? member))
            {
                return false;
            }

            sum += member.Offset;
            if (i + 1 < members.Length && (!types.TryOpen(member, out at) || member.Kind != DwarfTypeKind.Struct))
            {
                return false;
            }
        }

        offset = (int)sum;
        return sum is >= 0 and <= int.MaxValue;
    }

    public bool TryGetSize(string structName, out int size)
    {
        long? bytes = Find(structName)?.ByteSize;
        size = (int)(bytes ?? 0);
        return bytes is >= 0 and <= int.MaxValue;
    }

    private DwarfStruct? Find(string name)
    {
        if (!_structs.TryGetValue(name, out DwarfStruct? type))
        {
            type = types.TryFindStruct(name, out DwarfStruct? found) ? found : null;
            _structs.Add(name, type);
        }

        return type;
    }
}
