using Blindspot.Collect;
using Blindspot.Image;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Runtime;
using Blindspot.Target;
using Blindspot.Target.Core;
using Blindspot.Target.Saved;

namespace Blindspot.Cli.Commands;

/// <summary>What TARGET names, opened for any analysis: a snapshot, what is mapped into it, and the runtime found there.</summary>
internal sealed class OpenedTarget : IDisposable
{
    private readonly TargetProcess? _process;
    private readonly ImageCache _images = new();

    private OpenedTarget(TargetProcess? process, Snapshot snapshot)
    {
        _process = process;
        Snapshot = snapshot;
    }

    public Snapshot Snapshot { get; }

    public ModuleMap Modules { get; private set; } = ModuleMap.Empty;

    /// <summary>Null for a process without a runtime that is known.</summary>
    public IManagedRuntime? Runtime { get; private set; }

    /// <param name="request">What was asked for.</param>
    /// <param name="capture">How a live process is looked at.</param>
    /// <param name="log">Gets what is read, to be saved; null for nothing.</param>
    /// <param name="progress">Told what is being done, in a few words.</param>
    /// <param name="cancel">Set at Ctrl-C.</param>
    public static OpenedTarget Open(
        TargetRequest request, CaptureOptions capture, ReadLog? log, IProgress<string> progress, CancellationToken cancel)
    {
        progress.Report("reading " + request.Name);
        OpenedTarget target = File.Exists(request.Name) ? new OpenedTarget(null, OpenFile(request)) : OpenProcess(request, capture);
        try
        {
            target.Read(request.DebugFiles, log, progress, cancel);
            return target;
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    public bool IsLive => _process is not null;

    /// <summary>The process that is looked at; null for a core or saved snapshot.</summary>
    public TargetProcess? Process => _process;

    /// <summary>A second look at a live process, the caller's to dispose; null for anything else, and where it has ended.</summary>
    public Snapshot? LookAgain(CaptureOptions capture)
    {
        try
        {
            return _process is null ? null : LiveCapture.Watch(_process, capture, new GapLog(), Limits.Default);
        }
        catch (BlindspotException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        Snapshot.Dispose();
        _process?.Dispose();
        _images.Dispose();
    }

    private static Snapshot OpenFile(TargetRequest request)
    {
        var search = new FileSearch { ExecutablePath = request.ExecutablePath, Roots = request.Roots };
        Span<byte> start = stackalloc byte[16];
        using (FileByteSource? file = RegularFile.TryOpen(request.Name))
        {
            start = start[..(file?.Read(0, start) ?? 0)];
        }

        return SavedSnapshot.IsOne(start)
            ? SavedSnapshot.Open(request.Name, search, Limits.Default)
            : CoreSnapshot.Open(request.Name, search, Limits.Default);
    }

    private static OpenedTarget OpenProcess(TargetRequest request, CaptureOptions capture)
    {
        var process = TargetProcess.Open(request.Name);
        try
        {
            return new OpenedTarget(process, LiveCapture.Watch(process, capture, new GapLog(), Limits.Default));
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    private void Read(DebugFileRequest debugFiles, ReadLog? log, IProgress<string> progress, CancellationToken cancel)
    {
        if (log is not null)
        {
            Snapshot.LogReads(log);
        }

        progress.Report($"opening the files of {Snapshot.Threads.Count} threads");
        Modules = ModuleMap.Build(Snapshot, _images, Snapshot.Gaps, Limits.Default, debugFiles.ToSearch(Snapshot.Gaps, progress, cancel));
        cancel.ThrowIfCancellationRequested();
        progress.Report("reading the runtime");
        log?.IsReadingStructure = true;
        Runtime = RuntimeDetector.Detect(Snapshot, Modules, Limits.Default);
        log?.IsReadingStructure = false;
        cancel.ThrowIfCancellationRequested();
    }
}
