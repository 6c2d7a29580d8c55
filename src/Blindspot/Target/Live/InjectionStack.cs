using System.Buffers.Binary;
using Blindspot.Interop;
using Blindspot.Primitives;

namespace Blindspot.Target.Live;

/// <summary>
/// Tells where something may be written that only a stopped thread could come upon: below its stack pointer, if it is known
/// which stack that is and where it ends. A coroutine's stack is not known, nor that of a signal handler.
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
/// m begins with m.g0 (runtime/runtime2.go and runtime/sys_linux_amd64.s, Go 1.19 to 1.27). All of these have to agree. A
/// thread that runs a goroutine has its scheduler's stack lie idle below g0.sched.sp, to which it will come back: that is
/// taken then, never the goroutine's, which may be 2 KiB.
/// </para>
/// </remarks>
internal sealed class InjectionStack(TargetProcess process, IReadOnlyList<MemoryMapping> mappings, IReadOnlySet<ulong> restorers)
{
    /// <summary>
    /// Below what we write, for a handler that a signal may call there if we die meanwhile: more than the kernel puts on
    /// the stack with AVX-512, and the handler's own.
    /// </summary>
    private const ulong Margin = 8 << 10;

    /// <summary>
    /// Where no C library has a part in a Go program, every handler is Go's and runs on the alternate stack; the stack of a
    /// scheduler has 8 KiB (Go 1.19) or 16.
    /// </summary>
    private const ulong GoMargin = 1 << 10;

    private const int MaxScan = 256 << 10;
    private const int DescriptorBytes = 0x900;
    private const ulong MaxBehindDescriptor = 16 << 10;
    private const int GoThreadOffset = 48;
    private const int GoSchedulingPointer = 56;
    private const int GoPrefixBytes = 64;
    private const ulong MaxGoThreadBytes = 8 << 10;
    private const ulong MaxGoStack = 1 << 20;

    private readonly byte[] _scan = new byte[MaxScan];
    private readonly byte[] _descriptor = new byte[DescriptorBytes];

    /// <summary>Why no frame may be written for the thread; null if it may, below <paramref name="top"/> and its red zone.</summary>
    internal string? Refusal(int tid, in UserRegisters registers, out ulong top)
    {
        top = registers.Rsp;
        ulong margin = Margin;
        if (TryFindGoStack(registers, out ulong goTop, out ulong low, out ulong high))
        {
            top = goTop;
            margin = GoMargin;
        }
        else if (!TryFindBounds(tid, registers, out low, out high))
        {
            return "it stands on a stack of which Blindspot does not know where it ends";
        }

        if (mappings.Find(new TargetAddress(top)) is not { } mapping || !IsPrivateMemory(mapping))
        {
            return "its stack is no memory of its own";
        }

        low = Math.Max(low, mapping.Start.Value);
        if (top < low || top - low < ReturnFrame.MaxDepth + margin)
        {
            return "too little is left of its stack";
        }

        return TryScan(tid, top, high, out bool hasHandler)
            ? hasHandler ? "it is in a signal handler" : null
            : "its stack is too deep to be looked through, or partly swapped out";
    }

    /// <summary>Bounds as far as they are known; the upper one may be a little too high.</summary>
    private bool TryFindBounds(int tid, in UserRegisters registers, out ulong low, out ulong high)
    {
        low = 0;
        high = 0;
        if (mappings.Find(new TargetAddress(registers.Rsp)) is not { } stack)
        {
            return false;
        }

        if (tid == process.Pid && stack.Path == "[stack]")
        {
            (low, high) = (stack.Start.Value, stack.End.Value);
            return true;
        }

        return TryFindThreadStack(registers, stack, out low, out high);
    }

    private static bool IsPrivateMemory(MemoryMapping mapping) =>
        mapping.Permissions.StartsWith("rw", StringComparison.Ordinal) && mapping.Permissions.EndsWith('p');

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

    /// <summary>The scheduler's stack, and where it is in use down to.</summary>
    private bool TryFindGoStack(in UserRegisters registers, out ulong top, out ulong low, out ulong high)
    {
        top = 0;
        low = 0;
        high = 0;
        ulong slot = registers.FsBase - sizeof(ulong);
        Span<byte> current = stackalloc byte[GoPrefixBytes];
        Span<byte> scheduling = stackalloc byte[GoPrefixBytes];
        if (!TryReadWord(slot, out ulong g) || ProcessMemory.Read(process.MemoryThread, g, current, out _) != current.Length)
        {
            return false;
        }

        ulong m = Word(current, GoThreadOffset);
        if (slot <= m || slot - m >= MaxGoThreadBytes || !TryReadWord(m, out ulong g0)
            || ProcessMemory.Read(process.MemoryThread, g0, scheduling, out _) != scheduling.Length
            || Word(scheduling, GoThreadOffset) != m
            || registers.Rsp <= Word(current, 0) || registers.Rsp >= Word(current, 8))
        {
            return false;
        }

        (low, high) = (Word(scheduling, 0), Word(scheduling, 8));
        top = g == g0 ? registers.Rsp : Word(scheduling, GoSchedulingPointer);
        return high > low && high - low <= MaxGoStack && top > low && top < high;
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
