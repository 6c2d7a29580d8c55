using System.Text;
using Blindspot.Arch.X64;
using Blindspot.Primitives;
using Blindspot.Primitives.Elf;

namespace Blindspot.Target.Core;

/// <summary>
/// The notes of a core (Linux fs/binfmt_elf.c, include/linux/elfcore.h): one NT_PRSTATUS for each thread, and of the
/// process NT_PRPSINFO, NT_AUXV, NT_FILE and NT_SIGINFO. Those with extended registers are skipped unread.
/// </summary>
internal sealed class CoreNotes
{
    private const uint ProcessStatus = 1;
    private const uint ProcessInfo = 3;
    private const uint AuxiliaryVectorNote = 6;
    private const uint FileTable = 0x46494c45;
    private const uint SignalInfo = 0x53494749;

    /// <summary>sizeof(struct elf_prstatus) and (struct elf_prpsinfo) on x86-64.</summary>
    private const int StatusSize = 336;
    private const int InfoSize = 136;
    private const int MaxAuxiliarySize = 64 * 1024;
    private const int MaxFileTableSize = 256 * 1024 * 1024;

    private const string DeletedMark = " (deleted)";

    public List<ThreadSnapshot> Threads { get; } = [];

    public Dictionary<ulong, ulong> AuxiliaryVector { get; } = [];

    /// <summary>By address.</summary>
    public List<CoreFileMapping> Files { get; } = [];

    public int? Pid { get; private set; }

    /// <summary>The process's comm at the time.</summary>
    public string? CommandName { get; private set; }

    public CoreSignal? Signal { get; private set; }

    public static CoreNotes Read(ByteSource core, ElfSegment[] segments, GapLog gaps, Limits limits)
    {
        var notes = new CoreNotes();
        foreach (ElfSegment segment in segments)
        {
            if (segment.Type == ElfSegmentType.Note)
            {
                notes.ReadSegment(core, segment, gaps, limits);
            }
        }

        if (!IsByKernel(segments))
        {
            notes.ForgetWhatDebuggersLeaveOut();
        }

        notes.NameMainThread();
        notes.Files.Sort((left, right) => left.Start.CompareTo(right.Start));
        return notes;
    }

    private void ReadSegment(ByteSource core, ElfSegment segment, GapLog gaps, Limits limits)
    {
        try
        {
            var walk = new ElfNotes(core, segment.FileOffset, segment.FileSize, segment.Alignment, "core notes");
            while (walk.MoveNext())
            {
                if (!walk.IsOwner("CORE"u8))
                {
                    continue;
                }

                try
                {
                    ReadNote(walk, gaps, limits);
                }
                catch (MalformedDataException exception)
                {
                    gaps.Add("target", "core-note-malformed", $"A note of the core is damaged and left out ({exception.Message}).");
                }
            }

            if (walk.IsCut)
            {
                gaps.Add("target", "core-notes-cut", $"The core is cut within its notes: threads after the first {Threads.Count} and the list of files may be missing.");
            }
        }
        catch (MalformedDataException exception)
        {
            gaps.Add("target", "core-notes-cut", $"The core is cut before its notes ({exception.Message}): it has no threads.");
        }
    }

    private void ReadNote(ElfNotes walk, GapLog gaps, Limits limits)
    {
        switch (walk.Type)
        {
            case ProcessStatus when Threads.Count >= limits.MaxThreads:
                gaps.Add("target", "too-many-threads", $"The core has more than {limits.MaxThreads} threads; the others are left out.");
                break;
            case ProcessStatus:
                Threads.Add(ReadThread(walk.ReadContents(StatusSize)));
                break;
            case ProcessInfo:
                ReadInfo(walk.ReadContents(InfoSize));
                break;
            case AuxiliaryVectorNote:
                ReadAuxiliaryVector(walk.ReadContents(MaxAuxiliarySize));
                break;
            case FileTable:
                ReadFiles(walk.ReadContents(MaxFileTableSize), limits);
                break;
            case SignalInfo when Signal is null:
                // gcore writes one for each thread; the first is the thread that took the signal.
                ReadSignal(walk.ReadContents(1024));
                break;
        }
    }

    private static ThreadSnapshot ReadThread(byte[] bytes)
    {
        var reader = new ByteReader(bytes, "NT_PRSTATUS", 16);
        ulong pending = reader.ReadUInt64();
        ulong blocked = reader.ReadUInt64();
        int tid = reader.ReadInt32();
        reader.Position = 48;
        TimeSpan user = ReadTime(ref reader);
        TimeSpan system = ReadTime(ref reader);
        reader.Position = 112;
        return new ThreadSnapshot
        {
            Tid = tid,
            InnerTid = tid,
            Name = "",
            State = '?',
            State64 = ReadRegisters(ref reader),
            Consistency = Consistency.Exact,
            BlockedSignals = blocked,
            PendingSignals = pending,
            UserTime = user,
            SystemTime = system,
        };
    }

    /// <summary>A struct timeval; what a damaged core says past TimeSpan's range is cut to it.</summary>
    private static TimeSpan ReadTime(ref ByteReader reader)
    {
        double seconds = reader.ReadInt64();
        double microseconds = reader.ReadInt64();
        return TimeSpan.FromSeconds(Math.Clamp(seconds + (microseconds / 1e6), 0, 1e11));
    }

    /// <summary>struct user_regs_struct (arch/x86/include/asm/user_64.h).</summary>
    private static X64ThreadState ReadRegisters(ref ByteReader reader)
    {
        X64Registers registers = default;
        foreach (X64Register register in (ReadOnlySpan<X64Register>)
            [
                X64Register.R15, X64Register.R14, X64Register.R13, X64Register.R12, X64Register.Rbp, X64Register.Rbx,
                X64Register.R11, X64Register.R10, X64Register.R9, X64Register.R8, X64Register.Rax, X64Register.Rcx,
                X64Register.Rdx, X64Register.Rsi, X64Register.Rdi,
            ])
        {
            registers.Set(register, reader.ReadUInt64());
        }

        long originalRax = reader.ReadInt64();
        registers.Set(X64Register.Rip, reader.ReadUInt64());
        reader.Skip(8);
        ulong flags = reader.ReadUInt64();
        registers.Set(X64Register.Rsp, reader.ReadUInt64());
        reader.Skip(8);
        return new X64ThreadState(registers, originalRax, new TargetAddress(reader.ReadUInt64()), flags);
    }

    private void ReadInfo(byte[] bytes)
    {
        var reader = new ByteReader(bytes, "NT_PRPSINFO", 24);
        Pid = reader.ReadInt32();
        reader.Position = 40;
        ReadOnlySpan<byte> name = reader.ReadBytes(16);
        int length = name.IndexOf((byte)0);
        CommandName = Encoding.UTF8.GetString(length < 0 ? name : name[..length]);
    }

    private void ReadAuxiliaryVector(byte[] bytes)
    {
        var reader = new ByteReader(bytes, "NT_AUXV");
        while (reader.Remaining >= 16)
        {
            ulong type = reader.ReadUInt64();
            ulong value = reader.ReadUInt64();
            if (type == 0)
            {
                break;
            }

            AuxiliaryVector[type] = value;
        }
    }

    /// <summary>count, page size, then (start, end, offset in pages) for each, then their names (fs/binfmt_elf.c, fill_files_note).</summary>
    private void ReadFiles(byte[] bytes, Limits limits)
    {
        var reader = new ByteReader(bytes, "NT_FILE");
        ulong count = reader.ReadUInt64();
        ulong pageSize = reader.ReadUInt64();
        if (count > (ulong)limits.MaxMappings || count > (ulong)reader.Remaining / 24)
        {
            reader.ThrowMalformed($"{count} files");
        }

        var names = new ByteReader(bytes, "NT_FILE", reader.Position + ((long)count * 24));
        string path = "";
        ReadOnlySpan<byte> previous = default;
        bool isDeleted = false;
        for (ulong i = 0; i < count; i++)
        {
            ulong start = reader.ReadUInt64();
            ulong end = reader.ReadUInt64();
            ulong offset = unchecked(reader.ReadUInt64() * pageSize);
            ReadOnlySpan<byte> name = names.ReadCStringBytes();
            if (i == 0 || !name.SequenceEqual(previous))
            {
                // A library's mappings follow each other, and so share one string.
                path = Encoding.UTF8.GetString(name[..Math.Min(name.Length, limits.MaxNameLength)]);
                isDeleted = path.EndsWith(DeletedMark, StringComparison.Ordinal);
                path = isDeleted ? path[..^DeletedMark.Length] : path;
                previous = name;
            }

            if (start < end)
            {
                Files.Add(new CoreFileMapping(start, end, offset, path, isDeleted));
            }
        }
    }

    private void ReadSignal(byte[] bytes)
    {
        var reader = new ByteReader(bytes, "NT_SIGINFO");
        int number = reader.ReadInt32();
        reader.Skip(4);
        int code = reader.ReadInt32();
        reader.Skip(4);

        // Positive codes are the kernel's own; SI_KERNEL (0x80) carries no address.
        bool hasAddress = number is 4 or 5 or 7 or 8 or 11 && code is > 0 and not 0x80;
        Signal = new CoreSignal(number, code, hasAddress ? new TargetAddress(reader.ReadUInt64()) : null);
    }

    /// <summary>The kernel writes the notes before all memory, gcore behind it.</summary>
    private static bool IsByKernel(ElfSegment[] segments)
    {
        ulong notes = 0;
        ulong memory = ulong.MaxValue;
        foreach (ElfSegment segment in segments)
        {
            notes = segment.Type == ElfSegmentType.Note ? Math.Max(notes, segment.FileOffset) : notes;
            memory = segment.Type == ElfSegmentType.Load ? Math.Min(memory, segment.FileOffset) : memory;
        }

        return notes < memory;
    }

    /// <summary>gdb fills only ids and registers of NT_PRSTATUS (bfd/elf.c, elfcore_write_prstatus): zeros there mean "not known".</summary>
    private void ForgetWhatDebuggersLeaveOut()
    {
        for (int i = 0; i < Threads.Count; i++)
        {
            Threads[i] = Threads[i] with { BlockedSignals = null, PendingSignals = null, UserTime = null, SystemTime = null };
        }
    }

    private void NameMainThread()
    {
        for (int i = 0; i < Threads.Count; i++)
        {
            if (Threads[i].Tid == Pid && CommandName is not null)
            {
                Threads[i] = Threads[i] with { Name = CommandName };
            }
        }
    }
}
