using Blindspot.Interop;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Collect;

/// <summary>
/// Samples where a process spends its CPU time, with native/bpf/samples.bpf.c: at each tick of a clock on every processor
/// the thread that runs there, if it is the target's, with later threads. The target is not stopped. One thread reads.
/// </summary>
/// <remarks>
/// The kernel program wakes nobody up until much has gathered, for that would cost it more than the sample. So read
/// all there is (<see cref="TryRead"/>) every 20 to 100 ms; <see cref="Wait"/> returns sooner when there is much.
/// </remarks>
public sealed class CpuSampler : IDisposable
{
    private const string ResourceName = "samples.bpf.o";
    private const string ProgramName = "cpu_clock";
    private const uint WakeBytes = 512 << 10;
    private const int MaxFrequency = 10_000;
    private const ulong NanosecondsPerSecond = 1_000_000_000;

    private readonly BpfObject _object;
    private readonly BpfRingBuffer _buffer;
    private readonly int _counters;
    private readonly int _processors;

    private CpuSampler(BpfObject loaded, BpfRingBuffer buffer, int processors)
    {
        _object = loaded;
        _buffer = buffer;
        _processors = processors;
        _counters = loaded.MapDescriptor("counters");
    }

    /// <summary>Processors with a clock.</summary>
    public int Processors { get; private set; }

    /// <summary>Costs a system call for each processor.</summary>
    public SamplerCounts Counts
    {
        get
        {
            WireCounters sum = default;
            for (uint i = 0; i < _processors; i++)
            {
                if (BpfObject.TryReadEntry(_counters, i, out WireCounters one))
                {
                    sum.Events += one.Events;
                    sum.Lost += one.Lost;
                    sum.Failed += one.Failed;
                    sum.Bytes += one.Bytes;
                    sum.Nanoseconds += one.Nanoseconds;
                }
            }

            return new SamplerCounts(
                (long)sum.Events, (long)sum.Lost, (long)sum.Failed, (long)sum.Bytes, TimeSpan.FromTicks((long)(sum.Nanoseconds / TimeSpan.NanosecondsPerTick)));
        }
    }

    /// <param name="process">The caller's.</param>
    /// <param name="options">How often, how much.</param>
    /// <param name="hints">Of the runtime in the process (<c>IManagedRuntime.StackHints</c>); null for none.</param>
    /// <exception cref="BlindspotException">BPF or perf events cannot be used here; it says why, and with a <c>BpfException</c> inside.</exception>
    public static CpuSampler Start(TargetProcess process, CpuSamplerOptions options, RuntimeStackHints? hints)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Frequency, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Frequency, MaxFrequency);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.StackBytes, 256);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.StackBytes, CpuSamplerOptions.MaxStackBytes);
        try
        {
            return Load(process, options, hints);
        }
        catch (BpfException reason)
        {
            throw new BlindspotException(
                $"Process {process.Pid} ({process.Name}) cannot be sampled by BPF: {BpfConditions.Here().Explain(reason.Message)}.", reason);
        }
    }

    /// <summary>The oldest sample that has not been read; false while there is none.</summary>
    public bool TryRead(SampleRecord into)
    {
        while (_buffer.TryPeek(out ReadOnlySpan<byte> record))
        {
            bool isLoaded = into.TryLoad(record);
            _buffer.Advance();
            if (isLoaded)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Returns when the time is over, or much is there to be read.</summary>
    public void Wait(TimeSpan time) => _buffer.Wait((int)Math.Clamp(time.TotalMilliseconds, 0, int.MaxValue));

    /// <summary>Stops the clocks; what was sampled can still be read.</summary>
    public void Stop() => _object.DetachPerfEvents();

    public void Dispose()
    {
        _buffer.Dispose();
        _object.Dispose();
    }

    private static CpuSampler Load(TargetProcess process, CpuSamplerOptions options, RuntimeStackHints? hints)
    {
        using Stream resource = typeof(CpuSampler).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"{ResourceName} is not embedded");
        byte[] image = new byte[resource.Length];
        resource.ReadExactly(image);

        WireSampling told = Tell(process, options, hints);
        int processors = BpfObject.PossibleProcessors();
        BpfObject loaded = BpfObject.Load(
            image,
            WireRecords.BytesOf(in told),
            new BpfMapSize("scratches", (uint)processors),
            new BpfMapSize("counters", (uint)processors),
            new BpfMapSize("events", (uint)options.BufferBytes));
        try
        {
            BpfRingBuffer buffer = BpfRingBuffer.Map(loaded.MapDescriptor("events"), (uint)options.BufferBytes);
            var sampler = new CpuSampler(loaded, buffer, processors);
            try
            {
                sampler.StartClocks(NanosecondsPerSecond / (ulong)options.Frequency);
                return sampler;
            }
            catch
            {
                buffer.Dispose();
                throw;
            }
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    private void StartClocks(ulong period)
    {
        for (int processor = 0; processor < _processors; processor++)
        {
            int clock = PerfEvent.OpenCpuClock(processor, period, out Errno error);
            if (clock < 0 && error == Errno.NoDevice)
            {
                continue;
            }

            if (clock < 0)
            {
                throw BpfException.Of("perf_event_open", error);
            }

            try
            {
                _object.AttachPerfEvent(ProgramName, clock);
            }
            catch
            {
                PerfEvent.Close(clock);
                throw;
            }

            Processors++;
        }
    }

    private static WireSampling Tell(TargetProcess process, CpuSamplerOptions options, RuntimeStackHints? hints)
    {
        WireSampling told = new()
        {
            TargetPid = process.Pid,
            PidNamespaceInode = process.PidNamespace,
            StackBytes = (uint)options.StackBytes,
            WakeBytes = Math.Min(WakeBytes, (uint)options.BufferBytes / 4),
        };
        if (hints is null)
        {
            return told;
        }

        told.HasRuntime = 1;
        told.ThreadTask = hints.ThreadTask;
        told.TaskWorker = hints.TaskWorker;
        told.TaskStackLow = hints.TaskStackLow;
        told.TaskStackHigh = hints.TaskStackHigh;
        told.TaskSp = hints.TaskSp;
        told.TaskPc = hints.TaskPc;
        told.TaskBp = hints.TaskBp;
        told.TaskId = hints.TaskId;
        told.TaskLabels = hints.TaskLabels;
        told.WorkerTask = hints.WorkerTask;
        told.WorkerOwnTask = hints.WorkerOwnTask;
        told.WorkerForeignDepth = hints.WorkerForeignDepth;
        told.WorkerIsForeign = hints.WorkerIsForeign;
        told.WorkerVdsoSp = hints.WorkerVdsoSp;
        return told;
    }
}
