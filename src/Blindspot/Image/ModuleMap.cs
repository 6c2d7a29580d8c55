using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Image;

/// <summary>The modules of a process, and which of them an address belongs to. Immutable.</summary>
public sealed class ModuleMap
{
    private readonly Module[] _modules;
    private readonly ulong[] _codeStarts;
    private readonly ulong[] _codeEnds;
    private readonly Module[] _codeModules;
    private readonly ulong[] _moduleStarts;

    internal ModuleMap(List<Module> modules, Module? mainModule)
    {
        _modules = [.. modules];
        Array.Sort(_modules, (left, right) => left.Start.CompareTo(right.Start));
        MainModule = mainModule;
        _moduleStarts = new ulong[_modules.Length];
        var code = new List<(ulong Start, ulong End, Module Module)>();
        for (int i = 0; i < _modules.Length; i++)
        {
            _moduleStarts[i] = _modules[i].Start.Value;
            foreach ((TargetAddress start, TargetAddress end) in _modules[i].ExecutableRanges)
            {
                code.Add((start.Value, end.Value, _modules[i]));
            }
        }

        code.Sort((left, right) => left.Start.CompareTo(right.Start));
        _codeStarts = new ulong[code.Count];
        _codeEnds = new ulong[code.Count];
        _codeModules = new Module[code.Count];
        for (int i = 0; i < code.Count; i++)
        {
            (_codeStarts[i], _codeEnds[i], _codeModules[i]) = code[i];
        }
    }

    public static ModuleMap Empty { get; } = new([], null);

    /// <summary>By address.</summary>
    public IReadOnlyList<Module> Modules => _modules;

    /// <summary>The program itself; null where the auxiliary vector does not lead to it.</summary>
    public Module? MainModule { get; }

    /// <param name="snapshot">The process; its mappings say what lies where.</param>
    /// <param name="cache">Owns the images.</param>
    /// <param name="gaps">Told of files that could not be used.</param>
    /// <param name="limits">Bounds of reading.</param>
    /// <param name="search">Where debug files are looked for; null for the usual places.</param>
    public static ModuleMap Build(Snapshot snapshot, ImageCache cache, GapLog gaps, Limits limits, ImageSearch? search = null) =>
        new ModuleMapBuilder(snapshot, cache, gaps, limits, search ?? ImageSearch.Default).Build();

    /// <summary>The module whose code is mapped at the address; null in code of no file, and outside of code.</summary>
    public Module? Find(TargetAddress address)
    {
        int at = LastNotAbove(_codeStarts, address.Value);
        return at >= 0 && address.Value < _codeEnds[at] ? _codeModules[at] : null;
    }

    /// <summary>The module that the address lies in, be it code, data or .bss.</summary>
    public Module? FindAny(TargetAddress address)
    {
        int at = LastNotAbove(_moduleStarts, address.Value);
        return at >= 0 && address < _modules[at].End ? _modules[at] : null;
    }

    private static int LastNotAbove(ulong[] starts, ulong address)
    {
        int low = 0;
        int high = starts.Length - 1;
        while (low <= high)
        {
            int middle = (int)((uint)(low + high) >> 1);
            if (starts[middle] <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high;
    }
}
