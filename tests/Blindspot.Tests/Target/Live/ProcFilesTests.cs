using System.Buffers.Binary;
using System.Text;
using Blindspot.Arch.X64;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Live;

namespace Blindspot.Tests.Target.Live;

public sealed class ProcFilesTests
{
    private static readonly byte[] Maps = Encoding.UTF8.GetBytes(
        """
        00400000-00452000 r-xp 00001000 fe:01 173521                             /usr/bin/dbus daemon (old)
        00452000-00453000 rw-p 00053000 fe:01 173521                             /usr/bin/dbus daemon (old)
        01a2f000-01a50000 rw-p 00000000 00:00 0                                  [heap]
        7f0000000000-7f0000001000 rw-s 00000000 00:01 2049                       /memfd:x (deleted)
        7f0000001000-7f0000002000 r--p 00000000 00:2f 7                          /tmp/two\012lines (deleted) (deleted)
        7f0000003000-7f0000004000 rw-p 00000000 00:00 0
        7ffd1c5f0000-7ffd1c5f2000 r-xp 00000000 00:00 0                          [vdso]
        """ + "\n");

    [Fact]
    public void Mappings_are_parsed_with_names_that_have_blanks_newlines_and_marks()
    {
        List<MemoryMapping> mappings = ProcMaps.Parse(Maps, 100, out bool isCut);

        Assert.False(isCut);
        Assert.Equal(
            ["/usr/bin/dbus daemon (old)", "/usr/bin/dbus daemon (old)", "[heap]", "/memfd:x", "/tmp/two\nlines (deleted)", "", "[vdso]"],
            mappings.Select(mapping => mapping.Path));
        Assert.Equal([false, false, false, true, true, false, false], mappings.Select(mapping => mapping.IsDeleted));
        Assert.Equal(
            new MemoryMapping(new TargetAddress(0x400000), new TargetAddress(0x452000), "r-xp", 0x1000, (0xfeUL << 32) | 1, 173521, "/usr/bin/dbus daemon (old)", false),
            mappings[0]);
        Assert.Equal("rw-s", mappings[3].Permissions);
        Assert.Equal(0x2fUL, mappings[4].Device);
    }

    [Fact]
    public void Mappings_are_bounded()
    {
        Assert.Equal(3, ProcMaps.Parse(Maps, 3, out bool isCut).Count);
        Assert.True(isCut);
    }

    [Fact]
    public void Any_damage_to_maps_is_survived()
    {
        Random random = new(20261124);
        for (int i = 0; i < 5000; i++)
        {
            byte[] damaged = (byte[])Maps.Clone();
            for (int k = random.Next(1, 8); k > 0; k--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            foreach (MemoryMapping mapping in ProcMaps.Parse(damaged.AsSpan(0, random.Next(damaged.Length)), 100, out _))
            {
                Assert.True(mapping.Start <= mapping.End);
            }
        }
    }

    [Fact]
    public void Stat_is_parsed_behind_the_last_parenthesis()
    {
        ProcStat stat = ProcStat.Parse(
            "77 (a) R 1 (b)) S 12 77 77 0 -1 4194560 9 8 7 6 250 50 0 0 20 0 3 0 123456 1000 20 18446744073709551615 1 1"u8);
        Assert.Equal("a) R 1 (b)", stat.Name);
        Assert.Equal('S', stat.State);
        Assert.Equal(12, stat.Parent);
        Assert.Equal(123456UL, stat.StartTicks);
        Assert.Equal(TimeSpan.FromSeconds(2.5), ProcStat.FromTicks(stat.UserTicks));
        Assert.Equal(TimeSpan.FromSeconds(0.5), ProcStat.FromTicks(stat.SystemTicks));
        Assert.False(stat.IsKernelThread);
        Assert.Equal(0UL, stat.StackStart);
        Assert.Equal(
            140724UL,
            ProcStat.Parse("77 (a) S 12 77 77 0 -1 4194560 9 8 7 6 250 50 0 0 20 0 3 0 123456 1000 20 9 1 2 140724 0 0"u8).StackStart);
        Assert.True(ProcStat.Parse("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0 0"u8).IsKernelThread);
    }

    [Theory]
    [InlineData("")]
    [InlineData("77 (name")]
    [InlineData("77 (name)")]
    [InlineData("77 (name) S 1 2")]
    [InlineData(") S 1 (")]
    public void A_stat_that_is_cut_is_malformed(string text) =>
        Assert.Throws<MalformedDataException>(() => ProcStat.Parse(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Status_gives_what_is_there_and_null_for_the_rest()
    {
        ProcStatus status = ProcStatus.Parse(
            "Name:\tTgid:\nTgid:\t77\nTracerPid:\t5\nUid:\t0\t1000\t0\t0\nNSpid:\t80\t9\t2\nSigPnd:\t0000000000000200\nSigBlk:\tffffffff00000001\nvoluntary_ctxt_switches:\t40\nnonvoluntary_ctxt_switches:\t2\n"u8);
        Assert.Equal(77, status.ProcessId);
        Assert.Equal(5, status.TracerPid);
        Assert.Equal(1000U, status.EffectiveUser);
        Assert.Equal((0U, 0U), (status.RealUser, status.SavedUser));
        Assert.Equal(2, status.InnerTid);
        Assert.Equal(3, status.Levels);
        Assert.Equal(0x200UL, status.Pending);
        Assert.Equal(0xffffffff00000001UL, status.Blocked);
        Assert.Equal(42UL, status.Switches);
        Assert.Null(status.SharedPending);
        Assert.Null(status.EffectiveCapabilities);
        Assert.Null(ProcStatus.Parse("voluntary_ctxt_switches:\t40\n"u8).Switches);
    }

    [Fact]
    public void A_system_call_tells_pc_sp_and_its_arguments()
    {
        X64ThreadState state = ProcThreadObserver.ParseSyscall("202 0x7f01 0x80 0x2 0x0 0x5 0x6 0x7ffd00001000 0x7f0000002000\n"u8, out bool isRunning)!;
        Assert.False(isRunning);
        Assert.Equal(202, state.OriginalRax);
        Assert.Equal(0x7f0000002000UL, state.Registers.Pc.Value);
        Assert.Equal(0x7ffd00001000UL, state.Registers.Sp.Value);
        Assert.True(state.Registers.TryGet(X64Register.Rdi, out ulong first));
        Assert.Equal(0x7f01UL, first);
        Assert.True(state.Registers.TryGet(X64Register.R9, out ulong sixth));
        Assert.Equal(6UL, sixth);
        Assert.False(state.Registers.IsKnown(X64Register.Rbp));
        Assert.Null(state.FsBase);
    }

    [Fact]
    public void A_thread_blocked_outside_a_system_call_tells_pc_and_sp()
    {
        X64ThreadState state = ProcThreadObserver.ParseSyscall("-1 0x7ffd00001000 0x7f0000002000\n"u8, out bool isRunning)!;
        Assert.False(isRunning);
        Assert.Equal(-1, state.OriginalRax);
        Assert.Equal(0x7f0000002000UL, state.Registers.Pc.Value);
        Assert.False(state.Registers.IsKnown(X64Register.Rdi));
    }

    [Theory]
    [InlineData("running\n")]
    [InlineData("")]
    [InlineData("202 0x1 0x2")]
    [InlineData("-1 0x1")]
    public void A_thread_that_runs_tells_nothing(string text)
    {
        Assert.Null(ProcThreadObserver.ParseSyscall(Encoding.ASCII.GetBytes(text), out bool isRunning));
        Assert.True(isRunning);
    }

    [Fact]
    public void The_auxiliary_vector_ends_at_null_and_tells_32_bit_programs()
    {
        byte[] wide = Words64(3, 0x400040, 4, 56, 9, 0x401000, 0, 0, 25, 1);
        Dictionary<ulong, ulong> entries = ProcAuxiliaryVector.Parse(wide);
        Assert.Equal(3, entries.Count);
        Assert.Equal(0x401000UL, entries[9]);
        Assert.False(ProcAuxiliaryVector.Is32Bit(wide));
        Assert.True(ProcAuxiliaryVector.Is32Bit(Words32(3, 0x8048034, 4, 32, 5, 9, 0, 0)));
        Assert.False(ProcAuxiliaryVector.Is32Bit([]));
        Assert.Empty(ProcAuxiliaryVector.Parse(wide.AsSpan(0, 15)));
    }

    private static byte[] Words64(params ulong[] words)
    {
        byte[] bytes = new byte[words.Length * 8];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * 8), words[i]);
        }

        return bytes;
    }

    private static byte[] Words32(params uint[] words)
    {
        byte[] bytes = new byte[words.Length * 4];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), words[i]);
        }

        return bytes;
    }
}
