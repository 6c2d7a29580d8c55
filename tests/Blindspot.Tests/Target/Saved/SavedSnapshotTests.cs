using System.Buffers.Binary;
using System.Text;
using Blindspot.Arch.X64;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Saved;

namespace Blindspot.Tests.Target.Saved;

public sealed class SavedSnapshotTests
{
    private static readonly TargetAddress s_task = new(0xc000_0010);

    [Fact]
    public void Everything_comes_back()
    {
        using var original = new ForgedSnapshot();
        original.Gaps.Add("target", "some-gap", "Something was missing.", new TargetAddress(5));
        original.Gaps.Add("unwind", "later-gap", "Comes up again by itself.");
        using SavedSnapshot saved = Open(Save(original));

        Assert.Equal(original.Pid, saved.Pid);
        Assert.Equal(original.ExecutablePath, saved.ExecutablePath);
        Assert.Equal(original.Mappings, saved.Mappings);
        Assert.Equal(original.Threads, saved.Threads);
        Assert.Equal(original.AuxiliaryVector, saved.AuxiliaryVector);
        Assert.Equal(original.Capture, saved.Capture);
        Assert.Equal(original.Dispositions, saved.Dispositions);
        Assert.Equal(original.IntervalTimers, saved.IntervalTimers);
        Assert.Equal(original.MonotonicNanoseconds, saved.MonotonicNanoseconds);
        Assert.Equal([new Gap("target", "some-gap", new TargetAddress(5), "Something was missing.")], saved.Gaps.ToList());
        Assert.False(saved.IsMoving);
        Assert.Equal(Environment.MachineName, saved.Origin.Host);
        Assert.InRange(DateTimeOffset.UtcNow - saved.Origin.TakenAt, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.False(saved.Origin.HasHeaps || saved.Origin.IsRedacted);
    }

    [Fact]
    public void What_was_read_is_there_and_nothing_else()
    {
        using var original = new ForgedSnapshot();
        using SavedSnapshot saved = Open(Save(original, static (snapshot, _) =>
        {
            byte[] bytes = new byte[24];
            snapshot.Memory.Read(new TargetAddress(ForgedSnapshot.Heap + 100), bytes);
            var requests = new ReadRequest[] { new(new TargetAddress(ForgedSnapshot.Heap + 200), 0, 8), new(new TargetAddress(1), 8, 8) };
            snapshot.Memory.ReadMany(requests, bytes);
            snapshot.Memory.ForSearch.Read(new TargetAddress(ForgedSnapshot.Heap + 0x1000), bytes);
        }));

        byte[] read = new byte[64];
        Assert.Equal(24, saved.Memory.Read(new TargetAddress(ForgedSnapshot.Heap + 100), read));
        Assert.Equal((byte)100, read[0]);
        Assert.Equal(8, saved.Memory.Read(new TargetAddress(ForgedSnapshot.Heap + 200), read));
        Assert.Equal(0, saved.Memory.Read(new TargetAddress(ForgedSnapshot.Heap + 99), read));
        Assert.Equal(0, saved.Memory.Read(new TargetAddress(ForgedSnapshot.Heap + 0x1000), read));

        // A search sees zeros between what was saved.
        Assert.Equal(64, saved.Memory.ForSearch.Read(new TargetAddress(ForgedSnapshot.Heap + 90), read));
        Assert.Equal([0, 0, 100, 101], read[8..12]);
        Assert.Equal(0, read[40]);
    }

    [Fact]
    public void Stacks_are_kept_whole_but_not_arguments_and_environment()
    {
        using var original = new ForgedSnapshot();
        using SavedSnapshot saved = Open(Save(original, static (_, log) => log.WantThreadStack(new TargetAddress(ForgedSnapshot.Sp))));
        Assert.True(saved.Memory.TryReadUInt64(new TargetAddress(ForgedSnapshot.Sp - 128), out _));
        Assert.False(saved.Memory.TryReadUInt64(new TargetAddress(ForgedSnapshot.Sp - 256), out _));
        Assert.True(saved.Memory.TryReadUInt64(new TargetAddress(ForgedSnapshot.Random - 8), out _));
        Assert.False(saved.Memory.TryReadUInt64(new TargetAddress(ForgedSnapshot.Random), out _));
    }

    [Fact]
    public void With_heaps_all_that_is_the_process_s_own_is_there()
    {
        using var original = new ForgedSnapshot();
        using SavedSnapshot saved = Open(Save(original, null, new SaveOptions(IsFull: true, IsRedacted: false)));
        byte[] read = new byte[0x3000];
        Assert.Equal(read.Length, saved.Memory.Read(new TargetAddress(ForgedSnapshot.Heap), read));
        Assert.Equal((byte)0xff, read[0xff]);
        Assert.True(saved.Memory.TryReadUInt64(new TargetAddress(ForgedSnapshot.Random), out _));
        Assert.True(saved.Origin.HasHeaps);
    }

    [Fact]
    public void Redacted_holds_addresses_depths_and_structure_alone()
    {
        using var original = new ForgedSnapshot();
        byte[] file = Save(
            original,
            static (snapshot, log) =>
            {
                log.WantTaskStack(new TargetAddress(ForgedSnapshot.Sp), new TargetAddress(ForgedSnapshot.StackStart), new TargetAddress(ForgedSnapshot.StackEnd));
                log.IsReadingStructure = true;
                snapshot.Memory.TryReadUInt64(new TargetAddress(ForgedSnapshot.Sp + 64), out _);
                snapshot.Memory.TryReadUInt64(new TargetAddress(ForgedSnapshot.Heap + 16), out _);
                log.IsReadingStructure = false;
                snapshot.Memory.TryReadUInt64(new TargetAddress(ForgedSnapshot.Heap + 64), out _);
            },
            new SaveOptions(IsFull: false, IsRedacted: true));
        using SavedSnapshot saved = Open(file);

        ulong at = ForgedSnapshot.Sp; // 0x1008: the second of four
        Assert.Equal([0x18, 0, ForgedSnapshot.Heap + 8, ForgedSnapshot.Code + 0x20], Read(saved, at, 4));
        Assert.Equal(Read(original, ForgedSnapshot.Heap + 16, 1), Read(saved, ForgedSnapshot.Heap + 16, 1));
        Assert.Equal([0UL], Read(saved, ForgedSnapshot.Heap + 64, 1));
        Assert.Equal([0x18UL], Read(saved, at + 64, 1));
        Assert.All(saved.Threads, thread => Assert.Equal("", thread.Name));
        Assert.Null(saved.Origin.Host);
        Assert.True(saved.Threads[0].State64!.Registers.TryGet(X64Register.R12, out ulong contents) && contents == 0);
        Assert.Equal(original.Threads[0].State64!.Registers.Sp, saved.Threads[0].State64!.Registers.Sp);
        Assert.True(saved.IsRedacted);
        Assert.DoesNotContain(saved.Mappings, mapping => mapping.Path.Contains("customers", StringComparison.Ordinal));
        Assert.Contains(saved.Gaps.ToList(), gap => gap.Kind == "snapshot-redacted");
    }

    [Fact]
    public void Names_facts_grades_and_parts_of_files_come_back()
    {
        using var original = new ForgedSnapshot();
        CodeName[] names = [new("inner(int)", "inner", "a.cc", 7, true, "c++"), new("outer", null, null, 0, false, "c")];
        using SavedSnapshot saved = Open(Save(original, (snapshot, log) =>
        {
            log.AddName(new TargetAddress(ForgedSnapshot.Code + 4), names);
            log.GradeTask(s_task, Consistency.PossiblyTorn);
            snapshot.Facts.Note("/srv/app", "symbol:x", 42);
            using ByteSource file = snapshot.OpenMappedFile(snapshot.Mappings[0])!;
            file.Read(3, new byte[7]);
        }));
        Assert.True(saved.TryGetSavedNames(new TargetAddress(ForgedSnapshot.Code + 4), out IReadOnlyList<CodeName>? read));
        Assert.Equal(names, read);
        Assert.False(saved.TryGetSavedNames(new TargetAddress(ForgedSnapshot.Code + 5), out _));
        Assert.Equal(Consistency.PossiblyTorn, saved.ConsistencyOf(s_task));
        Assert.Equal(Consistency.Still, saved.ConsistencyOf(new TargetAddress(1)));
        Assert.True(saved.Facts.TryGet("/srv/app", "symbol:x", out ulong value) && value == 42);

        using ByteSource kept = saved.OpenMappedFile(saved.Mappings[0])!;
        byte[] bytes = new byte[16];
        Assert.Equal(26, kept.Length);
        Assert.False(kept.IsWhole);
        Assert.Equal(7, kept.Read(3, bytes));
        Assert.Equal("program", Encoding.ASCII.GetString(bytes, 0, 7));
        Assert.True(kept.Has(3, 7));
        Assert.False(kept.Has(3, 8) || kept.Has(2, 2));
        Assert.Null(saved.OpenMappedFile(saved.Mappings[3]));
    }

    [Fact]
    public void Texts_of_proc_that_were_read_come_back()
    {
        using var original = new ForgedSnapshot();
        original.Gaps.Add("target", "proc-file-unavailable", "No limits.");
        byte[] file = Save(original, static (snapshot, _) =>
        {
            snapshot.ReadProcFile(ProcFile.Timers);
            snapshot.ReadProcFile(ProcFile.Timers);
            snapshot.ReadProcFile(ProcFile.Status);
            snapshot.ReadProcFile(ProcFile.Cgroup);
            snapshot.ReadProcFile(ProcFile.SignalDescriptors);
            snapshot.ReadProcFile(ProcFile.Limits);
        });
        Assert.Equal([ProcFile.Timers, ProcFile.Status, ProcFile.Cgroup, ProcFile.SignalDescriptors, ProcFile.Limits], original.ProcFilesRead);

        using SavedSnapshot saved = Open(file);
        Assert.Equal([new PosixTimer(0, 32, 0x55d2b9ea5460, TimerNotification.Signal, 4712, 1)], PosixTimer.ReadAll(saved));
        Assert.Equal([0xff, 0xfe, 0], saved.ReadProcFile(ProcFile.Cgroup)!.Value.ToArray());
        Assert.Equal([], SignalDescriptor.ReadAll(saved));
        Assert.StartsWith("Name:\tcustomer\n", Text(saved, ProcFile.Status));
        Assert.Null(saved.ReadProcFile(ProcFile.Limits));
        Assert.Equal(["proc-file-unavailable"], saved.Gaps.ToList().Select(gap => gap.Kind));

        // Nobody asked for it when it was saved.
        Assert.Null(saved.ReadProcFile(ProcFile.Stat));
        Assert.Contains(saved.Gaps.ToList(), gap => gap.Kind == "proc-file-not-saved" && gap.Message.Contains("/proc/PID/stat:", StringComparison.Ordinal));
    }

    [Fact]
    public void Texts_of_proc_come_back_from_one_that_is_saved_again_without_names()
    {
        using var original = new ForgedSnapshot();
        using SavedSnapshot first = Open(Save(original, ReadTexts));
        using SavedSnapshot second = Open(Save(first, ReadTexts, new SaveOptions(IsFull: false, IsRedacted: true)));
        Assert.Equal("Name:\t\nUmask:\t0022\nThreads:\t2\n", Text(second, ProcFile.Status));
        Assert.Equal("4711 () S 1 1", Text(second, ProcFile.Stat));
        Assert.Equal(Text(original, ProcFile.Timers), Text(second, ProcFile.Timers));

        static void ReadTexts(Snapshot snapshot, ReadLog log)
        {
            snapshot.ReadProcFile(ProcFile.Timers);
            snapshot.ReadProcFile(ProcFile.Status);
            snapshot.ReadProcFile(ProcFile.Stat);
        }
    }

    [Fact]
    public void One_without_texts_of_proc_opens_as_before()
    {
        // As an older Blindspot wrote it: the part is not there. It is the last one, and holds nothing but a count.
        byte[] file = Save(new ForgedSnapshot());
        int start = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(file.Length - SnapshotFormat.FooterSize));
        using SavedSnapshot saved = Open(Seal(file, start, static index =>
        {
            Assert.Equal([(byte)SnapshotFormat.Part.ProcFiles, 1, 0], index[^3..]);
            return index[..^3];
        }));
        Assert.Equal(4711, saved.Pid);
        Assert.Null(PosixTimer.ReadAll(saved));
        Assert.Equal(["proc-file-not-saved"], saved.Gaps.ToList().Select(gap => gap.Kind));
    }

    [Fact]
    public void One_that_is_saved_again_keeps_its_origin()
    {
        using var original = new ForgedSnapshot();
        using SavedSnapshot first = Open(Save(original));
        using SavedSnapshot second = Open(Save(first, null, new SaveOptions(false, IsRedacted: true)));
        Assert.Equal(first.Origin.TakenAt, second.Origin.TakenAt);
        Assert.Equal(first.Threads.Select(thread => thread.Tid), second.Threads.Select(thread => thread.Tid));
    }

    [Fact]
    public void Another_file_a_newer_format_and_a_cut_one_are_told_apart()
    {
        byte[] file = Save(new ForgedSnapshot());
        Assert.Contains("is no saved snapshot", Refusal("\u007fELF and so on, long enough to be anything at all"u8.ToArray()));
        Assert.Contains("is cut short", Refusal(file[..^1]));
        byte[] newer = [.. file];
        BinaryPrimitives.WriteUInt16LittleEndian(newer.AsSpan(8), 2);
        Assert.Contains("snapshot of format 2, and this Blindspot reads format 1", Refusal(newer));
    }

    [Fact]
    public void Damage_is_told_and_never_read_as_something_else()
    {
        byte[] file = Save(new ForgedSnapshot(), static (snapshot, log) => log.WantThreadStack(new TargetAddress(ForgedSnapshot.Sp)));
        using SavedSnapshot whole = Open(file);
        ulong[] expected = Read(whole, ForgedSnapshot.Sp, 256);
        int told = 0;
        for (int i = 16; i < file.Length; i++)
        {
            byte[] damaged = [.. file];
            damaged[i] ^= 0x10;
            try
            {
                using SavedSnapshot snapshot = Open(damaged);
                Assert.Equal(expected, Read(snapshot, ForgedSnapshot.Sp, 256));
                Assert.Equal(whole.Threads, snapshot.Threads);
            }
            catch (BlindspotException exception)
            {
                Assert.Matches("damaged|cut short", exception.Message);
                told++;
            }
        }

        // Some bits mean nothing: the footer's second version number, and one of each zstd frame's header.
        Assert.InRange(told, file.Length - 16 - 12, file.Length - 16);
    }

    [Fact]
    public void Hostile_ones_end_in_a_sentence_and_within_the_limits()
    {
        byte[] file = Save(new ForgedSnapshot(), static (snapshot, log) =>
        {
            log.WantThreadStack(new TargetAddress(ForgedSnapshot.Sp));
            snapshot.ReadProcFile(ProcFile.Timers);
            snapshot.ReadProcFile(ProcFile.Cgroup);
        });
        ulong start = BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(file.Length - SnapshotFormat.FooterSize));
        for (int seed = 0; seed < 2000; seed++)
        {
            // Damage the index, and give it right checksums.
            byte[] mutant = Reseal(file, seed, (int)start);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using SavedSnapshot snapshot = Open(mutant);
                PosixTimer.ReadAll(snapshot);
                foreach (MemoryMapping mapping in snapshot.Mappings)
                {
                    snapshot.Memory.Read(mapping.Start, new byte[64]);
                    using ByteSource? opened = snapshot.OpenMappedFile(mapping);
                    opened?.Read(0, new byte[64]);
                }
            }
            catch (BlindspotException exception)
            {
                Assert.NotEmpty(exception.Message);
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < 64 << 20, $"seed {seed} made it allocate {allocated} bytes");
        }
    }

    private static byte[] Reseal(byte[] file, int seed, int start) => Seal(file, start, index => MutationSeeds.Mutate(index, seed));

    private static byte[] Seal(byte[] file, int start, Func<byte[], byte[]> change)
    {
        using var decompressor = new ZstdSharp.Decompressor();
        byte[] index = decompressor.Unwrap(file.AsSpan(start, file.Length - SnapshotFormat.FooterSize - start)).ToArray();
        byte[] damaged = change(index);
        using var compressor = new ZstdSharp.Compressor();
        byte[] compressed = compressor.Wrap(damaged).ToArray();
        byte[] footer = file[^SnapshotFormat.FooterSize..];
        BinaryPrimitives.WriteUInt32LittleEndian(footer.AsSpan(8), (uint)compressed.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(footer.AsSpan(12), (uint)damaged.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(footer.AsSpan(16), Crc32.Finish(Crc32.Append(Crc32.Initial, footer.AsSpan(0, 16))));
        return [.. file.AsSpan(0, start), .. compressed, .. footer];
    }

    private static string Refusal(byte[] file) => Assert.Throws<BlindspotException>(() => { using SavedSnapshot _ = Open(file); }).Message;

    private static string Text(Snapshot snapshot, ProcFile file) => Encoding.UTF8.GetString(snapshot.ReadProcFile(file)!.Value.Span);

    private static SavedSnapshot Open(byte[] file) =>
        SavedSnapshot.Open(new BufferByteSource(file), "x.snapshot", FileSearch.Default, Limits.Default);

    private static byte[] Save(Snapshot snapshot, Action<Snapshot, ReadLog>? read = null, SaveOptions? options = null)
    {
        options ??= new SaveOptions(IsFull: false, IsRedacted: false);
        var log = new ReadLog { IsRedacted = options.IsRedacted };
        snapshot.LogReads(log);
        read?.Invoke(snapshot, log);
        using var output = new MemoryStream();
        SnapshotWriter.Write(snapshot, options, output, Limits.Default, null, CancellationToken.None);
        return output.ToArray();
    }

    private static ulong[] Read(Snapshot snapshot, ulong address, int count)
    {
        ulong[] words = new ulong[count];
        for (int i = 0; i < count; i++)
        {
            Assert.True(snapshot.SourceMemory.TryReadUInt64(new TargetAddress(address + ((ulong)i * 8)), out words[i]));
        }

        return words;
    }
}
