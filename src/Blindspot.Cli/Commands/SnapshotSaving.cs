using Blindspot.Cli.Terminal;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Saved;

namespace Blindspot.Cli.Commands;

/// <summary>A snapshot on its way into a file: what is read is noted, written at the end, and then it is said what the file holds.</summary>
internal sealed class SnapshotSaving : IDisposable
{
    /// <summary>The name that stands for standard output.</summary>
    public const string StandardOutput = "-";

    private readonly string _path;
    private readonly SaveOptions _options;
    private readonly ReportOutput _output;

    /// <param name="path">The file, or "-".</param>
    /// <param name="options">What it is to hold.</param>
    /// <exception cref="BlindspotException">It cannot be written.</exception>
    public SnapshotSaving(string path, SaveOptions options)
    {
        if (options is { IsFull: true, IsRedacted: true })
        {
            throw new BlindspotException("--full adds the contents of heaps and --redact leaves all contents out: choose one of them.");
        }

        if (path == StandardOutput && !Console.IsOutputRedirected)
        {
            throw new BlindspotException("A snapshot is no text for a terminal: redirect standard output into a file or a pipe, or name a file.");
        }

        _path = path;
        _options = options;
        _output = new ReportOutput(path == StandardOutput ? null : path, noColour: true);
        Log = new ReadLog { IsRedacted = options.IsRedacted };
    }

    public ReadLog Log { get; }

    /// <summary>What was written, for people; empty before <see cref="Write"/>.</summary>
    public IReadOnlyList<string> Sentences { get; private set; } = [];

    public void Write(Snapshot snapshot, IManagedRuntime? runtime, IProgress<string> progress, CancellationToken cancel)
    {
        progress.Report("saving");
        SavedSummary summary = default!;
        long length = 0;
        _output.WriteBytes(stream =>
        {
            var counting = new CountingStream(stream);
            summary = SnapshotWriter.Write(snapshot, _options, counting, Limits.Default, progress, cancel);
            length = counting.Length;
        });
        cancel.ThrowIfCancellationRequested();
        _output.Commit();
        Sentences = Describe(summary, length, runtime);
    }

    public void Dispose() => _output.Dispose();

    private List<string> Describe(SavedSummary summary, long length, IManagedRuntime? runtime)
    {
        string tasks = runtime is { Tasks: { Count: > 0 } all } ? ", " + Quantity.Of(all.Count, all[0].Kind) : "";
        string name = _path == StandardOutput ? "the snapshot" : _path;
        var sentences = new List<string>
        {
            $"saved {name}: {Quantity.OfBytes(length)}, {Quantity.Of(summary.Threads, "thread")}{tasks}, {Quantity.OfBytes((long)summary.MemoryBytes)} of memory before compression.",
            _options switch
            {
                { IsRedacted: true } => "It holds addresses and the structure of threads, stacks and runtime, names of functions and paths of code; contents of memory were left out.",
                { IsFull: true } => "It holds ALL memory of the process that was resident: whatever it works on, passwords and keys too. Treat it like a core file.",
                _ => "It holds contents of memory (stacks, the runtime's structures), which may show data that the program was working on; heaps, arguments and environment are not in it. --redact leaves all contents out.",
            },
        };
        if (summary.OmittedBytes > 0)
        {
            sentences.Add($"{Quantity.OfBytes((long)summary.OmittedBytes)} of the upper ends of deep stacks were left out; all frames that were found are in it.");
        }

        if (_path != StandardOutput)
        {
            sentences.Add($"'blindspot stacks {_path}' reads it, on any machine.");
        }

        return sentences;
    }
}
