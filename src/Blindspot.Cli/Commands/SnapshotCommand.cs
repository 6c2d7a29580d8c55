using System.CommandLine;
using Blindspot.Analysis.Stacks;
using Blindspot.Cli.Terminal;

namespace Blindspot.Cli.Commands;

/// <summary><c>blindspot snapshot TARGET -o FILE</c>: what all analyses need, to be read elsewhere.</summary>
internal sealed class SnapshotCommand : Command
{
    private readonly CommonOptions _common = new();
    private readonly LiveOptionSet _live = new();
    private readonly SaveOptionSet _save = new();

    private readonly Option<string?> _output = new("--output", "-o")
    {
        HelpName = "FILE",
        Description = "Where to save it, whole or not at all; - for standard output",
    };

    private readonly Func<StacksRequest, IProgress<string>, CancellationToken, StacksReport> _pipeline;

    public SnapshotCommand(Func<StacksRequest, IProgress<string>, CancellationToken, StacksReport> pipeline)
        : base("snapshot", "Save what was seen of a process into a small file, to be looked at on another machine")
    {
        _pipeline = pipeline;
        Add(_common.Target);
        Add(_output);
        _save.AddTo(this);
        _live.AddTo(this);
        _common.AddFileOptionsTo(this);
    }

    public int Run(ParseResult arguments)
    {
        string path = arguments.GetValue(_output)
            ?? throw new UsageException("Where to save the snapshot is missing: add -o FILE, or -o - for standard output.", "blindspot snapshot");
        using var interruption = new Interruption();
        using var saving = new SnapshotSaving(path, _save.Of(arguments));
        var request = new StacksRequest(_common.TargetOf(arguments, _live), arguments.GetValue(_live.Exact), saving);
        using (var progress = new ProgressLine())
        {
            // What the analyses read is what is saved.
            _pipeline(request, progress, interruption.Token);
        }

        StandardError.WriteSentences(saving.Sentences);
        return ExitCode.Done;
    }
}
