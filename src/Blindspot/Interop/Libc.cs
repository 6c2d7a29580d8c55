using System.Runtime.InteropServices;

namespace Blindspot.Interop;

/// <summary>
/// The C library's functions as they are. ptrace, syscall and open are variadic in C; on Linux/amd64 and arm64 integer
/// arguments travel the same way, so they may be declared with fixed ones. All signatures are blittable, for
/// which DllImport costs no more than LibraryImport; the code that the latter generates could not be exempted from the
/// ban on native calls outside this folder.
/// </summary>
internal static unsafe class Libc
{
    private const string Name = "libc";

    [DllImport(Name, EntryPoint = "process_vm_readv", SetLastError = true)]
    internal static extern nint ProcessVmReadv(int pid, IoVector* local, nuint localCount, IoVector* remote, nuint remoteCount, nuint flags);

    [DllImport(Name, EntryPoint = "process_vm_writev", SetLastError = true)]
    internal static extern nint ProcessVmWritev(int pid, IoVector* local, nuint localCount, IoVector* remote, nuint remoteCount, nuint flags);

    [DllImport(Name, EntryPoint = "ptrace", SetLastError = true)]
    internal static extern nint Ptrace(nint request, int tid, nint address, nint data);

    [DllImport(Name, EntryPoint = "waitpid", SetLastError = true)]
    internal static extern int WaitPid(int tid, int* status, int options);

    [DllImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static extern nint Syscall(nint number, nint first, nint second, nint third, nint fourth);

    [DllImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static extern nint SyscallOfFive(nint number, nint first, nint second, nint third, nint fourth, nint fifth);

    [DllImport(Name, EntryPoint = "open", SetLastError = true)]
    internal static extern int Open(byte* path, int flags, int mode);

    [DllImport(Name, EntryPoint = "read", SetLastError = true)]
    internal static extern nint Read(int descriptor, byte* buffer, nuint count);

    [DllImport(Name, EntryPoint = "pread", SetLastError = true)]
    internal static extern nint PRead(int descriptor, byte* buffer, nuint count, nint offset);

    [DllImport(Name, EntryPoint = "close", SetLastError = true)]
    internal static extern int Close(int descriptor);

    [DllImport(Name, EntryPoint = "readlink", SetLastError = true)]
    internal static extern nint ReadLink(byte* path, byte* buffer, nuint count);

    [DllImport(Name, EntryPoint = "openat", SetLastError = true)]
    internal static extern int OpenAt(int directory, byte* path, int flags, int mode);

    [DllImport(Name, EntryPoint = "readlinkat", SetLastError = true)]
    internal static extern nint ReadLinkAt(int directory, byte* path, byte* buffer, nuint count);

    [DllImport(Name, EntryPoint = "mmap", SetLastError = true)]
    internal static extern void* Map(void* address, nuint length, int protection, int flags, int descriptor, nint offset);

    [DllImport(Name, EntryPoint = "munmap", SetLastError = true)]
    internal static extern int Unmap(void* address, nuint length);

    [DllImport(Name, EntryPoint = "poll", SetLastError = true)]
    internal static extern int Poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);

    [DllImport(Name, EntryPoint = "gettid")]
    internal static extern int GetTid();

    [DllImport(Name, EntryPoint = "geteuid")]
    internal static extern uint GetEffectiveUser();

    [DllImport(Name, EntryPoint = "setpriority", SetLastError = true)]
    internal static extern int SetPriority(int which, int who, int value);

    [DllImport(Name, EntryPoint = "getpriority", SetLastError = true)]
    internal static extern int GetPriority(int which, int who);

    [DllImport(Name, EntryPoint = "sched_yield")]
    internal static extern int Yield();

    [DllImport(Name, EntryPoint = "usleep")]
    internal static extern int SleepMicroseconds(uint microseconds);

    [DllImport(Name, EntryPoint = "kill", SetLastError = true)]
    internal static extern int Kill(int pid, int signal);

    [DllImport(Name, EntryPoint = "vsnprintf")]
    internal static extern int FormatInto(byte* buffer, nuint size, byte* format, void* arguments);

    internal static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct IoVector
    {
        internal ulong Base;
        internal ulong Length;
    }

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        internal int Descriptor;
        internal short Events;
        internal short Returned;
    }
}
