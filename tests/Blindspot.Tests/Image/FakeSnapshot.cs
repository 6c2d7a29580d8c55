using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Tests.Image;

/// <summary>A process made of files: their bytes, and where which pages of them are mapped.</summary>
internal sealed class FakeSnapshot : Snapshot
{
    private readonly List<MemoryMapping> _mappings = [];
    private readonly List<(TargetAddress Start, byte[] Bytes)> _memory = [];

    public Dictionary<string, byte[]> Files { get; } = [];

    public Dictionary<ulong, ulong> Auxiliary { get; } = [];

    public int Opened { get; private set; }

    public override int? Pid => 1;

    public override string? ExecutablePath => null;

    /// <summary>Makes it the snapshot of a core.</summary>
    public string? Core { get; init; }

    public override string? CorePath => Core;

    protected internal override TargetMemory SourceMemory => new FakeMemory(_memory);

    public override IReadOnlyList<MemoryMapping> Mappings => [.. _mappings.OrderBy(mapping => mapping.Start)];

    public override IReadOnlyList<ThreadSnapshot> Threads => [];

    public override IReadOnlyDictionary<ulong, ulong> AuxiliaryVector => Auxiliary;

    public override CaptureReport Capture => new("fake", 0, TimeSpan.Zero, TimeSpan.Zero);

    public override bool IsMoving => false;

    public override GapLog Gaps { get; } = new();

    public FakeSnapshot Map(string path, ulong start, ulong size, ulong offset, string permissions, byte[]? memory = null)
    {
        ulong inode = path.StartsWith('/') ? (ulong)path.Length + 1 : 0;
        _mappings.Add(new MemoryMapping(new TargetAddress(start), new TargetAddress(start + size), permissions, offset, 8, inode, path, false));
        if (memory is not null)
        {
            _memory.Add((new TargetAddress(start), memory));
        }

        return this;
    }

    protected override ByteSource? OpenSourceFile(MemoryMapping mapping) => OpenFile(mapping.Path);

    public override ByteSource? OpenFile(string path)
    {
        Opened++;
        return Files.TryGetValue(path, out byte[]? bytes) ? new BufferByteSource(bytes) : null;
    }

    private sealed class FakeMemory(List<(TargetAddress Start, byte[] Bytes)> pieces) : TargetMemory
    {
        public override int Read(TargetAddress address, Span<byte> destination)
        {
            foreach ((TargetAddress start, byte[] bytes) in pieces)
            {
                ulong into = address - start;
                if (into < (ulong)bytes.Length)
                {
                    int count = Math.Min(destination.Length, bytes.Length - (int)into);
                    bytes.AsSpan((int)into, count).CopyTo(destination);
                    return count;
                }
            }

            return 0;
        }
    }
}
