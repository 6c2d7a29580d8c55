using Blindspot.Analysis.Profiles;
using Blindspot.Arch.X64;
using Blindspot.Collect;
using Blindspot.Image;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Symbols;
using Blindspot.Target;
using Blindspot.Unwind;

namespace Blindspot.Analysis.Cpu;

/// <summary>
/// Makes a profile of samples: each is walked as it comes, through C and Go alike, by the unwinder that walks snapshots; equal
/// stacks of a thread and task are counted together; names are looked for at the end.
/// </summary>
public sealed class CpuAnalysis
{
    private readonly Snapshot _snapshot;
    private readonly IManagedRuntime? _runtime;
    private readonly Limits _limits;
    private readonly SampleMemory _memory;
    private readonly WindowedMemory _windows;
    private readonly StackUnwinder _unwinder;
    private readonly UnwoundStack _stack = new();
    private readonly RawFrameTable _frames = new();
    private readonly RawStackTable _stacks;
    private readonly Dictionary<Key, (long Samples, long Nanoseconds)> _counts = [];
    private readonly Dictionary<int, string> _threadNames = [];
    private readonly Dictionary<StackEnd, long> _ends = [];
    private readonly Dictionary<long, RuntimeTask> _tasks = [];
    private long _samples;
    private long _complete;

    /// <param name="snapshot">The process as it was when sampling began; its memory answers what samples do not hold.</param>
    /// <param name="hints">With which the samples are taken; null for a process without a runtime that is known.</param>
    public CpuAnalysis(Snapshot snapshot, ModuleMap modules, IManagedRuntime? runtime, RuntimeStackHints? hints, Limits limits)
    {
        _snapshot = snapshot;
        _runtime = runtime;
        _limits = limits;
        _memory = new SampleMemory(snapshot.Memory, hints);
        _windows = new WindowedMemory(_memory);
        _unwinder = new StackUnwinder(modules, new ModuleCallFrames(snapshot.Gaps), _windows, runtime?.StackSteps, limits);
        _stacks = new RawStackTable(_frames);
        foreach (RuntimeTask task in runtime?.Tasks ?? [])
        {
            _tasks[task.Id] = task;
        }
    }

    public void Take(SampleRecord sample)
    {
        _memory.Use(sample);
        _windows.Forget();
        _unwinder.UnwindThread(new X64ThreadState(sample.Registers, -1, sample.ThreadPointer, 0), sample.Worker, _windows, _stack);
        _samples++;
        if (_stack.End == StackEnd.Complete)
        {
            _complete++;
        }
        else
        {
            _ends[_stack.End] = _ends.GetValueOrDefault(_stack.End) + 1;
        }

        if (!_threadNames.ContainsKey(sample.Tid))
        {
            _threadNames[sample.Tid] = sample.ThreadName;
        }

        // A thread that C made keeps a task between its calls into the runtime: the stack tells whether it runs for it.
        bool isForTask = _stack.Frames.Exists(static frame => !frame.Task.IsZero);
        var key = new Key(_stacks.Intern(_stack), sample.Tid, isForTask ? sample.TaskId : 0, KindOf(sample, isForTask));
        (long samples, long nanoseconds) = _counts.GetValueOrDefault(key);
        _counts[key] = (samples + 1, nanoseconds + (long)sample.Weight);
    }

    /// <param name="counts">What the sampler counted.</param>
    /// <param name="elapsed">For how long was sampled.</param>
    /// <param name="period">Nanoseconds between two samples of one processor.</param>
    public CpuReport Finish(SamplerCounts counts, TimeSpan elapsed, long period)
    {
        var builder = new ProfileBuilder(_frames, _stacks, new Symbolizer(_snapshot, _runtime, _limits));
        foreach ((Key key, (long samples, long nanoseconds)) in _counts)
        {
            builder.Add(key.Stack, [samples, nanoseconds], LabelsOf(key));
        }

        Profile profile = builder.Build([new ProfileValueType("samples", "count"), new ProfileValueType("cpu", "nanoseconds")], defaultValue: 1);
        return new CpuReport
        {
            Target = TargetDescription.Of(_snapshot, _runtime, _snapshot.Capture),
            Profile = profile with
            {
                PeriodType = profile.ValueTypes[1],
                Period = period,
                Time = DateTimeOffset.UtcNow - elapsed,
                Duration = elapsed,
                Comments = [$"blindspot: {_samples} samples, {_complete} complete, {counts.Lost} lost"],
            },
            Quality = new SampleQuality(_samples, _complete, _ends, counts.Lost, counts.Failed, counts.Bytes, counts.KernelTime),
            Elapsed = elapsed,
            Gaps = _snapshot.Gaps.ToList(),
        };
    }

    private SampleKind KindOf(SampleRecord sample, bool isForTask)
    {
        if (_runtime is null)
        {
            return SampleKind.Native;
        }

        bool isOwnCode = _stack.Frames.Count > 0 && _runtime.IsOwnCode(_stack.Frames[0].Address.LookupAddress);
        return isForTask ? isOwnCode ? SampleKind.Managed : SampleKind.InC
            : sample.Worker.IsZero || !isOwnCode ? SampleKind.Foreign
            : SampleKind.Runtime;
    }

    private List<ProfileLabel> LabelsOf(Key key)
    {
        var labels = new List<ProfileLabel>
        {
            new("thread", _threadNames[key.Tid], 0, ""),
            new("thread_id", null, key.Tid, ""),
            new("kind", WordOf(key.Kind), 0, ""),
        };
        if (key.Task == 0)
        {
            return labels;
        }

        labels.Add(new ProfileLabel("goroutine", null, key.Task, ""));
        if (_tasks.TryGetValue(key.Task, out RuntimeTask? task))
        {
            foreach ((string name, string value) in task.Labels)
            {
                labels.Add(new ProfileLabel(name, value, 0, ""));
            }
        }

        return labels;
    }

    private string WordOf(SampleKind kind) => kind switch
    {
        SampleKind.Managed => _runtime!.Kind,
        SampleKind.InC => _runtime!.Kind + "-in-c",
        SampleKind.Foreign => "foreign",
        SampleKind.Runtime => "runtime",
        _ => "native",
    };

    private readonly record struct Key(int Stack, int Tid, long Task, SampleKind Kind);
}
