using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Blindspot.Interop;

/// <summary>struct wire_thread of native/wire.h: one thread as the BPF iterator saw it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WireThread
{
    internal const uint RecordKind = 1;

    internal uint Kind;
    internal uint Size;
    internal int Tid;
    internal int InnerTid;
    internal uint State;
    internal uint ExitState;
    internal uint OnCpu;
    internal uint TaskFlags;
    internal ulong VoluntarySwitches;
    internal ulong InvoluntarySwitches;
    internal ulong RunCount;
    internal ulong RunNanoseconds;
    internal ulong UserNanoseconds;
    internal ulong SystemNanoseconds;
    internal ulong StartNanoseconds;
    internal ulong Blocked;
    internal ulong Pending;
    internal ulong SharedPending;
    internal ulong AlternateStack;
    internal ulong AlternateStackSize;
    internal ulong AlternateStackFlags;
    internal ulong FsBase;
    internal WireRegisters Registers;
    internal WireName Name;

    /// <summary>The registers in the order of struct pt_regs, which begins like struct user_regs_struct.</summary>
    [InlineArray(Length)]
    internal struct WireRegisters
    {
        internal const int Length = 21;
        private ulong _first;
    }

    [InlineArray(Length)]
    internal struct WireName
    {
        internal const int Length = 16;
        private byte _first;

        internal readonly string Text
        {
            get
            {
                ReadOnlySpan<byte> bytes = this;
                int end = bytes.IndexOf((byte)0);
                return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
            }
        }
    }
}

/// <summary>struct wire_disposition of native/wire.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WireDisposition
{
    internal ulong Handler;
    internal ulong Flags;
    internal ulong Restorer;
    internal ulong Mask;
}

/// <summary>struct wire_dispositions of native/wire.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WireDispositions
{
    internal const uint RecordKind = 2;

    internal uint Kind;
    internal uint Size;
    internal WireSignals Signals;
    internal ulong TimersKnown;
    internal ulong Now;
    internal ulong RealInterval;
    internal ulong RealExpires;
    internal ulong VirtualInterval;
    internal ulong VirtualExpires;
    internal ulong ProfilingInterval;
    internal ulong ProfilingExpires;

    [InlineArray(Length)]
    internal struct WireSignals
    {
        internal const int Length = 64;
        private WireDisposition _first;
    }
}

/// <summary>Records cut out of the bytes that a BPF program wrote.</summary>
internal static class WireRecords
{
    /// <summary>Kind and size of the record at the start; false at the end or where too few bytes are left.</summary>
    internal static bool TryPeek(ReadOnlySpan<byte> bytes, out uint kind, out int size)
    {
        kind = 0;
        size = 0;
        if (bytes.Length < 8)
        {
            return false;
        }

        kind = MemoryMarshal.Read<uint>(bytes);
        uint length = MemoryMarshal.Read<uint>(bytes[4..]);
        if (length < 8 || length > (uint)bytes.Length)
        {
            return false;
        }

        size = (int)length;
        return true;
    }

    /// <summary>A record behind which something of another length follows; where that begins.</summary>
    internal static bool TryReadStart<T>(ReadOnlySpan<byte> record, out T value, out int end)
        where T : unmanaged
    {
        end = Unsafe.SizeOf<T>();
        return MemoryMarshal.TryRead(record, out value);
    }

    /// <summary>The bytes of a value as a BPF program reads them.</summary>
    internal static ReadOnlySpan<byte> BytesOf<T>(ref readonly T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));

    internal static bool TryRead<T>(ReadOnlySpan<byte> record, out T value)
        where T : unmanaged => MemoryMarshal.TryRead(record, out value) && record.Length == Unsafe.SizeOf<T>();
}
