using System.CommandLine;

namespace Blindspot.Cli.Commands;

/// <summary>How a live process is looked at.</summary>
internal sealed class LiveOptionSet
{
    public Option<string?> How { get; } = CommonOptions.ChoiceOption(
        "--how", "How to read a live process; 'stop' stops it for that time", "watch", "proc", "stop");

    public Option<bool> Exact { get; } = new("--exact")
    {
        Description = "Stop the threads that run, one at a time for 1-2 ms, so that their stacks are exact",
    };

    public void AddTo(Command command)
    {
        command.Add(How);
        command.Add(Exact);
    }
}
