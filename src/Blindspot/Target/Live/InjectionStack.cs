using System.Buffers.Binary;
using Blindspot.Interop;
using Blindspot.Primitives;

namespace Blindspot.Target.Live;

/// <summary>
/// Tells whether something may be written below the stack pointer of a stopped thread: only where it is known which stack
/// that is and where it ends. A thread on a goroutine's stack, a coroutine's, or in a signal handler is not known.
/// </summary>
/// <remarks>
/// <para>Known are three: the stack that the kernel gave the first thread, what a C library gave a thread that it
/// started, and what Go gave a thread for its scheduler where no C library has a part in it.</para>
/// <para>
/// The C library's: glibc keeps where a thread's block begins, its size and that of its guard in the thread's descriptor,
/// which lies at its upper end and which FS points to (struct pthread in nptl/descr.h: stackblock, stackblock_size,
/// guardsize; their offset differs between versions, and what they have to say of each other is found at no other). Else
/// (musl) the descriptor shares its mapping with the stack, and below is a guard.
/// </para>
/// <para>
/// Go's: FS points behind the first word of m.tls, which holds g; g begins with the bounds of its stack; g.m is at 48, and
/// m begins with m.g0 (runtime/runtime2.go and runtime/sys_linux_amd64.s, Go 1.19 to 1.27). All of these have to agree.
/// </para>
/// </remarks>
internal sealed class InjectionStack(TargetProcess process, IReadOnlyList<MemoryMapping> mappings, IReadOnlySet<ulong> restorers)
{
    /// <summary>
    /// Below what we write, for a handler that a signal may call there if we die meanwhile: more than the kernel puts on
    /// the stack with AVX-512, and the handler's own.
    /// </summary>
    private const ulong Margin = 8 << 10;

    private const int MaxScan = 256 << 10;
    private const int DescriptorBytes = 0x900;
    private const ulong MaxBehindDescriptor = 16 << 10;
    private const int GoThreadOffset = 48;
    private const ulong MaxGoThreadBytes = 8 << 10;
    private const ulong MaxGoStack = 1 << 20;

    private readonly byte[] _scan = new byte[MaxScan];
    private readonly byte[] _descriptor = new byte[DescriptorBytes];

    /// <summary>Why a frame may not be written below the thread's stack pointer; null if it may.</summary>
    internal string? Refusal(int tid, in UserRegisters registers)
    {
        if (!TryFindBounds(tid, registers, out ulong low, out ulong high))
        {
            return "it stands on a stack of which Blindspot does not know where it ends";
        }

        if (registers.Rsp - low < ReturnFrame.MaxDepth + Margin)
        {
            return "too little is left of its stack";
        }

        return TryScan(tid, registers.Rsp, high, out bool hasHandler)
            ? hasHandler ? "it is in a signal handler" : null
            : "its stack is too deep to be looked through, or partly swapped out";
    }

    /// <summary>Bounds of the stack as far as they are known; the upper one may be a little too high.</summary>
    internal bool TryFindBounds(int tid, in UserRegisters registers, out ulong low, out ulong high)
    {
        low = 0;
        high = 0;
        TargetAddress sp = new(registers.Rsp);
        if (mappings.Find(sp) is not { } stack || !stack.Permissions.StartsWith("rw", StringComparison.Ordinal) || !stack.Permissions.EndsWith('p'))
        {
            return false;
        }

        if (tid == process.Pid && stack.Path == "[stack]")
        {
            (low, high) = (stack.Start.Value, stack.End.Value);
            return true;
        }

        bool isKnown = TryFindThreadStack(registers, stack, out low, out high) || TryFindGoStack(registers, out low, out high);
        low = Math.Max(low, stack.Start.Value);
        return isKnown && low < sp.Value && sp.Value < high;
    }

    private bool TryFindThreadStack(in UserRegisters registers, MemoryMapping stack, out ulong low, out ulong high)
    {
        ulong descriptor = registers.FsBase;
        low = 0;
        high = 0;
        int read = ProcessMemory.Read(process.MemoryThread, descriptor, _descriptor, out _);
        ReadOnlySpan<byte> words = _descriptor.AsSpan(0, read & ~7);

        // The first word of every C library's descriptor is its own address.
        if (words.Length < 64 || Word(words, 0) != descriptor || registers.Rsp >= descriptor)
        {
            return false;
        }

        for (int at = 8; at + 24 <= words.Length; at += 8)
        {
            (ulong block, ulong size, ulong guard) = (Word(words, at), Word(words, at + 8), Word(words, at + 16));
            ulong end = unchecked(block + size);
            if (block < registers.Rsp && end > descriptor && end - descriptor <= MaxBehindDescriptor
                && guard < size && block + guard >= stack.Start.Value)
            {
                (low, high) = (block + guard, descriptor);
                return true;
            }
        }

        (low, high) = (stack.Start.Value, descriptor);
        return stack.Contains(new TargetAddress(descriptor)) && IsGuarded(stack);
    }

    private bool IsGuarded(MemoryMapping stack)
    {
        int below = mappings.FirstEndingAfter(stack.Start - 1);
        return below < mappings.Count && mappings[below].End == stack.Start && mappings[below].Permissions.StartsWith("---", StringComparison.Ordinal);
    }

    private bool TryFindGoStack(in UserRegisters registers, out ulong low, out ulong high)
    {
        low = 0;
        high = 0;
        ulong slot = registers.FsBase - sizeof(ulong);
        Span<byte> goroutine = stackalloc byte[GoThreadOffset + sizeof(ulong)];
        if (!TryReadWord(slot, out ulong g) || ProcessMemory.Read(process.MemoryThread, g, goroutine, out _) != goroutine.Length)
        {
            return false;
        }

        low = BinaryPrimitives.ReadUInt64LittleEndian(goroutine);
        high = BinaryPrimitives.ReadUInt64LittleEndian(goroutine[8..]);
        ulong m = BinaryPrimitives.ReadUInt64LittleEndian(goroutine[GoThreadOffset..]);
        return high > low && high - low <= MaxGoStack && slot > m && slot - m < MaxGoThreadBytes
            && TryReadWord(m, out ulong scheduling) && scheduling == g;
    }

    private bool TryScan(int tid, ulong from, ulong to, out bool hasHandler)
    {
        hasHandler = false;
        from &= ~7UL;
        if (to - from > MaxScan)
        {
            return false;
        }

        Span<byte> bytes = _scan.AsSpan(0, (int)(to - from) & ~7);
        if (ProcessMemory.Read(tid, from, bytes, out _) != bytes.Length)
        {
            return false;
        }

        for (int at = 0; at < bytes.Length; at += 8)
        {
            hasHandler |= restorers.Contains(Word(bytes, at));
        }

        return true;
    }

    private static ulong Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    private bool TryReadWord(ulong address, out ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bool read = ProcessMemory.Read(process.MemoryThread, address, bytes, out _) == bytes.Length;
        value = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return read;
    }
}
