using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Blindspot.Interop;

/// <summary>struct wire_sampling of native/wire.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WireSampling
{
    /// <summary>WIRE_SLICE_BYTES.</summary>
    internal const int MaxStackBytes = 65536;

    internal int TargetPid;
    internal uint PidNamespaceInode;
    internal uint StackBytes;
    internal uint WakeBytes;
    internal uint HasRuntime;
    internal int ThreadTask;
    internal int TaskWorker;
    internal int TaskStackLow;
    internal int TaskStackHigh;
    internal int TaskSp;
    internal int TaskPc;
    internal int TaskBp;
    internal int TaskId;
    internal int TaskLabels;
    internal int WorkerTask;
    internal int WorkerOwnTask;
    internal int WorkerForeignDepth;
    internal int WorkerIsForeign;
    internal int WorkerVdsoSp;
    internal uint Padding;
}

/// <summary>struct wire_slice of native/wire.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WireSlice
{
    internal ulong Address;
    internal uint Bytes;
    internal uint IsCut;
}

/// <summary>struct wire_event of native/wire.h; the slices' bytes follow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WireEvent
{
    internal const uint RecordKind = 3;
    internal const uint CpuEvent = 1;
    internal const uint InKernel = 1;
    internal const uint RuntimeKnown = 2;

    internal uint Kind;
    internal uint Size;
    internal uint Event;
    internal uint Flags;
    internal int Tid;
    internal int InnerTid;
    internal uint Cpu;
    internal uint Padding;
    internal ulong Time;
    internal ulong Weight;
    internal ulong FsBase;
    internal ulong ThreadTask;
    internal ulong Worker;
    internal ulong OwnTask;
    internal ulong OwnTaskSp;
    internal ulong Task;
    internal ulong TaskStackLow;
    internal ulong TaskStackHigh;
    internal ulong TaskSp;
    internal ulong TaskPc;
    internal ulong TaskBp;
    internal ulong TaskId;
    internal ulong TaskLabels;
    internal WireSlices Slices;
    internal WireThread.WireRegisters Registers;
    internal WireThread.WireName Name;

    [InlineArray(Length)]
    internal struct WireSlices
    {
        internal const int Length = 2;
        private WireSlice _first;
    }
}

/// <summary>struct wire_counters of native/wire.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WireCounters
{
    internal ulong Events;
    internal ulong Lost;
    internal ulong Failed;
    internal ulong Bytes;
    internal ulong Nanoseconds;
    internal ulong Others;
}
