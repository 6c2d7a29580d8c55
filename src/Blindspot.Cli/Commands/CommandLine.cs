using System.CommandLine;
using Blindspot.Cli.Terminal;

namespace Blindspot.Cli.Commands;

/// <summary>The whole command line: parses, runs, and turns whatever happens into an exit code.</summary>
internal static class CommandLine
{
    public const string Name = "blindspot";

    public static int Run(string[] args) => Run(args, new Pipelines());

    /// <param name="args">As the shell gave them.</param>
    /// <param name="pipelines">Make the reports.</param>
    public static int Run(string[] args, Pipelines pipelines) => ErrorBoundary.Run(() =>
    {
        // Asked for by scripts, and often: the answer needs no parser.
        if (args is ["--version"])
        {
            return PrintVersion();
        }

        var doctor = new DoctorCommand(pipelines.Doctor);
        var stacks = new StacksCommand(pipelines.Stacks);
        var signals = new SignalsCommand(pipelines.Signals);
        var cpu = new CpuCommand(pipelines.Cpu);
        var snapshot = new SnapshotCommand(pipelines.Stacks);
        var pprof = new PprofCommand(pipelines.Pprof);
        Option<bool> version = new("--version") { Description = "Print the version" };

        // Not a RootCommand: that is named after the file it runs from, and fails when a subcommand has the same name.
        var root = new Command(Name, "Explains a live process, or its core file, when Go and C meet in it") { doctor, stacks, signals, cpu, pprof, snapshot, version };
        Option<bool> help = new("--help", "-h", "-?") { Description = "Show this page", Recursive = true };
        root.Add(help);
        ParseResult result = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        Command command = result.CommandResult.Command;
        if (args.Length == 0 || result.GetValue(help))
        {
            return Print(output => HelpPage.Write(command, command == root ? null : Name, output));
        }

        if (result.Errors.Count > 0)
        {
            string path = command == root ? Name : Name + " " + command.Name;
            string problem = result.UnmatchedTokens is [string unknown, ..]
                ? $"'{unknown}' is no {(command == root ? "command" : "option or second argument")} of {path}."
                : result.Errors[0].Message;
            throw new UsageException(problem, path);
        }

        if (command == doctor)
        {
            return doctor.Run(result);
        }

        if (command == stacks)
        {
            return stacks.Run(result);
        }

        if (command == signals)
        {
            return signals.Run(result);
        }

        if (command == cpu)
        {
            return cpu.Run(result);
        }

        if (command == snapshot)
        {
            return snapshot.Run(result);
        }

        if (command == pprof)
        {
            return pprof.Run(result);
        }

        return result.GetValue(version) ? PrintVersion() : throw new UsageException("A command is missing.", Name);
    });

    private static int PrintVersion() => Print(output =>
    {
        string version = typeof(CommandLine).Assembly.GetName().Version?.ToString(3) ?? "unknown";
        output.Write(Name + " " + version);
        output.EndLine();
    });

    private static int Print(Action<StyledWriter> write)
    {
        using var output = new ReportOutput(null, noColour: false);
        output.WriteText(write);
        output.Commit();
        return ExitCode.Done;
    }
}
