using System.Text;
using Blindspot.LiveTests.Support;
using Blindspot.LiveTests.Target;

namespace Blindspot.LiveTests.Containers;

/// <summary>
/// What works with which privileges. The table of docs/privileges.md is what was measured, and must be measured again;
/// with BLINDSPOT_WRITE=1 (./dev privileges) it is written instead.
/// </summary>
public sealed class PrivilegesTests
{
    private const string Specimen = "crossed-deadlock";
    private const string Begin = "<!-- measured -->\n";
    private const string End = "<!-- /measured -->\n";
    private const string AsNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";
    private const string AsDaemon = "setpriv --reuid=1 --regid=1 --clear-groups";
    private const string DockerCapabilities =
        "-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap";

    private static readonly (string Who, string Launcher, Whose Whose)[] Rows =
    [
        ("root", "", Whose.User),
        ("root without CAP_SYS_PTRACE", Without("sys_ptrace"), Whose.User),
        ("root without CAP_BPF", Without("bpf"), Whose.User),
        ("root without CAP_PERFMON", Without("perfmon"), Whose.User),
        ("root without CAP_SYS_ADMIN", Without("sys_admin"), Whose.User),
        ("root without CAP_SYS_ADMIN, CAP_BPF", Without("sys_admin,-bpf"), Whose.User),
        ("root without CAP_SYS_ADMIN, CAP_PERFMON", Without("sys_admin,-perfmon"), Whose.User),
        ("root without CAP_CHECKPOINT_RESTORE", Without("checkpoint_restore"), Whose.User),
        ("root without CAP_SYS_ADMIN, CAP_CHECKPOINT_RESTORE", Without("sys_admin,-checkpoint_restore"), Whose.User),
        ("root without CAP_DAC_READ_SEARCH", Without("dac_read_search"), Whose.User),
        ("root without CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH", Without("dac_override,-dac_read_search"), Whose.User),
        ("root without CAP_SYS_RESOURCE", Without("sys_resource"), Whose.User),
        ("root without CAP_SYS_NICE", Without("sys_nice"), Whose.User),
        ("root with CAP_SYS_PTRACE alone", Only("sys_ptrace"), Whose.User),
        ("root with CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH", Only("sys_ptrace,+dac_read_search"), Whose.User),
        ("root without any capability", Only(""), Whose.User),
        ("root without any capability", Only(""), Whose.RootWithoutCapabilities),
        ("root with docker's default capabilities", $"setpriv --bounding-set={DockerCapabilities}", Whose.User),
        ("the same with CAP_SYS_PTRACE (--cap-add)", $"setpriv --bounding-set={DockerCapabilities},+sys_ptrace", Whose.User),
        ("the same with CAP_BPF, CAP_PERFMON too", $"setpriv --bounding-set={DockerCapabilities},+sys_ptrace,+bpf,+perfmon", Whose.User),
        ("root behind a filter that forbids bpf", Filtered("bpf"), Whose.User),
        ("root behind a filter that forbids process_vm_readv", Filtered("process_vm_readv"), Whose.User),
        ("root behind a filter that forbids ptrace", Filtered("ptrace"), Whose.User),
        ("root behind a filter that forbids all three", Filtered("bpf,process_vm_readv,ptrace"), Whose.User),
        ("its own user", AsNobody, Whose.User),
        ("another user", AsDaemon, Whose.User),
        ("another user with CAP_SYS_PTRACE", With("sys_ptrace"), Whose.User),
        ("another user with CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH", With("sys_ptrace,+dac_read_search"), Whose.User),
        ("another user with CAP_SYS_PTRACE, CAP_BPF, CAP_PERFMON", With("sys_ptrace,+bpf,+perfmon"), Whose.User),
        ("the same with CAP_DAC_READ_SEARCH, CAP_CHECKPOINT_RESTORE", With("sys_ptrace,+bpf,+perfmon,+dac_read_search,+checkpoint_restore"), Whose.User),
        ("a user", AsNobody, Whose.Root),
        ("a user as root of a user namespace of his own", AsNobody + " unshare --user --map-root-user", Whose.User),
    ];

    private enum Whose
    {
        User,
        Root,
        RootWithoutCapabilities,
    }

    private static bool IsWriting => Environment.GetEnvironmentVariable("BLINDSPOT_WRITE") == "1";

    private static string Document => Repository.InRoot("docs", "privileges.md");

    [Fact]
    public void The_table_is_what_is_measured()
    {
        Needs.Root();
        Assert.SkipUnless(IsWriting || Environment.OSVersion.Version >= new Version(6, 1), "the table is of a kernel from 6.1 on");
        Assert.SkipWhen(File.Exists("/proc/sys/kernel/yama/ptrace_scope"), "the table is of a kernel without Yama");
        Assert.SkipUnless(File.ReadAllText("/proc/sys/kernel/unprivileged_bpf_disabled").Trim() != "0", "the table is of a machine where BPF takes privileges");

        string program = Support.Specimen.Build(Specimen, "1.27", "exe");
        using LaunchedTarget ofUser = StartDeleted(program, AsNobody);
        using LaunchedTarget ofRoot = StartDeleted(program, "");
        using LaunchedTarget ofWeakRoot = StartDeleted(program, Only(""));
        StringBuilder table = new();
        StringBuilder sentences = new();
        table.Append("| Blindspot runs as | process of | way | whole stacks | deleted files | `--how stop` | gaps |\n|---|---|---|---|---|---|---|\n");
        foreach ((string who, string launcher, Whose whose) in Rows)
        {
            LaunchedTarget target = whose switch { Whose.User => ofUser, Whose.Root => ofRoot, _ => ofWeakRoot };
            string owner = whose switch { Whose.User => "a user", Whose.Root => "root", _ => "root, without capabilities" };
            table.Append($"| {who} | {owner} | {Measure(launcher, target.Pid, sentences, who)} |\n");
            Assert.True(target.IsRunning, $"{who}: the target is gone");
        }

        string measured = $"{Begin}{table}\nWhat is said where it is refused:\n\n{sentences}{End}";
        string text = File.Exists(Document) ? File.ReadAllText(Document) : Begin + End;
        int from = text.IndexOf(Begin, StringComparison.Ordinal);
        int to = text.IndexOf(End, StringComparison.Ordinal) + End.Length;
        if (IsWriting)
        {
            File.WriteAllText(Document, text[..from] + measured + text[to..]);
        }
        else
        {
            Assert.Equal(text[from..to], measured);
        }
    }

    private static string Measure(string launcher, int pid, StringBuilder sentences, string who)
    {
        ToolRun look = Run(launcher, pid, "--json");
        ToolRun stop = Run(launcher, pid, "--how", "stop", "--json");
        string stopped = stop.ExitCode == 0 ? StacksJson.Of(stop, who).How == "stop" ? "yes" : "?" : "no";
        if (look.ExitCode != 0)
        {
            Assert.Equal((2, 2), (look.ExitCode, stop.ExitCode));
            AddSentence(look);
            return $"refused | | | {stopped} |";
        }

        if (stop.ExitCode != 0)
        {
            AddSentence(stop);
        }

        StacksJson report = StacksJson.Of(look, who);
        System.Text.Json.JsonElement quality = report.Root.GetProperty("quality");
        string read = report.GapKinds.Contains("mapped-file-unavailable") ? "no" : "yes";

        // How many there are in all is a matter of the machine's processors.
        string whole = quality.GetProperty("complete").GetInt32() == quality.GetProperty("stacks").GetInt32() ? "all" : "some";
        return $"{report.How} | {whole} | {read} | {stopped} | {string.Join(", ", report.GapKinds.Where(kind => kind != "file-missing").Distinct())}";

        void AddSentence(ToolRun run)
        {
            Assert.Equal(1, run.Error.AsSpan().Count('\n'));
            sentences.Append($"- {who}: “{run.Error.Replace("blindspot: ", "", StringComparison.Ordinal).Replace($"{pid}", "PID", StringComparison.Ordinal).Trim()}”\n");
        }
    }

    private static ToolRun Run(string launcher, int pid, params string[] options)
    {
        string[] words = [.. launcher.Split(' ', StringSplitOptions.RemoveEmptyEntries), OpenCopies.Blindspot, "stacks", $"{pid}", .. options];
        return ToolRun.Start(words[0], words[1..]);
    }

    /// <summary>A program whose file is gone, so that only map_files still has it.</summary>
    private static LaunchedTarget StartDeleted(string program, string launcher)
    {
        string copy = OpenCopies.Fresh(program);
        LaunchedTarget target = LaunchedTarget.Start(copy, [.. launcher.Split(' ', StringSplitOptions.RemoveEmptyEntries), copy]);
        File.Delete(copy);
        return target;
    }

    private static string Without(string capabilities) => $"setpriv --bounding-set=-{capabilities}";

    private static string Only(string capabilities) => $"setpriv --bounding-set=-all{(capabilities.Length == 0 ? "" : ",+" + capabilities)}";

    private static string With(string capabilities) => $"{AsDaemon} --inh-caps=+{capabilities} --ambient-caps=+{capabilities}";

    private static string Filtered(string calls) => $"{CProgram.Compile("without")} 1 {calls}";
}
