using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Blindspot.Interop;

/// <summary>
/// libbpf as it is (bpf/libbpf.h, 1.0 or newer: pointers are null and results negative on errors). The published
/// executable contains it; under the JIT it is the system's libbpf.so.1.
/// </summary>
internal static unsafe class Libbpf
{
    private const string Name = "libbpf";
    private const int MaxMessage = 2000;

    [ThreadStatic]
    private static StringBuilder? s_messages;

    private static readonly Lock Gate = new();
    private static bool s_ready;

    [DllImport(Name, EntryPoint = "bpf_object__open_mem", SetLastError = true)]
    internal static extern nint ObjectOpen(byte* bytes, nuint size, void* options);

    [DllImport(Name, EntryPoint = "bpf_object__load")]
    internal static extern int ObjectLoad(nint bpfObject);

    [DllImport(Name, EntryPoint = "bpf_object__close")]
    internal static extern void ObjectClose(nint bpfObject);

    [DllImport(Name, EntryPoint = "bpf_object__find_map_by_name")]
    internal static extern nint FindMap(nint bpfObject, byte* name);

    [DllImport(Name, EntryPoint = "bpf_object__find_program_by_name")]
    internal static extern nint FindProgram(nint bpfObject, byte* name);

    [DllImport(Name, EntryPoint = "bpf_map__set_initial_value")]
    internal static extern int SetInitialValue(nint map, byte* value, nuint size);

    [DllImport(Name, EntryPoint = "bpf_map__value_size")]
    internal static extern uint MapValueSize(nint map);

    [DllImport(Name, EntryPoint = "bpf_program__attach_iter", SetLastError = true)]
    internal static extern nint AttachIterator(nint program, IteratorOptions* options);

    [DllImport(Name, EntryPoint = "bpf_program__attach_perf_event", SetLastError = true)]
    internal static extern nint AttachPerfEvent(nint program, int eventDescriptor);

    [DllImport(Name, EntryPoint = "bpf_map__set_max_entries")]
    internal static extern int SetMaxEntries(nint map, uint entries);

    [DllImport(Name, EntryPoint = "bpf_map__fd")]
    internal static extern int MapDescriptor(nint map);

    [DllImport(Name, EntryPoint = "bpf_map_lookup_elem")]
    internal static extern int LookupElement(int mapDescriptor, void* key, void* value);

    [DllImport(Name, EntryPoint = "libbpf_num_possible_cpus")]
    internal static extern int PossibleProcessors();

    [DllImport(Name, EntryPoint = "bpf_link__fd")]
    internal static extern int LinkDescriptor(nint link);

    [DllImport(Name, EntryPoint = "bpf_link__destroy")]
    internal static extern int LinkDestroy(nint link);

    [DllImport(Name, EntryPoint = "bpf_iter_create", SetLastError = true)]
    internal static extern int IteratorCreate(int linkDescriptor);

    [DllImport(Name, EntryPoint = "libbpf_set_print")]
    private static extern void* SetPrint(delegate* unmanaged[Cdecl]<int, byte*, void*, int> callback);

    /// <summary>Finds the library and takes over its messages. Throws <see cref="DllNotFoundException"/> where the library is not installed.</summary>
    internal static void Prepare()
    {
        lock (Gate)
        {
            if (s_ready)
            {
                return;
            }

            if (RuntimeFeature.IsDynamicCodeSupported)
            {
                NativeLibrary.SetDllImportResolver(typeof(Libbpf).Assembly, static (name, assembly, paths) =>
                    name == Name ? NativeLibrary.Load("libbpf.so.1", assembly, paths) : 0);
            }

            _ = SetPrint(&OnMessage);
            s_ready = true;
        }
    }

    /// <summary>What libbpf and the verifier said on this thread since the last call.</summary>
    internal static string TakeMessages()
    {
        string text = s_messages?.ToString().Trim() ?? "";
        s_messages = null;
        return text;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnMessage(int level, byte* format, void* arguments)
    {
        const int debug = 2;
        if (level >= debug)
        {
            return 0;
        }

        byte* buffer = stackalloc byte[1024];
        int length = Libc.FormatInto(buffer, 1024, format, arguments);
        StringBuilder messages = s_messages ??= new StringBuilder();
        if (length > 0 && messages.Length < MaxMessage)
        {
            messages.Append(Encoding.UTF8.GetString(buffer, Math.Min(length, 1023)));
        }

        return 0;
    }

    /// <summary>struct bpf_iter_attach_opts.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct IteratorOptions
    {
        internal nuint Size;
        internal uint* LinkInfo;
        internal uint LinkInfoLength;
        private readonly uint _padding;
    }
}
