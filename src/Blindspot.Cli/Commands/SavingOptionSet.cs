using System.CommandLine;
using Blindspot.Target.Saved;

namespace Blindspot.Cli.Commands;

/// <summary><c>--save</c> and what goes with it, for commands that write a report besides.</summary>
internal sealed class SavingOptionSet
{
    private readonly Option<string?> _saveTo = new("--save")
    {
        HelpName = "FILE",
        Description = "Save what was read, to be looked at on another machine ('blindspot snapshot' tells more)",
    };

    private readonly SaveOptionSet _save = new();

    public void AddTo(Command command)
    {
        command.Add(_saveTo);
        _save.AddTo(command);
    }

    /// <summary>Null where nothing is to be saved.</summary>
    /// <param name="arguments">As they were given.</param>
    /// <param name="command">Whose they are.</param>
    public SnapshotSaving? Of(ParseResult arguments, string command)
    {
        SaveOptions options = _save.Of(arguments);
        string path = CommandLine.Name + " " + command;
        return arguments.GetValue(_saveTo) is { } file ? file != SnapshotSaving.StandardOutput ? new SnapshotSaving(file, options)
                : throw new UsageException("Standard output has the report already: save into a file, or use 'blindspot snapshot -o -'.", path)
            : options is { IsFull: false, IsRedacted: false } ? null
            : throw new UsageException("--full and --redact say what a saved snapshot holds: add --save FILE.", path);
    }
}
