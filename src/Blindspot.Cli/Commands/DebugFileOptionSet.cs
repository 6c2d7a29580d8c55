using System.CommandLine;
using Blindspot.Image.Debuginfod;

namespace Blindspot.Cli.Commands;

/// <summary>The options of where debug information is looked for.</summary>
internal sealed class DebugFileOptionSet
{
    private readonly Option<string[]> _directories = new("--debug-dir")
    {
        HelpName = "DIR",
        Description = "A directory of debug files laid out like /usr/lib/debug, searched before that",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<bool> _noDebuginfod = new("--no-debuginfod")
    {
        Description = "Ask no server for debug files, even if DEBUGINFOD_URLS names some",
    };

    public void AddTo(Command command)
    {
        command.Add(_directories);
        command.Add(_noDebuginfod);
    }

    public DebugFileRequest Of(ParseResult arguments) => new(
        Array.ConvertAll(arguments.GetValue(_directories) ?? [], Path.GetFullPath),
        arguments.GetValue(_noDebuginfod) ? null : DebuginfodSettings.FromEnvironment(Environment.GetEnvironmentVariable));
}
