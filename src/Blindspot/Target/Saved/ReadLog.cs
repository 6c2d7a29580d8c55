using System.Runtime.CompilerServices;
using Blindspot.Primitives;

namespace Blindspot.Target.Saved;

/// <summary>
/// What analyses read of a snapshot, so that just this can be saved: they find the same when they read it back. Attach it
/// to a <see cref="Snapshot"/> before anything is read of that.
/// </summary>
/// <remarks>
/// An analysis that comes later needs no code of its own for saving: what it reads is noted like everything else.
/// </remarks>
public sealed class ReadLog
{
    private readonly Lock _gate = new();
    private readonly ByteLog _memory = new();
    private readonly List<(TargetAddress Start, TargetAddress End)> _structure = [];
    private readonly List<(TargetAddress Start, TargetAddress End)> _wanted = [];
    private readonly List<TargetAddress> _wantedStacks = [];
    private readonly Dictionary<FileKey, ByteLog> _files = [];
    private readonly Dictionary<FileKey, long> _fileLengths = [];
    private readonly ConditionalWeakTable<TargetMemory, LoggedMemory> _wrapped = [];
    private readonly Dictionary<TargetAddress, IReadOnlyList<CodeName>> _names = [];
    private readonly Dictionary<TargetAddress, Consistency> _tasks = [];
    private readonly Dictionary<(string Path, string Name), ulong> _facts = [];
    private readonly List<FileUse> _uses = [];
    private readonly Dictionary<ProcFile, byte[]?> _procFiles = [];

    /// <summary>Contents of memory are to be left out, but for addresses and the structure of runtimes.</summary>
    public bool IsRedacted { get; init; }

    /// <summary>
    /// True while a runtime's own structures are read: what is noted meanwhile is kept whole also when contents are left
    /// out, so the target's own strings must not be read then.
    /// </summary>
    public bool IsReadingStructure { get; set; }

    /// <summary>Bytes of the largest stack of a task: stack depths, which are kept as structure, are no larger.</summary>
    public ulong LargestTaskStack { get; private set; }

    internal ByteLog Memory => _memory;

    internal IReadOnlyList<(TargetAddress Start, TargetAddress End)> Structure => _structure;

    internal IReadOnlyList<(TargetAddress Start, TargetAddress End)> Wanted => _wanted;

    internal IReadOnlyList<TargetAddress> WantedStacks => _wantedStacks;

    internal IReadOnlyDictionary<FileKey, ByteLog> Files => _files;

    internal IReadOnlyDictionary<TargetAddress, IReadOnlyList<CodeName>> Names => _names;

    internal IReadOnlyDictionary<(string Path, string Name), ulong> Facts => _facts;

    internal IReadOnlyList<FileUse> Uses => _uses;

    /// <summary>Null for those that could not be had.</summary>
    internal IReadOnlyDictionary<ProcFile, byte[]?> ProcFiles => _procFiles;

    internal IReadOnlyDictionary<TargetAddress, Consistency> Tasks => _tasks;

    /// <summary>Asks for a range that was not, or not wholly, read: it is read when the snapshot is written.</summary>
    public void Want(TargetAddress start, TargetAddress end)
    {
        if (start < end)
        {
            _wanted.Add((start, end));
        }
    }

    /// <summary>A thread's stack from its stack pointer to the end of the mapping that it lies in.</summary>
    public void WantThreadStack(TargetAddress sp) => _wantedStacks.Add(sp);

    /// <summary>A task's stack from its stack pointer up.</summary>
    public void WantTaskStack(TargetAddress sp, TargetAddress low, TargetAddress high)
    {
        LargestTaskStack = Math.Max(LargestTaskStack, high - low);
        if (sp >= low)
        {
            Want(sp, high);
        }
    }

    /// <summary>How a return address or leaf of native code was named, innermost inlined function first.</summary>
    public void AddName(TargetAddress address, IReadOnlyList<CodeName> names) => _names[address] = names;

    /// <summary>How sure what was read of a task is, where that is less than what the way of reading promises.</summary>
    public void GradeTask(TargetAddress task, Consistency consistency) => _tasks[task] = consistency;

    internal void AddFact(string path, string name, ulong value)
    {
        lock (_gate)
        {
            _facts[(path, name)] = value;
        }
    }

    internal void AddProcFile(ProcFile file, byte[]? text)
    {
        lock (_gate)
        {
            _procFiles[file] = text;
        }
    }

    internal void AddUse(FileUse use)
    {
        lock (_gate)
        {
            _uses.Add(use);
        }
    }

    internal TargetMemory Over(TargetMemory memory) => _wrapped.GetValue(memory, inner => new LoggedMemory(inner, this));

    internal ByteSource Over(ByteSource file, MemoryMapping mapping)
    {
        lock (_gate)
        {
            var key = FileKey.Of(mapping);
            if (!_files.TryGetValue(key, out ByteLog? log))
            {
                _files.Add(key, log = new ByteLog());
                _fileLengths.Add(key, file.Length);
            }

            return new LoggedFile(file, log);
        }
    }

    internal long LengthOf(FileKey file) => _fileLengths[file];

    internal void AddMemory(TargetAddress address, ReadOnlySpan<byte> bytes)
    {
        _memory.Add(address.Value, bytes);
        if (IsReadingStructure && IsRedacted && !bytes.IsEmpty)
        {
            lock (_gate)
            {
                _structure.Add((address, address + (ulong)bytes.Length));
            }
        }
    }
}
