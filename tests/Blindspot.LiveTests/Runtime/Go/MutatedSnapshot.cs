using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.LiveTests.Runtime.Go;

/// <summary>A snapshot whose memory lies: now and then bits are turned, and reads come back short.</summary>
internal sealed class MutatedSnapshot(Snapshot inner, int seed, double rate) : Snapshot
{
    private readonly MutatedMemory _memory = new(inner.Memory, seed, rate);

    public override int? Pid => inner.Pid;

    public override string? ExecutablePath => inner.ExecutablePath;

    public override string? CorePath => inner.CorePath;

    protected internal override TargetMemory SourceMemory => _memory;

    public override IReadOnlyList<MemoryMapping> Mappings => inner.Mappings;

    public override IReadOnlyList<ThreadSnapshot> Threads => inner.Threads;

    public override IReadOnlyDictionary<ulong, ulong> AuxiliaryVector => inner.AuxiliaryVector;

    public override CaptureReport Capture => inner.Capture;

    public override bool IsMoving => inner.IsMoving;

    public override GapLog Gaps { get; } = new();

    protected override ByteSource? OpenSourceFile(MemoryMapping mapping) => inner.OpenMappedFile(mapping);

    private sealed class MutatedMemory(TargetMemory inner, int seed, double rate) : TargetMemory
    {
        private readonly Random _random = new(seed);

        public override int Read(TargetAddress address, Span<byte> destination)
        {
            int read = inner.Read(address, destination);
            if (read == 0 || _random.NextDouble() >= rate)
            {
                return read;
            }

            if (_random.Next(8) == 0)
            {
                return _random.Next(read);
            }

            for (int i = _random.Next(1, 1 + (read / 16)); i >= 0; i--)
            {
                destination[_random.Next(read)] = (byte)_random.Next(256);
            }

            return read;
        }
    }
}
