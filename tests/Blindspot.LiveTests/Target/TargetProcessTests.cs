using System.Diagnostics;
using Blindspot.Collect;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Live;

namespace Blindspot.LiveTests.Target;

public sealed class TargetProcessTests
{
    private static string Refusal(Func<object> open) => Assert.Throws<BlindspotException>(() => { _ = open(); }).Message;

    [Fact]
    public void Its_identity_is_that_of_proc()
    {
        using CProgram program = CProgram.Start("registers", "1");
        using TargetProcess process = TargetProcess.Open(program.Pid);

        Assert.Equal("registers", process.Name);
        Assert.Equal(CProgram.Compile("registers"), process.ExecutablePath);
        Assert.Equal(program.Pid, process.InnerPid);
        Assert.Equal(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), process.BootId);
        Assert.False(process.HasExited);
        Shell.Kill(program.Pid);
        Shell.Until(() => process.HasExited, "exit not seen");
    }

    [Fact]
    public void A_missing_process_is_named() =>
        Assert.Contains("no process 4194000", Refusal(() => TargetProcess.Open(4194000)));

    [Fact]
    public void A_thread_of_the_kernel_is_refused() =>
        Assert.Contains("(kthreadd) is a thread of the kernel", Refusal(() => TargetProcess.Open(2)));

    [Fact]
    public void A_zombie_is_refused()
    {
        using CProgram program = CProgram.Start("shapes", "zombie");
        string message = Refusal(() => TargetProcess.Open(program.ReadyWords[1]));
        Assert.Contains("has ended", message);
        Assert.Contains($"process {program.Pid}", message);
    }

    [Fact]
    public void A_thread_id_is_answered_by_that_of_its_process()
    {
        using CProgram program = CProgram.Start("registers", "1");
        string tid = Directory.GetDirectories($"/proc/{program.Pid}/task").Select(path => Path.GetFileName(path)!).First(name => name != $"{program.Pid}");
        Assert.Contains($"give {program.Pid} instead", Refusal(() => TargetProcess.Open(tid)));
    }

    [Fact]
    public void A_32_bit_process_is_refused()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("blindspot-test-").FullName, "tiny32");
        File.WriteAllBytes(path, Elf32.Pausing());
        Shell.Run("chmod", $"700 {path}");
        using Process child = Process.Start(path);
        try
        {
            Shell.Until(() => File.ReadAllText($"/proc/{child.Id}/comm").Trim() == "tiny32", "did not start");
            Assert.Contains("is a 32-bit program", Refusal(() => TargetProcess.Open(child.Id)));
        }
        finally
        {
            child.Kill();
        }
    }

    [Fact]
    public void A_name_finds_its_only_process_and_lists_several()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("blindspot-test-").FullName, $"only-{Environment.ProcessId}-with-a-long-name");
        File.Copy(CProgram.Compile("registers"), path);
        string name = Path.GetFileName(path);
        Assert.Contains($"no process named {name}", Refusal(() => TargetProcess.Open(name)));
        using CProgram first = CProgram.StartFile(path, "1");
        using (TargetProcess process = TargetProcess.Open(name))
        {
            Assert.Equal(first.Pid, process.Pid);
        }

        using CProgram second = CProgram.StartFile(path, "2");
        string message = Refusal(() => TargetProcess.Open(name));
        Assert.StartsWith("2 processes are named", message);
        Assert.Contains($"{first.Pid} (", message);
        Assert.Contains($"{second.Pid} (", message);
    }

    [Fact]
    public void A_process_whose_main_has_ended_is_read_through_another_thread()
    {
        using CProgram program = CProgram.Start("shapes", "leaderless");
        using TargetProcess process = TargetProcess.Open(program.Pid);
        Assert.NotEqual(process.Pid, process.MemoryThread);
        foreach (CaptureTier tier in Enum.GetValues<CaptureTier>())
        {
            using LiveSnapshot snapshot = LiveCapture.Take(process, CaptureForTests.By(tier), new GapLog(), Limits.Default);
            Assert.Equal(['Z', 'S'], snapshot.Threads.Select(thread => thread.State));
            Assert.Null(snapshot.Threads[0].State64);
            Assert.NotEmpty(snapshot.Mappings);
            Assert.True(snapshot.Memory.TryReadUInt64(snapshot.Threads[1].State64!.Registers.Sp, out _));
        }
    }

    [Fact]
    public void A_process_that_gdb_traces_is_watched_but_not_stopped()
    {
        using CProgram program = CProgram.Start("registers", "2");
        using Process gdb = Process.Start(new ProcessStartInfo("gdb", $"-nx -q -p {program.Pid}")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            Shell.Until(() => Shell.StatusField(program.Pid, "TracerPid") == $"{gdb.Id}", "gdb did not attach");
            using TargetProcess process = TargetProcess.Open(program.Pid);
            string message = Refusal(() => LiveCapture.Take(process, CaptureForTests.By(CaptureTier.Stop), new GapLog(), Limits.Default));
            Assert.Contains($"traced by process {gdb.Id} (gdb)", message);

            GapLog gaps = new();
            using LiveSnapshot snapshot = LiveCapture.Take(process, CaptureForTests.Default, gaps, Limits.Default);
            Assert.Null(snapshot.StopAndRead(program.Pid, CaptureForTests.Default));
            Assert.Contains(gaps.ToList(), gap => gap.Kind == "thread-not-stopped" && gap.Message.Contains("(gdb)", StringComparison.Ordinal));
        }
        finally
        {
            gdb.Kill();
        }
    }

    [Theory]
    [InlineData("exec", "process-replaced")]
    [InlineData("exit", "process-ended")]
    public void A_process_that_leaves_while_it_is_read_is_told(string shape, string kind)
    {
        using CProgram program = CProgram.Start("shapes", shape);
        using TargetProcess process = TargetProcess.Open(program.Pid);
        GapLog gaps = new();
        using LiveSnapshot snapshot = LiveCapture.Take(process, CaptureForTests.Default, gaps, Limits.Default);
        TargetAddress sp = snapshot.Threads[0].State64!.Registers.Sp;
        Assert.True(snapshot.Memory.TryReadUInt64(sp, out _));
        program.SendLine();
        Shell.Until(
            () => shape == "exit" ? process.HasExited : File.ReadAllText($"/proc/{program.Pid}/comm").Trim() == "sleep", "did not leave");

        Assert.Empty(snapshot.CheckStillness());
        Assert.Contains(gaps.ToList(), gap => gap.Kind == kind);
        Assert.All(snapshot.Threads, thread => Assert.Equal(Consistency.PossiblyTorn, thread.Consistency));
    }

    [Fact]
    public void A_process_that_forks_all_the_time_can_be_stopped()
    {
        using CProgram program = CProgram.Start("shapes", "fork");
        using TargetProcess process = TargetProcess.Open(program.Pid);
        for (int i = 0; i < 50; i++)
        {
            using LiveSnapshot snapshot = LiveCapture.Take(process, CaptureForTests.By(CaptureTier.Stop), new GapLog(), Limits.Default);
            Assert.Equal(Consistency.Exact, Assert.Single(snapshot.Threads).Consistency);
        }

        Assert.Equal("0", Shell.StatusField(program.Pid, "TracerPid"));
    }

    [Fact]
    public void Our_own_child_is_not_traced()
    {
        using Process child = Process.Start(CProgram.Compile("shapes"), "fork");
        try
        {
            using TargetProcess process = TargetProcess.Open(child.Id);
            Assert.Contains("by this very process", Refusal(() => LiveCapture.Take(process, CaptureForTests.By(CaptureTier.Stop), new GapLog(), Limits.Default)));
        }
        finally
        {
            child.Kill();
        }
    }
}
