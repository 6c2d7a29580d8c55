using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Blindspot.Interop;

/// <summary>What a file is, enough to tell whether two are the same one.</summary>
/// <param name="Device">major &lt;&lt; 32 | minor.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode, FileKind Kind, long Size);

/// <summary>What kind of file it is (inode(7), the file type bits). Others come as their bits.</summary>
internal enum FileKind
{
    Directory = 0x4000,
    Regular = 0x8000,
    SymbolicLink = 0xa000,
}

/// <summary>Small files read in few system calls, and files opened where a name must not be followed freely.</summary>
internal static unsafe class RawFile
{
    private const int ReadOnly = 0;
    private const int NoControllingTerminal = 0x100;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int PathOnly = 0x200000;
    private const int MaxLink = 4096;

    /// <summary>Bytes read into <paramref name="buffer"/> from the start of a file; -1 with the error if it cannot be opened or read.</summary>
    internal static int ReadAt(string path, Span<byte> buffer, out Errno error)
    {
        using SafeFileHandle? file = TryOpen(path, out error);
        return file is null ? -1 : ReadOn(file, buffer, out error);
    }

    /// <summary>The whole of a file whose length the file system does not tell (/proc), cut at <paramref name="limit"/>; null with the error.</summary>
    internal static byte[]? ReadWhole(string path, int limit, out Errno error)
    {
        using SafeFileHandle? file = TryOpen(path, out error);
        if (file is null)
        {
            return null;
        }

        byte[] bytes = new byte[16384];
        int length = 0;
        while (true)
        {
            int read = ReadOn(file, bytes.AsSpan(length), out error);
            if (read < 0)
            {
                return null;
            }

            length += read;
            if (read == 0 || length >= limit)
            {
                Array.Resize(ref bytes, Math.Min(length, limit));
                return bytes;
            }

            if (bytes.Length - length < 4096)
            {
                Array.Resize(ref bytes, bytes.Length * 2);
            }
        }
    }

    internal static SafeFileHandle? TryOpen(string path, out Errno error) =>
        Open(path, ReadOnly | CloseOnExec | NoControllingTerminal | NonBlocking, out error);

    /// <summary>Reads on from the file's own position until the buffer is full or the file gives no more.</summary>
    internal static int ReadOn(SafeFileHandle file, Span<byte> buffer, out Errno error)
    {
        error = Errno.None;
        int total = 0;
        fixed (byte* start = buffer)
        {
            while (total < buffer.Length)
            {
                nint read = Libc.Read(Descriptor(file), start + total, (nuint)(buffer.Length - total));
                if (read < 0)
                {
                    error = Libc.LastError;
                    if (error == Errno.Interrupted)
                    {
                        error = Errno.None;
                        continue;
                    }

                    return total > 0 ? total : -1;
                }

                if (read == 0)
                {
                    break;
                }

                total += (int)read;
            }
        }

        return total;
    }

    /// <summary>One pread(2): bytes read, or -1.</summary>
    internal static int ReadAt(SafeFileHandle file, long offset, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint read;
            do
            {
                read = Libc.PRead(Descriptor(file), start, (nuint)buffer.Length, (nint)offset);
            }
            while (read < 0 && Libc.LastError == Errno.Interrupted);

            return (int)read;
        }
    }

    /// <summary>The text of a symbolic link; null if it cannot be read.</summary>
    internal static string? ReadLink(string path, out Errno error)
    {
        error = Errno.None;
        byte* buffer = stackalloc byte[MaxLink];
        fixed (byte* name = Terminated(path))
        {
            nint length = Libc.ReadLink(name, buffer, MaxLink);
            if (length < 0)
            {
                error = Libc.LastError;
                return null;
            }

            return Encoding.UTF8.GetString(buffer, (int)length);
        }
    }

    /// <summary>Refers to a file without opening it (O_PATH), so that nothing happens to a device or a FIFO.</summary>
    internal static SafeFileHandle? TryRefer(string path, out Errno error) => Open(path, PathOnly | CloseOnExec, out error);

    /// <summary>Opens for reading what an O_PATH reference stands for.</summary>
    internal static SafeFileHandle? TryReopen(SafeFileHandle reference, out Errno error) =>
        TryOpen($"/proc/self/fd/{Descriptor(reference)}", out error);

    /// <summary>Device, inode and type of an open file or reference (fstat(2)); null if that cannot be told.</summary>
    internal static FileIdentity? Identify(SafeFileHandle file)
    {
        const nint fstatNumber = 5;
        byte* result = stackalloc byte[256];
        if (Libc.Syscall(fstatNumber, Descriptor(file), (nint)result, 0, 0) != 0)
        {
            return null;
        }

        // struct stat (arch/x86/include/uapi/asm/stat.h): st_dev at 0, st_ino at 8, st_mode at 24, st_size at 48.
        ReadOnlySpan<byte> fields = new(result, 256);
        const uint typeMask = 0xf000;
        ulong device = BinaryPrimitives.ReadUInt64LittleEndian(fields);

        // The kernel's own form of a device number: 12 bits of major above 8 of minor, the minor's other 12 on top (kdev_t.h).
        ulong major = (device >> 8) & 0xfff;
        ulong minor = (device & 0xff) | ((device >> 12) & 0xfff00);
        return new FileIdentity(
            (major << 32) | minor,
            BinaryPrimitives.ReadUInt64LittleEndian(fields[8..]),
            (FileKind)(BinaryPrimitives.ReadUInt32LittleEndian(fields[24..]) & typeMask),
            BinaryPrimitives.ReadInt64LittleEndian(fields[48..]));
    }

    private static SafeFileHandle? Open(string path, int flags, out Errno error)
    {
        fixed (byte* name = Terminated(path))
        {
            int descriptor;
            do
            {
                descriptor = Libc.Open(name, flags, 0);
            }
            while (descriptor < 0 && Libc.LastError == Errno.Interrupted);

            return Wrap(descriptor, out error);
        }
    }

    private static SafeFileHandle? Wrap(int descriptor, out Errno error)
    {
        error = descriptor < 0 ? Libc.LastError : Errno.None;
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private static byte[] Terminated(string path)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(path.Length) + 1];
        Encoding.UTF8.GetBytes(path, bytes);
        return bytes;
    }

    private static int Descriptor(SafeFileHandle file) => (int)file.DangerousGetHandle();
}
