using System.Diagnostics;
using Blindspot.Collect;
using Blindspot.Image;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Runtime;
using Blindspot.Symbols;
using Blindspot.Target;
using Blindspot.Target.Live;
using Blindspot.Unwind;

namespace Blindspot.LiveTests.Sampling;

/// <summary>A process whose samples are unwound as they come.</summary>
internal sealed class SampledProcess : IDisposable
{
    private readonly TargetProcess _process;
    private readonly LiveSnapshot _snapshot;
    private readonly ImageCache _images = new();
    private readonly IManagedRuntime? _runtime;
    private readonly SampleMemory _memory;
    private readonly StackUnwinder _unwinder;
    private readonly Symbolizer _symbolizer;
    private readonly Dictionary<FrameAddress, string> _names = [];
    private readonly CpuSampler _sampler;
    private readonly UnwoundStack _stack = new();
    private readonly List<TimeSpan> _readTimes = [];
    private readonly List<TimeSpan> _unwindTimes = [];
    private readonly SampleRecord _record = new();

    public SampledProcess(int pid, CpuSamplerOptions options, bool withHints = true)
    {
        _process = TargetProcess.Open(pid);
        var gaps = new GapLog();
        _snapshot = LiveCapture.Watch(_process, new CaptureOptions(), gaps, Limits.Default);
        ModuleMap modules = ModuleMap.Build(_snapshot, _images, gaps, Limits.Default);
        _runtime = RuntimeDetector.Detect(_snapshot, modules, Limits.Default);
        RuntimeStackHints? hints = withHints ? _runtime?.StackHints : null;
        _memory = new SampleMemory(_snapshot.Memory, hints);
        _unwinder = new StackUnwinder(modules, new ModuleCallFrames(gaps), _memory, _runtime?.StackSteps, Limits.Default);
        _symbolizer = new Symbolizer(_snapshot, _runtime, Limits.Default);
        _sampler = CpuSampler.Start(_process, options, hints);
    }

    public List<SampledStack> Stacks { get; } = [];

    public SamplerCounts Counts { get; private set; }

    /// <summary>How long it took to read a sample, for half of them.</summary>
    public TimeSpan MedianRead => Median(_readTimes);

    public TimeSpan MedianUnwind => Median(_unwindTimes);

    public long OutsideReads { get; private set; }

    public void Run(TimeSpan duration)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < duration;)
        {
            _sampler.Wait(TimeSpan.FromMilliseconds(20));
            ReadAll();
        }

        _sampler.Stop();
        ReadAll();
        Counts = _sampler.Counts;
    }

    public void Dispose()
    {
        _sampler.Dispose();
        _snapshot.Dispose();
        _images.Dispose();
        _process.Dispose();
    }

    private void ReadAll()
    {
        while (true)
        {
            long started = Stopwatch.GetTimestamp();
            if (!_sampler.TryRead(_record))
            {
                return;
            }

            long read = Stopwatch.GetTimestamp();
            _memory.Use(_record);
            _unwinder.UnwindThread(_record.Registers, _record.ThreadPointer, _record.Worker, _memory, _stack);
            long unwound = Stopwatch.GetTimestamp();
            _readTimes.Add(Stopwatch.GetElapsedTime(started, read));
            _unwindTimes.Add(Stopwatch.GetElapsedTime(read, unwound));
            OutsideReads += _memory.OutsideReads;
            Stacks.Add(new SampledStack(
                _record.ThreadName,
                _record.Tid,
                _record.TaskId,
                _record.Weight,
                _record.IsInKernel,
                _stack.End,
                _stack.EndAddress,
                [.. _stack.Frames.Select(NameOf)]));
        }
    }

    private static TimeSpan Median(List<TimeSpan> times) => times.Count == 0 ? default : times.Order().ElementAt(times.Count / 2);

    private string NameOf(UnwoundFrame frame)
    {
        if (!_names.TryGetValue(frame.Address, out string? name))
        {
            List<SymbolFrame> found = [];
            _symbolizer.Resolve(frame.Address, frame.Module, found);
            name = found.Count > 0 ? found[^1].Function ?? "?" : "?";
            _names[frame.Address] = name;
        }

        return name;
    }
}

/// <param name="Functions">Leaf first; of inlined ones the outermost.</param>
internal sealed record SampledStack(
    string Thread, int Tid, long Task, ulong Weight, bool IsInKernel, StackEnd End, TargetAddress EndAddress, IReadOnlyList<string> Functions)
{
    public override string ToString() =>
        $"{Thread} ({Tid}) task {Task}{(IsInKernel ? " in kernel" : "")}: {End} at {EndAddress}: {string.Join(" < ", Functions)}";
}
