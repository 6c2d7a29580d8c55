using System.CommandLine;
using Blindspot.Cli.Terminal;

namespace Blindspot.Cli.Commands;

/// <summary>What <c>--help</c> shows.</summary>
internal static class HelpPage
{
    private const string TargetExplained =
        "TARGET is a PID, the name of a process that runs once, a core file (of the kernel or of gcore), or a snapshot that was saved; for the last two --exe names the executable where that has moved, and --root a directory with the target's files. Looking at a process of somebody else takes root or CAP_SYS_PTRACE.";

    private const string DebugFilesExplained =
        "Names and lines of stripped programs come from debug files in the target's root or on this machine, found by build ID, and from debuginfod servers where DEBUGINFOD_URLS names them.";

    private const string ExitCodes =
        "Exit codes: 0 done; 1 a finding at or above --fail-on; 2 it could not be done, and standard error says why.";

    private static readonly (string Command, string What)[] RootExamples =
    [
        ("blindspot doctor 4711", "what is wrong, who is to blame, what to do"),
        ("blindspot stacks 4711", "every goroutine and thread, equal stacks in groups"),
        ("blindspot stacks ledger --threads", "a line for each thread, like top"),
        ("blindspot signals ledger", "what every signal does, and who took it"),
        ("blindspot cpu ledger", "where CPU time goes, through Go and C"),
        ("blindspot stacks core.4711 --json -o stacks.json", "everything, for a program to read"),
    ];

    private static readonly (string Command, string What)[] DoctorExamples =
    [
        ("blindspot doctor 4711", "what is wrong, who is to blame, what to do"),
        ("blindspot doctor 4711 --json --fail-on error", "for a program to read, and to act upon"),
        ("blindspot doctor api.snapshot", "a saved snapshot or a core, as far as one look goes"),
    ];

    private static readonly (string Command, string What)[] StacksExamples =
    [
        ("blindspot stacks 4711", "the whole, equal stacks in groups"),
        ("blindspot stacks 4711 --function 'SSL_*'", "only stacks that run through OpenSSL"),
        ("blindspot stacks 4711 --goroutine 17 --all-frames", "one goroutine, nothing folded"),
        ("blindspot stacks core.4711 --exe ./ledger --json", "a core file, for a program to read"),
    ];

    private static readonly (string Command, string What)[] SignalsExamples =
    [
        ("blindspot signals 4711", "what is not as the runtime needs it, and the rest in a line"),
        ("blindspot signals 4711 --all", "every handler and every thread's mask and alternate stack"),
        ("blindspot signals 4711 --how stop", "where BPF can't be used: a thread is stopped and asked"),
        ("blindspot signals 4711 --json --fail-on error", "for a program to read, and to act upon"),
    ];

    private static readonly (string Command, string What)[] CpuExamples =
    [
        ("blindspot cpu 4711", "ten seconds, what costs most"),
        ("blindspot cpu 4711 --duration 30s -o cpu.html", "a flame graph, in one page"),
        ("blindspot cpu 4711 -o cpu.pb.gz", "for 'go tool pprof' and all that reads its format"),
        ("blindspot cpu 4711 --boundary", "what each call from Go into C costs"),
        ("blindspot cpu 4711 --exclude 'libc.so.*'", "without the C library's frames; the samples stay"),
    ];

    private static readonly (string Command, string What)[] SnapshotExamples =
    [
        ("blindspot snapshot 4711 -o api.snapshot", "threads, stacks and the runtime's structures: a file of some hundred KiB or a few MiB"),
        ("blindspot snapshot 4711 -o api.snapshot --redact", "without any contents of memory"),
        ("blindspot snapshot core.4711 -o core.snapshot", "what matters of a core"),
        ("kubectl exec POD -- blindspot snapshot 1 -o - > pod.snapshot", "out of a container"),
        ("blindspot stacks api.snapshot", "and look at it, on any machine"),
    ];

    private static readonly (string Command, string What)[] PprofExamples =
    [
        ("blindspot pprof cpu.pb.gz", "the dearest functions, C by name, and what the profile does not show"),
        ("blindspot pprof 'http://localhost:6060/debug/pprof/profile?seconds=30'", "from a service"),
        ("blindspot pprof a.pb.gz b.pb.gz -o both.pb.gz", "several in one, with names, for any tool that reads pprof"),
        ("blindspot pprof heap.pb.gz --value alloc_space --root /mnt/image", "with files of another machine"),
    ];

    private const string ProfilesExplained =
        "Profiles in pprof's format, gzipped or not, in files or at addresses of http and https; several are put together. Addresses in native code get names from the file that was mapped there, which must have the build ID that the profile tells.";

    public static void Write(Command command, string? parent, StyledWriter output)
    {
        bool isRoot = parent is null;
        Paragraph(output, command.Description + ".");
        if (isRoot)
        {
            output.EndLine();
            Paragraph(output, "It sees whole stacks, from Go through cgo into C and back, where Go's own tools go blind. The program needs no change, no restart and no rebuild, and runs on undisturbed.");
        }

        Title(output, "Usage");
        string arguments = string.Concat(command.Arguments.Select(static argument => " " + argument.Name));
        Paragraph(output, isRoot ? $"{command.Name} COMMAND TARGET [options]" : $"{parent} {command.Name}{arguments} [options]", 2);
        if (command.Subcommands.Count > 0)
        {
            Title(output, "Commands");
            Table(output, command.Subcommands.Select(static sub => (sub.Name + (sub is PprofCommand ? " FILE" : " TARGET"), sub.Description ?? "")));
        }

        Title(output, "Examples");
        Table(output, ExamplesOf(command, isRoot));
        bool isProfile = command is PprofCommand;
        Title(output, isProfile ? "Profiles" : "Target");
        Paragraph(output, isProfile ? ProfilesExplained : TargetExplained, 2);
        Paragraph(output, DebugFilesExplained, 2);
        Title(output, "Options");
        Table(output, OptionsOf(command, isRoot));
        output.EndLine();
        Paragraph(output, isRoot ? "'blindspot COMMAND --help' tells of the command's own options. " + ExitCodes : ExitCodes);
    }

    private static (string Command, string What)[] ExamplesOf(Command command, bool isRoot) => command switch
    {
        _ when isRoot => RootExamples,
        DoctorCommand => DoctorExamples,
        SignalsCommand => SignalsExamples,
        CpuCommand => CpuExamples,
        SnapshotCommand => SnapshotExamples,
        PprofCommand => PprofExamples,
        _ => StacksExamples,
    };

    private static IEnumerable<(string, string)> OptionsOf(Command command, bool isRoot)
    {
        IEnumerable<Option> options = isRoot
            ? command.Options
            : command.Options.Concat(command.Parents.OfType<Command>().SelectMany(static parent => parent.Options).Where(static option => option.Recursive));
        foreach (Option option in options)
        {
            string aliases = string.Concat(option.Aliases.Where(static alias => alias != "-?").Select(static alias => ", " + alias));
            string value = option.HelpName is { } name ? " " + name : "";
            yield return (option.Name + aliases + value, option.Description ?? "");
        }
    }

    private static void Title(StyledWriter output, string title)
    {
        output.EndLine();
        output.Write(new StyledText(title, Style.Strong));
        output.EndLine();
    }

    private static void Table(StyledWriter output, IEnumerable<(string Left, string Right)> rows)
    {
        (string Left, string Right)[] all = [.. rows];
        int column = 4 + all.Max(static row => row.Left.Length);
        bool isStacked = output.Width - column < 24;
        foreach ((string left, string right) in all)
        {
            output.PadTo(2);
            output.Write(left);
            if (isStacked)
            {
                output.EndLine();
            }

            Paragraph(output, right, isStacked ? 6 : column);
        }
    }

    private static void Paragraph(StyledWriter output, string text, int indent = 0)
    {
        output.PadTo(indent);
        output.WriteWords(indent, text, Style.Plain);
    }
}
