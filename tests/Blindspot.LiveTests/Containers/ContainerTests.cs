using Blindspot.LiveTests.Support;
using Blindspot.LiveTests.Target;

namespace Blindspot.LiveTests.Containers;

/// <summary>A program of Go and C in other namespaces than Blindspot's, and Blindspot in others than the host's.</summary>
public sealed class ContainerTests
{
    private const string Specimen = "crossed-deadlock";
    private const string NoMapFiles = "setpriv --bounding-set=-sys_admin,-checkpoint_restore";

    private static string Program => OpenCopies.Of(Support.Specimen.Build(Specimen, "1.27", "exe"));

    private static void AssertWhole(StacksJson report, string how)
    {
        Assert.Equal(how, report.How);
        Assert.Empty(ExpectedStacks.Of(Specimen).Compare(report).Differences);
        Assert.Equal("", report.Incomplete);
    }

    private static StacksJson Look(string launcher, params string[] arguments)
    {
        string[] words = [.. launcher.Split(' ', StringSplitOptions.RemoveEmptyEntries), OpenCopies.Blindspot, "stacks", .. arguments, "--json"];
        return StacksJson.Of(ToolRun.Start(words[0], words[1..]), string.Join(' ', words));
    }

    private static string Refusal(params string[] words)
    {
        ToolRun run = ToolRun.Start(words[0], words[1..]);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Equal(1, run.Error.AsSpan().Count('\n'));
        return run.Error;
    }

    /// <summary>Thread ids in memory (of Go's Ms) are those of the container: only translated ones join tasks and threads.</summary>
    [Theory]
    [InlineData("watch", "")]
    [InlineData("proc", "")]
    [InlineData("stop", "")]
    [InlineData("watch", NoMapFiles)]
    public void A_container_is_seen_from_the_host(string how, string launcher)
    {
        using Container container = Container.Start(Program);
        StacksJson report = Look(launcher, $"{container.Pid}", "--how", how);
        AssertWhole(report, how);
        Assert.Empty(report.Gaps);
        Assert.Equal($"/app/{Specimen}", report.Root.GetProperty("target").GetProperty("executable").GetString());
        Assert.All(report.Threads, thread => Assert.InRange(thread.Json.GetProperty("innerTid").GetInt32(), 1, 100));
        Assert.Contains(report.Threads, thread => thread.Json.GetProperty("innerTid").GetInt32() == 1 && thread.Json.GetProperty("tid").GetInt32() == container.Pid);
        Assert.True(container.IsRunning);
    }

    [Theory]
    [InlineData("watch", "")]
    [InlineData("watch", "mount -t sysfs none /sys;")]
    [InlineData("proc", "")]
    [InlineData("stop", "")]
    [InlineData("stop", "mount -o remount,ro /;")]
    public void Within_the_container_it_is_process_1(string how, string prepare)
    {
        using Container container = Container.Start(Program, prepare);
        StacksJson report = StacksJson.Of(container.RunInside("--mount --pid", "stacks", "1", "--json", "--how", how), how);

        // BPF needs the kernel's types, which it finds in /sys.
        bool isWithoutTypes = how == "watch" && prepare.Length == 0;
        AssertWhole(report, isWithoutTypes ? "proc" : how);
        Assert.Equal(isWithoutTypes ? ["watch-unavailable"] : [], report.GapKinds);
        Assert.Equal(1, report.Root.GetProperty("target").GetProperty("pid").GetInt32());
    }

    /// <summary>A sidecar has the target's PID namespace and its own files.</summary>
    [Fact]
    public void Within_its_PID_namespace_alone_its_files_are_found_in_its_root()
    {
        using Container container = Container.Start(Program);
        StacksJson report = StacksJson.Of(
            ToolRun.Start(
                "nsenter",
                ["--target", $"{container.Pid}", "--pid", "unshare", "--mount", "sh", "-c", "mount -t proc proc /proc; exec \"$@\"", "sh", OpenCopies.Blindspot, "stacks", "1", "--json"]),
            "sidecar");
        AssertWhole(report, "watch");
        Assert.Empty(report.Gaps);
    }

    [Fact]
    public void In_nested_PID_namespaces_each_sees_its_own_ids()
    {
        Needs.Root();
        string[] unshare = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];
        string[] words = [.. unshare, "sh", "-c", "\"$@\"; exit", "sh", .. unshare, Program];
        using LaunchedTarget target = LaunchedTarget.Start(Program, words);
        string[] ids = Shell.StatusField(target.Pid, "NSpid").Split('\t');
        Assert.Equal(3, ids.Length);
        StacksJson fromOutside = Look("", $"{target.Pid}");
        AssertWhole(fromOutside, "watch");
        Assert.Contains(fromOutside.Threads, thread => thread.Json.GetProperty("innerTid").GetInt32() == 1);

        int middle = int.Parse(Shell.StatusField(target.Pid, "PPid"));
        string shell = Shell.StatusField(middle, "PPid");
        StacksJson fromBetween = Look($"nsenter --target {shell} --pid --mount", ids[1]);
        AssertWhole(fromBetween, "watch");
        Assert.Equal(ids[1], fromBetween.Root.GetProperty("target").GetProperty("pid").ToString());
    }

    [Theory]
    [InlineData("watch")]
    [InlineData("stop")]
    public void In_a_user_namespace_as_mapped_root(string how)
    {
        Needs.Root();
        const string nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";
        using LaunchedTarget target = LaunchedTarget.Start(
            Program, [.. nobody.Split(' '), "unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc", Program]);
        AssertWhole(Look("", $"{target.Pid}", "--how", how), how);

        // Its own user may, and root of its own namespace; BPF is for the host's root.
        AssertWhole(Look(nobody, $"{target.Pid}", "--how", how), how == "watch" ? "proc" : how);
        AssertWhole(Look($"nsenter --target {target.Pid} --user --pid --mount", "1", "--how", how), how == "watch" ? "proc" : how);
        using LaunchedTarget outside = LaunchedTarget.Start(Program, [.. nobody.Split(' '), Program]);
        Assert.Contains(
            "CAP_SYS_PTRACE only within our own user namespace",
            Refusal([.. nobody.Split(' '), "unshare", "--user", "--map-root-user", OpenCopies.Blindspot, "stacks", $"{outside.Pid}"]));
    }

    [Theory]
    [InlineData("unshare --pid --fork", "that of another PID namespace, one around ours")]
    [InlineData("unshare --mount sh -c 'unshare --pid --fork mount -t proc proc /proc; exec \"$@\"' sh", "in which we are not")]
    [InlineData("unshare --mount sh -c 'umount -l /proc; exec \"$@\"' sh", "/proc is not mounted here")]
    public void A_proc_that_is_not_ours_is_refused(string launcher, string expected)
    {
        Needs.Root();
        Assert.Contains(expected, Refusal("sh", "-c", $"{launcher} \"$@\"", "sh", OpenCopies.Blindspot, "stacks", "1"));
    }

    [Theory]
    [InlineData("hidepid=2")]
    [InlineData("hidepid=1")]
    public void A_process_that_proc_hides_is_told_from_one_that_is_not_there(string option)
    {
        Needs.Root();
        using LaunchedTarget target = LaunchedTarget.Start(Program, Program);
        string script = $"mount -t proc -o {option} proc /proc; exec setpriv --reuid=65534 --regid=65534 --clear-groups \"$@\"";
        Assert.Contains(
            "hides it from user 65534 (it is mounted with hidepid)",
            Refusal("unshare", "--mount", "sh", "-c", script, "sh", OpenCopies.Blindspot, "stacks", $"{target.Pid}"));
        Assert.Contains(
            "There is no process 4194000",
            Refusal("unshare", "--mount", "sh", "-c", script, "sh", OpenCopies.Blindspot, "stacks", "4194000"));
    }
}
