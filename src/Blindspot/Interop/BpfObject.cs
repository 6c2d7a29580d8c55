using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Blindspot.Interop;

/// <summary>A compiled BPF object file, loaded into the kernel. Failures come as <see cref="BpfException"/>.</summary>
internal sealed unsafe class BpfObject : IDisposable
{
    private readonly List<nint> _eventLinks = [];
    private nint _object;
    private nint _link;

    private BpfObject(nint bpfObject) => _object = bpfObject;

    /// <param name="image">The ELF object.</param>
    /// <param name="constants">The new contents of its .rodata, or empty to keep it.</param>
    /// <param name="sizes">Maps that get another number of entries than the object says.</param>
    internal static BpfObject Load(ReadOnlySpan<byte> image, ReadOnlySpan<byte> constants, params ReadOnlySpan<BpfMapSize> sizes)
    {
        Prepare();
        fixed (byte* bytes = image)
        {
            nint opened = Libbpf.ObjectOpen(bytes, (nuint)image.Length, null);
            if (opened == 0)
            {
                throw BpfException.Of("opening the BPF object", Libc.LastError);
            }

            BpfObject result = new(opened);
            try
            {
                result.SetConstants(constants);
                foreach (BpfMapSize size in sizes)
                {
                    int refusal = Libbpf.SetMaxEntries(result.FindMap(size.Map), size.Entries);
                    if (refusal != 0)
                    {
                        throw BpfException.Of($"setting the size of {size.Map}", (Errno)(-refusal));
                    }
                }

                int error = Libbpf.ObjectLoad(opened);
                return error == 0 ? result : throw BpfException.Of("loading the BPF object", (Errno)(-error));
            }
            catch
            {
                result.Dispose();
                throw;
            }
        }
    }

    /// <summary>
    /// Attaches an iterator over tasks. The kernel visits only the threads of <paramref name="pid"/> (6.1 or newer);
    /// older ones visit all tasks, and the program has to choose.
    /// </summary>
    internal void AttachTaskIterator(string program, int pid)
    {
        nint found = FindProgram(program);

        // union bpf_iter_link_info: task.tid, task.pid, task.pid_fd.
        uint* info = stackalloc uint[4];
        info[0] = 0;
        info[1] = (uint)pid;
        info[2] = 0;
        info[3] = 0;
        Libbpf.IteratorOptions options = new()
        {
            Size = (nuint)sizeof(Libbpf.IteratorOptions),
            LinkInfo = info,
            LinkInfoLength = 16,
        };
        _link = Libbpf.AttachIterator(found, &options);
        if (_link == 0)
        {
            _ = Libbpf.TakeMessages();
            _link = Libbpf.AttachIterator(found, null);
        }

        if (_link == 0)
        {
            throw BpfException.Of("attaching the task iterator", Libc.LastError);
        }
    }

    /// <summary>A new run of the attached iterator: a file to be read to its end.</summary>
    internal SafeFileHandle StartIterator()
    {
        int descriptor = Libbpf.IteratorCreate(Libbpf.LinkDescriptor(_link));
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw BpfException.Of("starting the task iterator", Libc.LastError);
    }

    /// <summary>Has a program called at every overflow of a perf event, and starts that. The event is the link's from then on.</summary>
    internal void AttachPerfEvent(string program, int eventDescriptor)
    {
        nint link = Libbpf.AttachPerfEvent(FindProgram(program), eventDescriptor);
        if (link == 0)
        {
            throw BpfException.Of("attaching to a perf event", Libc.LastError);
        }

        _eventLinks.Add(link);
    }

    /// <summary>Ends what <see cref="AttachPerfEvent"/> started; maps stay.</summary>
    internal void DetachPerfEvents()
    {
        foreach (nint link in _eventLinks)
        {
            _ = Libbpf.LinkDestroy(link);
        }

        _eventLinks.Clear();
    }

    /// <summary>How many processors this machine may ever have; those that are not online count.</summary>
    internal static int PossibleProcessors()
    {
        Prepare();
        int count = Libbpf.PossibleProcessors();
        return count > 0 ? count : throw BpfException.Of("counting the processors", (Errno)(-count));
    }

    /// <summary>Descriptor of a map; the object's own.</summary>
    internal int MapDescriptor(string map) => Libbpf.MapDescriptor(FindMap(map));

    /// <summary>The value of an array's entry.</summary>
    internal static bool TryReadEntry<T>(int mapDescriptor, uint index, out T value)
        where T : unmanaged
    {
        value = default;
        fixed (T* into = &value)
        {
            return Libbpf.LookupElement(mapDescriptor, &index, into) == 0;
        }
    }

    public void Dispose()
    {
        DetachPerfEvents();
        if (_link != 0)
        {
            _ = Libbpf.LinkDestroy(_link);
            _link = 0;
        }

        if (_object != 0)
        {
            Libbpf.ObjectClose(_object);
            _object = 0;
        }
    }

    private void SetConstants(ReadOnlySpan<byte> constants)
    {
        if (constants.IsEmpty)
        {
            return;
        }

        fixed (byte* name = ".rodata\0"u8)
        fixed (byte* value = constants)
        {
            nint map = Libbpf.FindMap(_object, name);
            if (map == 0 || Libbpf.MapValueSize(map) != (uint)constants.Length)
            {
                throw new BpfException("the BPF object's constants are not what we know");
            }

            int error = Libbpf.SetInitialValue(map, value, (nuint)constants.Length);
            if (error != 0)
            {
                throw BpfException.Of("setting the BPF object's constants", (Errno)(-error));
            }
        }
    }

    private static void Prepare()
    {
        try
        {
            Libbpf.Prepare();
        }
        catch (DllNotFoundException)
        {
            throw new BpfException("libbpf.so.1 is not installed");
        }
    }

    private nint FindProgram(string program)
    {
        fixed (byte* name = Terminated(program))
        {
            nint found = Libbpf.FindProgram(_object, name);
            return found != 0 ? found : throw new BpfException($"the BPF object has no program {program}");
        }
    }

    private nint FindMap(string map)
    {
        fixed (byte* name = Terminated(map))
        {
            nint found = Libbpf.FindMap(_object, name);
            return found != 0 ? found : throw new BpfException($"the BPF object has no map {map}");
        }
    }

    private static byte[] Terminated(string name) => [.. Encoding.UTF8.GetBytes(name), 0];
}

/// <summary>How many entries a map is to have (of a ring buffer: bytes, a power of two).</summary>
internal readonly record struct BpfMapSize(string Map, uint Entries);

/// <summary>BPF cannot be used: one clause that says why.</summary>
internal sealed class BpfException(string message) : Exception(message)
{
    internal static BpfException Of(string what, Errno error)
    {
        // Told besides the error itself: that the limit of locked memory cannot be raised (kernels since 5.11 do not count
        // by it), and that the object, whose name is an address, was not loaded.
        string first = Array.Find(
            Libbpf.TakeMessages().Split('\n'),
            static line => line.Length > 0
                && !line.Contains("RLIMIT_MEMLOCK", StringComparison.Ordinal) && !line.Contains("failed to load object", StringComparison.Ordinal)) ?? "";
        return new BpfException(first.Length == 0 ? $"{what}: {error.Describe()}" : $"{what}: {error.Describe()}; {first}");
    }
}
