using System.Buffers.Binary;
using Blindspot.Arch.X64;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Tests.Target.Saved;

/// <summary>A process with one thing of each kind that a saved snapshot keeps.</summary>
internal sealed class ForgedSnapshot : Snapshot
{
    public const ulong StackStart = 0x7f00_0000_0000;
    public const ulong StackEnd = StackStart + 0x4000;
    public const ulong Sp = StackStart + 0x1008;
    public const ulong Random = StackEnd - 0x800;
    public const ulong Code = 0x40_0000;
    public const ulong Heap = 0x50_0000;
    public const ulong Secret = 0x746572636573; // "secret"

    private readonly Bytes _memory = new();

    public ForgedSnapshot()
    {
        byte[] stack = new byte[StackEnd - StackStart];
        for (int i = 0; i < stack.Length; i += 8)
        {
            // In turn an address of code, a small number, text, an address of the heap.
            ulong value = ((i / 8) % 4) switch { 0 => Code + ((ulong)i & 0xff0), 1 => 0x18, 2 => Secret, _ => Heap + 8 };
            BinaryPrimitives.WriteUInt64LittleEndian(stack.AsSpan(i), value);
        }

        _memory.Pieces.Add((StackStart, stack));
        _memory.Pieces.Add((Heap, Enumerable.Range(0, 0x3000).Select(i => (byte)i).ToArray()));
    }

    public override int? Pid => 4711;

    public override string? ExecutablePath => "/srv/app";

    public override string? CorePath => null;

    public override IReadOnlyList<MemoryMapping> Mappings { get; } =
    [
        new(new(Code), new(Code + 0x1000), "r-xp", 0, 8, 77, "/srv/app", false),
        new(new(Heap), new(Heap + 0x3000), "rw-p", 0, 0, 0, "[heap]", false),
        new(new(StackStart), new(StackEnd), "rw-p", 0, 0, 0, "[stack]", false),
        new(new(StackEnd + 0x1000), new(StackEnd + 0x2000), "rw-s", 4096, 9, 78, "/data/customers.db", true),
    ];

    public override IReadOnlyList<ThreadSnapshot> Threads { get; } =
    [
        new()
        {
            Tid = 4711,
            InnerTid = 1,
            Name = "app\u001b[31m",
            State = 'S',
            Consistency = Consistency.Still,
            State64 = new X64ThreadState(Registers(), -1, new TargetAddress(0x7f00_0000_2000), 0x246),
            BlockedSignals = 1UL << 26,
            PendingSignals = 0,
            AlternateStack = new AlternateStack(new TargetAddress(Heap), 8192),
            UserTime = TimeSpan.FromMilliseconds(1234),
            SystemTime = TimeSpan.Zero,
        },
        new() { Tid = 4712, InnerTid = 2, Name = "", State = 'R', Consistency = Consistency.PossiblyTorn },
    ];

    public override IReadOnlyDictionary<ulong, ulong> AuxiliaryVector { get; } = new Dictionary<ulong, ulong> { [25] = Random, [9] = Code };

    public override CaptureReport Capture => new("watch", 2, TimeSpan.FromMilliseconds(3), TimeSpan.FromMilliseconds(40));

    public override IReadOnlyList<IntervalTimer>? IntervalTimers { get; } = [new(IntervalTimerKind.Profiling, TimeSpan.FromMilliseconds(10), null), new(IntervalTimerKind.Real, TimeSpan.Zero, TimeSpan.FromSeconds(3))];

    public override IReadOnlyList<SignalDisposition>? Dispositions { get; } = [new(27, new(Code + 8), 0x0c000004, new(Code + 16), ulong.MaxValue)];

    public override long? MonotonicNanoseconds => 123_456_789;

    public override bool IsMoving => false;

    public override GapLog Gaps { get; } = new();

    protected internal override TargetMemory SourceMemory => _memory;

    protected override ByteSource? OpenSourceFile(MemoryMapping mapping) => new BufferByteSource("no program, but some words"u8.ToArray());

    /// <summary>How often each was read from the source.</summary>
    public List<ProcFile> ProcFilesRead { get; } = [];

    protected override byte[]? ReadSourceProcFile(ProcFile file)
    {
        ProcFilesRead.Add(file);
        return file switch
        {
            ProcFile.Timers => "ID: 0\nsignal: 32/000055d2b9ea5460\nnotify: signal/tid.4712\nClockID: 1\n"u8.ToArray(),
            ProcFile.Status => "Name:\tcustomer\nUmask:\t0022\nThreads:\t2\n"u8.ToArray(),
            ProcFile.Stat => "4711 (custo) mer) S 1 1"u8.ToArray(),
            ProcFile.Cgroup => [0xff, 0xfe, 0],
            ProcFile.SignalDescriptors => [],
            _ => null,
        };
    }

    private static X64Registers Registers()
    {
        var registers = X64Registers.Of(new TargetAddress(Code + 4), new TargetAddress(Sp));
        registers.Set(X64Register.R12, ulong.MaxValue);
        return registers;
    }

    private sealed class Bytes : TargetMemory
    {
        public List<(ulong Start, byte[] Bytes)> Pieces { get; } = [];

        public override int Read(TargetAddress address, Span<byte> destination)
        {
            foreach ((ulong start, byte[] bytes) in Pieces)
            {
                ulong into = address.Value - start;
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
