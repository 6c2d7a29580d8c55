using System.Buffers.Binary;
using Blindspot.Interop;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Collect;

/// <summary>
/// The memory of a process as a sample saw it: the stacks that came with it and the words of the runtime by which they
/// hang together. All else is read from the process as it is now. For one thread at a time.
/// </summary>
/// <param name="rest">Where the rest is read, the live process; what changes there may not fit the sample any more.</param>
/// <param name="hints">With which the sample was taken.</param>
public sealed class SampleMemory(TargetMemory rest, RuntimeStackHints? hints) : TargetMemory
{
    private const int MaxWords = 16;

    private readonly (TargetAddress Address, ulong Value)[] _words = new (TargetAddress, ulong)[MaxWords];
    private SampleRecord? _sample;
    private int _wordCount;

    /// <summary>Reads since the last <see cref="Use"/> that the sample could not answer.</summary>
    public int OutsideReads { get; private set; }

    /// <summary>Shows this sample from now on, until it is loaded anew or another one is given.</summary>
    public void Use(SampleRecord sample)
    {
        _sample = sample;
        _wordCount = 0;
        OutsideReads = 0;
        if (hints is not null && sample.IsRuntimeKnown)
        {
            AddWords(hints, sample.Wire);
        }
    }

    public override int Read(TargetAddress address, Span<byte> destination)
    {
        for (int i = 0; _sample is not null && i < WireEvent.WireSlices.Length; i++)
        {
            ReadOnlySpan<byte> slice = _sample.Slice(i, out TargetAddress start);
            ulong offset = address - start;
            if (offset >= (ulong)slice.Length)
            {
                continue;
            }

            ReadOnlySpan<byte> here = slice[(int)offset..];
            int count = Math.Min(here.Length, destination.Length);
            here[..count].CopyTo(destination);
            return count == destination.Length ? count : count + ReadRest(address + (ulong)count, destination[count..]);
        }

        if (destination.Length == sizeof(ulong))
        {
            for (int i = 0; i < _wordCount; i++)
            {
                if (_words[i].Address == address)
                {
                    BinaryPrimitives.WriteUInt64LittleEndian(destination, _words[i].Value);
                    return sizeof(ulong);
                }
            }
        }

        return ReadRest(address, destination);
    }

    private int ReadRest(TargetAddress address, Span<byte> destination)
    {
        OutsideReads++;
        return rest.Read(address, destination);
    }

    private void AddWords(RuntimeStackHints fields, in WireEvent seen)
    {
        Add(seen.FsBase, fields.ThreadTask, seen.ThreadTask);
        Add(seen.ThreadTask, fields.TaskWorker, seen.Worker);
        Add(seen.Worker, fields.WorkerTask, seen.Task);
        Add(seen.Worker, fields.WorkerOwnTask, seen.OwnTask);
        Add(seen.OwnTask, fields.TaskSp, seen.OwnTaskSp);
        Add(seen.Task, fields.TaskStackLow, seen.TaskStackLow);
        Add(seen.Task, fields.TaskStackHigh, seen.TaskStackHigh);
        Add(seen.Task, fields.TaskSp, seen.TaskSp);
        Add(seen.Task, fields.TaskPc, seen.TaskPc);
        Add(seen.Task, fields.TaskBp, seen.TaskBp);
    }

    private void Add(ulong structure, int offset, ulong value)
    {
        if (structure != 0)
        {
            _words[_wordCount++] = (new TargetAddress(structure) + unchecked((ulong)(long)offset), value);
        }
    }
}
