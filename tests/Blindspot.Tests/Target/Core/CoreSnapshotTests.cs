using System.Buffers.Binary;
using Blindspot.Arch.X64;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Core;
using Blindspot.Tests.Image.Elf;

namespace Blindspot.Tests.Target.Core;

public class CoreSnapshotTests
{
    private static readonly byte[] _page = [.. Enumerable.Range(0, 4096).Select(i => (byte)(i * 7))];

    [Fact]
    public void Reads_threads_and_process()
    {
        using CoreSnapshot snapshot = Open(Typical());
        Assert.Equal(71, snapshot.Pid);
        Assert.Equal([71, 72], snapshot.Threads.Select(thread => thread.Tid));
        Assert.Equal(["server", ""], snapshot.Threads.Select(thread => thread.Name));
        ThreadSnapshot first = snapshot.Threads[0];
        Assert.Equal(Consistency.Exact, first.Consistency);
        Assert.Equal(0x400UL, first.BlockedSignals);
        Assert.Equal(TimeSpan.FromSeconds(3.5), first.UserTime);
        Assert.Equal(TimeSpan.Zero, first.SystemTime);
        X64ThreadState state = first.State64!;
        Assert.Equal(0x401234UL, state.Registers.Pc.Value);
        Assert.Equal(0x7000_0100UL, state.Registers.Sp.Value);
        Assert.Equal(104UL, state.Registers.Bp.Value);
        Assert.True(state.Registers.TryGet(X64Register.R15, out ulong r15) && r15 == 100);
        Assert.True(state.Registers.TryGet(X64Register.Rax, out ulong rax) && rax == 110);
        Assert.Equal(115, state.OriginalRax);
        Assert.Equal(118UL, state.Flags);
        Assert.Equal(121UL, state.FsBase!.Value.Value);
        Assert.Equal("core", snapshot.Capture.How);
        Assert.False(snapshot.IsMoving);
    }

    [Fact]
    public void Puts_mappings_together_from_segments_files_and_the_auxiliary_vector()
    {
        using CoreSnapshot snapshot = Open(Typical());
        Assert.Equal("/no/such/server", snapshot.ExecutablePath);
        Assert.Equal(
            [
                "0x400000-0x401000 r--p 0 /no/such/server False",
                "0x401000-0x403000 r-xp 4096 /no/such/server False",
                "0x500000-0x501000 ? 0 /no/such/lib.so True",
                "0x70000000-0x70001000 rw-p 0 [stack] False",
                "0x7f000000-0x7f001000 r-xp 0 [vdso] False",
            ],
            snapshot.Mappings.Select(m => $"{m.Start}-{m.End} {m.Permissions} {m.FileOffset} {m.Path} {m.IsDeleted}"));
    }

    [Fact]
    public void Reads_only_what_was_dumped()
    {
        using CoreSnapshot snapshot = Open(Typical());
        byte[] buffer = new byte[64];
        Assert.Equal(64, snapshot.Memory.Read(new TargetAddress(0x7000_0010), buffer));
        Assert.Equal(_page[16..80], buffer);
        Assert.Equal(16, snapshot.Memory.Read(new TargetAddress(0x7000_0ff0), buffer));
        Assert.Equal(0, snapshot.Memory.Read(new TargetAddress(0x401000), buffer));
        Assert.Equal(0, snapshot.Memory.Read(new TargetAddress(0x500000), buffer));
        Assert.Equal(0, snapshot.Memory.Read(new TargetAddress(0x10), buffer));
        Assert.Equal(0, snapshot.Memory.Read(new TargetAddress(ulong.MaxValue), buffer));
    }

    [Fact]
    public void Reads_across_segments_that_touch()
    {
        using CoreSnapshot snapshot = Open(new CoreForge().AddMemory(0x2000, _page).AddMemory(0x1000, _page));
        byte[] buffer = new byte[5000];
        Assert.Equal(5000, snapshot.Memory.Read(new TargetAddress(0x1800), buffer));
        Assert.Equal(_page[0x800..], buffer[..0x800]);
        Assert.Equal(_page[..(5000 - 0x800)], buffer[0x800..]);
    }

    [Fact]
    public void Counts_more_program_headers_than_the_header_can_say()
    {
        CoreForge forge = Typical();
        forge.ExtraHeaders = 70_000;
        byte[] bytes = forge.Build();
        using (CoreSnapshot snapshot = Open(bytes))
        {
            Assert.Equal(2, snapshot.Threads.Count);
            Assert.Empty(snapshot.Gaps.ToList());
        }

        // The section that holds the count is the last of the file, and lost first.
        using CoreSnapshot cut = Open(bytes[..^65]);
        Assert.Equal(2, cut.Threads.Count);
        Assert.Equal(5, cut.Mappings.Count);
    }

    [Theory]
    [InlineData("not a core", "is not a core file")]
    [InlineData("\u001f\u008b\u0008\u0000", "gzip -dk")]
    [InlineData("(\u00b5/\u00fd", "zstd -d")]
    [InlineData("\u00fd7zXZ\u0000", "xz -dk")]
    public void Says_what_other_files_are(string contents, string expected)
    {
        byte[] bytes = System.Text.Encoding.Latin1.GetBytes(contents);
        Assert.Contains(expected, Assert.Throws<BlindspotException>(() => Open(bytes)).Message);
    }

    [Fact]
    public void Says_what_other_elf_files_are()
    {
        Assert.Contains("not a core", Assert.Throws<BlindspotException>(() => Open(new ElfForge().Build())).Message);
        byte[] core = Typical().Build();
        core[18] = 183;
        Assert.Contains("AArch64 core", Assert.Throws<BlindspotException>(() => Open(core)).Message);
        core[18] = 3;
        core[4] = 1;
        Assert.Contains("32-bit i386 core", Assert.Throws<BlindspotException>(() => Open(core)).Message);
        Assert.Contains("does not exist", Assert.Throws<BlindspotException>(() => CoreSnapshot.Open("/no/such/core", FileSearch.Default, Limits.Default)).Message);
    }

    [Fact]
    public void Tells_what_is_cut_off()
    {
        byte[] bytes = Typical().Build();
        using (CoreSnapshot snapshot = Open(bytes[..^4196]))
        {
            Assert.Equal(2, snapshot.Threads.Count);
            Gap gap = Assert.Single(snapshot.Gaps.ToList(), gap => gap.Kind == "core-cut");
            Assert.Contains("MiB of memory are missing", gap.Message);
        }

        using (CoreSnapshot snapshot = Open(bytes[..(64 + (5 * 56) + 400)]))
        {
            Assert.Single(snapshot.Threads);
            Assert.Contains(snapshot.Gaps.ToList(), gap => gap.Kind == "core-notes-cut");
        }

        using (CoreSnapshot snapshot = Open(bytes[..150]))
        {
            Assert.Empty(snapshot.Threads);
            Assert.Contains(snapshot.Gaps.ToList(), gap => gap.Kind == "core-cut");
        }
    }

    [Fact]
    public void A_damaged_note_is_left_out_and_told()
    {
        byte[] files = new byte[32];
        BinaryPrimitives.WriteInt64LittleEndian(files, long.MaxValue);
        using CoreSnapshot snapshot = Open(new CoreForge().AddNote(1, new byte[3]).AddNote(0x46494c45, files).AddThread(5, 1, 2));
        Assert.Single(snapshot.Threads);
        Assert.Contains(snapshot.Gaps.ToList(), gap => gap.Kind == "core-note-malformed");
    }

    [Fact]
    public void Takes_no_more_threads_than_allowed()
    {
        CoreForge forge = new CoreForge().AddThread(1, 1, 1).AddThread(2, 1, 1).AddThread(3, 1, 1);
        using var snapshot = CoreSnapshot.Open(new BufferByteSource(forge.Build()), "core", FileSearch.Default, new Limits { MaxThreads = 2 });
        Assert.Equal(2, snapshot.Threads.Count);
        Assert.Contains(snapshot.Gaps.ToList(), gap => gap.Kind == "too-many-threads");
    }

    internal static CoreForge Typical() => new CoreForge()
        .AddThread(71, 0x401234, 0x7000_0100, blocked: 0x400)
        .AddProcess(71, "server")
        .AddAuxiliary((3, 0x400040), (33, 0x7f00_0000), (25, 0x7000_0800))
        .AddFiles((0x400000, 0x401000, 0, "/no/such/server"), (0x401000, 0x403000, 1, "/no/such/server"), (0x500000, 0x501000, 0, "/no/such/lib.so (deleted)"))
        .AddThread(72, 0x402000, 0x7000_0200)
        .AddMemory(0x400000, _page, 4)
        .AddMemory(0x401000, [], 5, 0x2000)
        .AddMemory(0x7000_0000, _page)
        .AddMemory(0x7f00_0000, _page, 5);

    private static CoreSnapshot Open(CoreForge forge) => Open(forge.Build());

    private static CoreSnapshot Open(byte[] bytes) => CoreSnapshot.Open(new BufferByteSource(bytes), "core", FileSearch.Default, Limits.Default);
}
