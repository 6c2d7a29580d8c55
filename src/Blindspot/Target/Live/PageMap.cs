using System.Buffers.Binary;
using System.Numerics;
using Blindspot.Interop;
using Microsoft.Win32.SafeHandles;

namespace Blindspot.Target.Live;

/// <summary>
/// Which pages of a process are in its page table, from /proc/PID/pagemap (Documentation/admin-guide/mm/pagemap.rst:
/// bit 63 of an entry is "present"). Reading any other page would fault it in: memory, page tables, or swap would grow.
/// What was seen is kept for a short while, in blocks of 64 pages; pages seen absent are looked up again. Thread-safe.
/// </summary>
internal sealed class PageMap : IDisposable
{
    private const int PageShift = 12;
    private const int BlockShift = 6;
    private const int EntryBytes = 8;
    private const int BlockBytes = EntryBytes << BlockShift;
    private const int MaxBlocksPerRead = 64;
    private const int MaxKeptBlocks = 1 << 20;

    // Pages may be given back (MADV_DONTNEED) while we read: what was present is believed for this long.
    private const long MaxAgeMilliseconds = 500;

    // No user mapping lies above the 56 bits of five-level page tables; vsyscall does and has no entry here.
    private const ulong AddressLimit = 1UL << 56;

    private readonly SafeFileHandle _file;
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Block> _blocks = [];
    private readonly byte[] _entries = new byte[MaxBlocksPerRead * BlockBytes];

    private PageMap(SafeFileHandle file) => _file = file;

    /// <summary>
    /// False once the address space is gone: the process ended, or runs another program (execve) with a new one. The
    /// open file stands for the old one and gives nothing then.
    /// </summary>
    internal bool IsAlive
    {
        get
        {
            Span<byte> entry = stackalloc byte[EntryBytes];
            return RawFile.ReadAt(_file, 0, entry) == EntryBytes;
        }
    }

    internal static PageMap? TryOpen(int tid, out Errno error)
    {
        SafeFileHandle? file = RawFile.TryOpen($"/proc/{tid}/pagemap", out error);
        if (file is null)
        {
            return null;
        }

        PageMap map = new(file);
        if (map.IsAlive)
        {
            return map;
        }

        error = Errno.NotPermitted;
        map.Dispose();
        return null;
    }

    /// <summary>How many of the <paramref name="length"/> bytes from <paramref name="address"/> on lie in present pages, up to the first that does not.</summary>
    internal int PresentBytes(ulong address, int length)
    {
        lock (_gate)
        {
            return PresentBytesLocked(address, length, Environment.TickCount64);
        }
    }

    /// <summary>The same for many ranges under one lock: cuts each piece's length.</summary>
    internal void CutToPresent(Span<RemotePiece> pieces)
    {
        lock (_gate)
        {
            long now = Environment.TickCount64;
            foreach (ref RemotePiece piece in pieces)
            {
                piece.Length = PresentBytesLocked(piece.Address, piece.Length, now);
            }
        }
    }

    public void Dispose() => _file.Dispose();

    private int PresentBytesLocked(ulong address, int length, long now)
    {
        if (length <= 0 || address >= AddressLimit)
        {
            return 0;
        }

        ulong last = Math.Min(address + (ulong)length, AddressLimit) - 1 >> PageShift;
        ulong page = address >> PageShift;
        while (page <= last)
        {
            ulong block = page >> BlockShift;
            int first = (int)(page & ((1 << BlockShift) - 1));
            int run = RunAt(block, first, (last >> BlockShift) - block + 1, now);
            page += (ulong)run;
            if (run < (1 << BlockShift) - first)
            {
                break;
            }
        }

        ulong end = page << PageShift;
        return end <= address ? 0 : (int)Math.Min((ulong)length, end - address);
    }

    /// <summary>Present pages in a row from <paramref name="first"/> on, within one block.</summary>
    private int RunAt(ulong block, int first, ulong blocksWanted, long now)
    {
        bool isFresh = false;
        if (!_blocks.TryGetValue(block, out Block known) || now - known.SeenAt > MaxAgeMilliseconds)
        {
            known = Load(block, blocksWanted, now);
            isFresh = true;
        }

        int run = Run(known.Present, first);
        if (run < (1 << BlockShift) - first && !isFresh && known.SeenAt != now)
        {
            known = Load(block, 1, now);
            run = Run(known.Present, first);
        }

        return run;
    }

    private static int Run(ulong present, int first) => Math.Min(BitOperations.TrailingZeroCount(~(present >> first)), (1 << BlockShift) - first);

    private Block Load(ulong block, ulong blocksWanted, long now)
    {
        int count = (int)Math.Min(blocksWanted, MaxBlocksPerRead);
        Span<byte> entries = _entries.AsSpan(0, count * BlockBytes);
        int read = Math.Max(0, RawFile.ReadAt(_file, (long)block * BlockBytes, entries));
        entries[read..].Clear();
        if (_blocks.Count > MaxKeptBlocks)
        {
            _blocks.Clear();
        }

        for (int i = 0; i < count; i++)
        {
            _blocks[block + (ulong)i] = new Block(PresentBits(entries.Slice(i * BlockBytes, BlockBytes)), now);
        }

        return _blocks[block];
    }

    private static ulong PresentBits(ReadOnlySpan<byte> entries)
    {
        ulong bits = 0;
        for (int i = 0; i < 1 << BlockShift; i++)
        {
            bits |= BinaryPrimitives.ReadUInt64LittleEndian(entries[(i * EntryBytes)..]) >> 63 << i;
        }

        return bits;
    }

    private readonly record struct Block(ulong Present, long SeenAt);
}
