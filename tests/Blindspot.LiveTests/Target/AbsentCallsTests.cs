using Blindspot.LiveTests.Support;

namespace Blindspot.LiveTests.Target;

/// <summary>
/// Older kernels lack some system calls that we use, and filters of containers forbid some: each of them has a way
/// around it, and where something is lost with it a gap says so.
/// </summary>
public sealed class AbsentCallsTests
{
    private const string Specimen = "crossed-deadlock";
    private const string Newer = "bpf,clone3,close_range,faccessat2,kcmp,membarrier,openat2,perf_event_open,pidfd_open,rseq,setpriority,statx";
    private const int NotPermitted = 1;
    private const int NotImplemented = 38;

    private static readonly Lazy<Specimen> Target = new(() => Support.Specimen.Start(Specimen, "1.27", "exe"));

    private static ToolRun Run(int error, string calls, params string[] options) =>
        ToolRun.Start(CProgram.Compile("without"), [$"{error}", calls, Repository.Executable, "stacks", $"{Target.Value.Pid}", .. options]);

    /// <summary>All of them are absent before Linux 5.4 to 6.0, one or the other; filters forbid those that engines do not allow.</summary>
    [Theory]
    [InlineData("openat2", "watch", "")]
    [InlineData("pidfd_open", "watch", "")]
    [InlineData("statx", "watch", "")]
    [InlineData("perf_event_open", "watch", "")]
    [InlineData("close_range", "watch", "")]
    [InlineData("kcmp", "watch", "")]
    [InlineData("membarrier", "watch", "")]
    [InlineData("setpriority", "watch", "")]
    [InlineData("faccessat2", "watch", "")]
    [InlineData("clone3", "watch", "")]
    [InlineData("rseq", "watch", "")]
    [InlineData("ptrace", "watch", "")]
    [InlineData("bpf", "proc", "watch-unavailable")]
    [InlineData("process_vm_readv", "watch", "process-vm-readv-unavailable")]
    [InlineData("bpf,process_vm_readv,ptrace,openat2,pidfd_open,perf_event_open,kcmp", "proc", "watch-unavailable process-vm-readv-unavailable")]
    [InlineData(Newer, "proc", "watch-unavailable")]
    [InlineData(Newer + ",process_vm_readv,ptrace", "proc", "watch-unavailable process-vm-readv-unavailable")]
    public void Whole_stacks_come_without(string calls, string how, string gaps)
    {
        // The C library itself does not do without faccessat2 and clone3 unless they are absent.
        bool mayBeForbidden = !calls.Contains("faccessat2", StringComparison.Ordinal) && !calls.Contains("clone3", StringComparison.Ordinal);
        foreach (int error in mayBeForbidden ? (int[])[NotImplemented, NotPermitted] : [NotImplemented])
        {
            StacksJson report = StacksJson.Of(Run(error, calls, "--json"), $"without {calls} ({error})");
            Assert.Equal(how, report.How);
            Assert.Equal(gaps, string.Join(' ', report.GapKinds));
            Assert.Empty(ExpectedStacks.Of(Specimen).Compare(report).Differences);
            Assert.Equal("", report.Incomplete);
        }
    }

    /// <summary>openat2 is what opens files by their names in the target's root.</summary>
    [Fact]
    public void Without_map_files_and_openat2_files_are_found_by_name_all_the_same()
    {
        Needs.Root();
        ToolRun run = ToolRun.Start(
            "setpriv",
            ["--bounding-set=-sys_admin,-checkpoint_restore", CProgram.Compile("without"), $"{NotImplemented}", "openat2", Repository.Executable, "stacks", $"{Target.Value.Pid}", "--json"]);
        StacksJson report = StacksJson.Of(run, "without map_files and openat2");
        Assert.Empty(report.Gaps);
        Assert.Empty(ExpectedStacks.Of(Specimen).Compare(report).Differences);
    }

    [Fact]
    public void Without_ptrace_a_stop_is_refused_and_a_look_is_not()
    {
        ToolRun stop = Run(NotPermitted, "ptrace", "--how", "stop");
        Assert.Equal((2, ""), (stop.ExitCode, stop.Output));
        Assert.Contains("may be read but not traced (not permitted (EPERM)): the filter (seccomp) that we run behind stands in the way", stop.Error);

        // Whether a thread that always runs did so while it was looked at depends on how busy the machine is.
        using CProgram busy = CProgram.Start("registers", "1 4");
        Shell.Until(
            () => StacksJson.Of(
                ToolRun.Start(CProgram.Compile("without"), [$"{NotPermitted}", "ptrace", Repository.Executable, "stacks", $"{busy.Pid}", "--exact", "--json"]), "exact") is var exact
                && exact.GapKinds.Contains("thread-not-stopped") && exact.Gaps.Contains("seccomp", StringComparison.Ordinal),
            "that a thread could not be stopped was never told");
    }
}
