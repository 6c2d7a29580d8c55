using System.CommandLine;
using Blindspot.Target.Saved;

namespace Blindspot.Cli.Commands;

/// <summary>The options that say what a saved snapshot holds.</summary>
internal sealed class SaveOptionSet
{
    public Option<bool> Full { get; } = new("--full")
    {
        Description = "Save heaps too: all memory that is resident",
    };

    public Option<bool> Redact { get; } = new("--redact")
    {
        Description = "Save no contents of memory, only addresses and structure",
    };

    public void AddTo(Command command)
    {
        command.Add(Full);
        command.Add(Redact);
    }

    public SaveOptions Of(ParseResult arguments) => new(arguments.GetValue(Full), arguments.GetValue(Redact));
}
