using System.CommandLine;

namespace Blindspot.Cli.Commands;

/// <summary>The argument and options that every command about a target has.</summary>
internal sealed class CommonOptions
{
    public Argument<string> Target { get; } = new("TARGET")
    {
        Description = "A PID, a process name, a core file or a saved snapshot",
    };

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Write everything as JSON (a stable, versioned schema)",
    };

    public Option<string?> Output { get; } = new("--output", "-o")
    {
        HelpName = "FILE",
        Description = "Write to FILE, which is whole or not there at all",
    };

    public Option<bool> NoColour { get; } = new("--no-color")
    {
        Description = "No colours (there are none in a pipe, or with NO_COLOR set)",
    };

    public Option<string?> FailOn { get; } = ChoiceOption("--fail-on", "Exit with 1 at a finding this serious", "warning", "error");

    public Option<string?> Executable { get; } = new("--exe")
    {
        HelpName = "PATH",
        Description = "The executable, where it can't be found",
    };

    public Option<string[]> Roots { get; } = new("--root")
    {
        HelpName = "DIR",
        Description = "A directory with the target's files, as an unpacked image has them (for cores and snapshots)",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    public DebugFileOptionSet DebugFiles { get; } = new();

    /// <summary>Where files are that belong to the target.</summary>
    public void AddFileOptionsTo(Command command)
    {
        command.Add(Executable);
        command.Add(Roots);
        DebugFiles.AddTo(command);
    }

    public TargetRequest TargetOf(ParseResult arguments, LiveOptionSet live) => new(
        arguments.GetRequiredValue(Target),
        arguments.GetValue(Executable),
        arguments.GetValue(Roots) ?? [],
        arguments.GetValue(live.How))
    {
        DebugFiles = DebugFiles.Of(arguments),
    };

    public void AddTo(Command command)
    {
        command.Add(Json);
        command.Add(Output);
        command.Add(NoColour);
        command.Add(FailOn);
    }

    /// <summary>An option whose help names its values.</summary>
    public static Option<string?> ChoiceOption(string name, string description, params string[] values)
    {
        Option<string?> option = new(name) { HelpName = string.Join('|', values), Description = description };
        option.Validators.Add(result =>
        {
            string value = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (!values.Contains(value))
            {
                result.AddError($"{name} takes {string.Join(", ", values[..^1])} or {values[^1]}, not '{value}'.");
            }
        });
        return option;
    }
}
