using System.Text;
using Blindspot.Target.Live;

namespace Blindspot.Tests.Target.Live;

/// <summary>Why a process may not be read, in words; also for what this machine does not have (Yama, other users).</summary>
public sealed class ProcessPermissionTests
{
    private const string Plain = "Uid:\t1000\t1000\t1000\t1000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n";
    private const string SysPtrace = "Uid:\t1000\t1000\t1000\t1000\nCapPrm:\t0000000000080000\nCapEff:\t0000000000080000\n";

    private static string Explain(string self, string target, int yama = 0, bool isInitial = true) =>
        new ProcessPermission(Parse(self), 1000, isInitial, yama).Explain(77, "name", Parse(target));

    private static ProcStatus Parse(string text) => ProcStatus.Parse(Encoding.ASCII.GetBytes(text));

    [Theory]
    [InlineData("Uid:\t0\t0\t0\t0\n", 0, "it belongs to user 0 and we are user 1000. Run as root")]
    [InlineData("Uid:\t1000\t1000\t0\t1000\n", 0, "several users at once (real 1000, effective 1000, saved 0)")]
    [InlineData("Uid:\t0\t1000\t1000\t1000\n", 0, "several users at once (real 0, effective 1000, saved 1000)")]
    [InlineData("Uid:\t1000\t1000\t1000\t1000\nCapPrm:\t0000000000000020\n", 0, "capabilities that we have not (CAP_KILL)")]
    [InlineData("Uid:\t1000\t1000\t1000\t1000\nCapPrm:\t000001ffffffffff\n", 0, "(CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH and 38 more)")]
    [InlineData("Uid:\t1000\t1000\t1000\t1000\nCapPrm:\t4000000000000000\n", 0, "(capability 62)")]
    [InlineData(Plain, 0, "undumpable (PR_SET_DUMPABLE)")]
    [InlineData(Plain, 1, "kernel.yama.ptrace_scope is 1, which allows it to a process's ancestors only")]
    [InlineData(Plain, 2, "kernel.yama.ptrace_scope is 2, which allows it to administrators only")]
    [InlineData(Plain, 3, "kernel.yama.ptrace_scope is 3, which forbids it to everybody")]
    public void Without_the_capability_the_first_check_that_fails_is_told(string target, int yama, string expected)
    {
        string sentence = Explain(Plain, target, yama);
        Assert.StartsWith("Process 77 (name) may not be read: ", sentence);
        Assert.Contains(expected, sentence);
    }

    [Fact]
    public void Root_without_the_capability_is_told_how_containers_give_it() =>
        Assert.EndsWith(
            "it belongs to user 7 and we are user 0. Give blindspot CAP_SYS_PTRACE (docker: --cap-add SYS_PTRACE; Kubernetes: securityContext.capabilities.add).",
            new ProcessPermission(Parse("CapPrm:\t0\nCapEff:\t0\n"), 0, true, 0).Explain(77, "name", Parse("Uid:\t7\t7\t7\t7\n")));

    [Fact]
    public void With_the_capability_something_else_stands_in_the_way()
    {
        Assert.Contains("a security module", Explain(SysPtrace, Plain));
        Assert.Contains("CAP_SYS_PTRACE only within our own user namespace", Explain(SysPtrace, Plain, isInitial: false));
    }

    [Fact]
    public void Proc_is_ours_when_it_knows_us_by_one_id_and_that_is_ours()
    {
        Assert.True(ProcMount.IsOurs(Parse("Tgid:\t5\nNSpid:\t5\n"), 5));
        Assert.True(ProcMount.IsOurs(Parse("Tgid:\t5\n"), 5));
        Assert.False(ProcMount.IsOurs(Parse("Tgid:\t4711\nNSpid:\t4711\t5\n"), 5));
        Assert.False(ProcMount.IsOurs(Parse("Tgid:\t5\nNSpid:\t5\t5\n"), 5));
        Assert.False(ProcMount.IsOurs(Parse("Tgid:\t6\nNSpid:\t6\n"), 5));
        Assert.False(ProcMount.IsOurs(Parse(""), 5));
    }
}
