using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Blindspot.Interop;

/// <summary>What a file is, enough to tell whether two are the same one.</summary>
/// <param name="Device">major &lt;&lt; 32 | minor.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode, bool IsRegular, long Size);

/// <summary>Small files read in few system calls, and files opened where a name must not be followed freely.</summary>
internal static unsafe class RawFile
{
    private const int ReadOnly = 0;
    private const int NoControllingTerminal = 0x100;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int PathOnly = 0x200000;

    private const int AtEmptyPath = 0x1000;
    private const uint StatxBasic = 0x7ff;
    private const nint Openat2Number = 437;

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
        byte* buffer = stackalloc byte[4096];
        fixed (byte* name = Terminated(path))
        {
            nint length = Libc.ReadLink(name, buffer, 4096);
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

    /// <summary>
    /// Refers to a path inside <paramref name="root"/> (openat2(2), RESOLVE_IN_ROOT and no magic links): symbolic links
    /// of the target's file system stay inside it. NotImplemented before kernel 5.6.
    /// </summary>
    internal static SafeFileHandle? TryReferInRoot(SafeFileHandle root, string path, out Errno error)
    {
        const ulong resolveNoMagicLinks = 0x02;
        const ulong resolveInRoot = 0x10;
        ulong* how = stackalloc ulong[3];
        how[0] = PathOnly | CloseOnExec;
        how[1] = 0;
        how[2] = resolveInRoot | resolveNoMagicLinks;
        fixed (byte* name = Terminated(path))
        {
            nint descriptor = Libc.Syscall(Openat2Number, Descriptor(root), (nint)name, (nint)how, 24);
            return Wrap((int)descriptor, out error);
        }
    }

    /// <summary>Opens for reading what an O_PATH reference stands for.</summary>
    internal static SafeFileHandle? TryReopen(SafeFileHandle reference, out Errno error) =>
        TryOpen($"/proc/self/fd/{Descriptor(reference)}", out error);

    /// <summary>Device, inode and type of an open file or reference (statx(2)).</summary>
    internal static FileIdentity? Identify(SafeFileHandle file)
    {
        byte* result = stackalloc byte[256];
        byte empty = 0;
        if (Libc.Statx(Descriptor(file), &empty, AtEmptyPath, StatxBasic, result) != 0)
        {
            return null;
        }

        // struct statx: stx_mode at 28, stx_ino at 32, stx_size at 40, stx_dev_major and _minor at 136.
        ReadOnlySpan<byte> fields = new(result, 256);
        const ushort typeMask = 0xf000;
        const ushort regular = 0x8000;
        return new FileIdentity(
            ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(fields[136..]) << 32) | BinaryPrimitives.ReadUInt32LittleEndian(fields[140..]),
            BinaryPrimitives.ReadUInt64LittleEndian(fields[32..]),
            (BinaryPrimitives.ReadUInt16LittleEndian(fields[28..]) & typeMask) == regular,
            BinaryPrimitives.ReadInt64LittleEndian(fields[40..]));
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
