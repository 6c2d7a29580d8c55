using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Blindspot.Interop;

/// <summary>
/// Paths of another process's file system. Symbolic links there were made by whoever owns the target and may name
/// anything; resolved here they stay inside its root, "/" and ".." included, as they do for the target itself.
/// </summary>
internal static unsafe class RootedPath
{
    private const int CloseOnExec = 0x80000;
    private const int PathOnly = 0x200000;
    private const int NoFollow = 0x20000;

    /// <summary>As many links as the kernel follows in one path (MAXSYMLINKS, include/linux/namei.h).</summary>
    private const int MaxLinks = 40;

    /// <summary>Every level of a path is held open while it is walked.</summary>
    private const int MaxDepth = 128;

    private const int MaxLinkBytes = 4096;

    /// <summary>Refers to a path inside a root (O_PATH: nothing is opened yet); null with the error.</summary>
    internal static SafeFileHandle? TryRefer(SafeFileHandle root, string path, out Errno error)
    {
        SafeFileHandle? found = TryReferAtOnce(root, path, out error);

        // Before kernel 5.6, or behind a filter that does not know the call; and where something was renamed meanwhile.
        return found is null && error is Errno.NotImplemented or Errno.NotPermitted or Errno.Again ? TryWalk(root, path, out error) : found;
    }

    /// <summary>By one system call: openat2(2), RESOLVE_IN_ROOT and no magic links.</summary>
    internal static SafeFileHandle? TryReferAtOnce(SafeFileHandle root, string path, out Errno error)
    {
        const nint openat2Number = 437;
        const ulong resolveNoMagicLinks = 0x02;
        const ulong resolveInRoot = 0x10;
        ulong* how = stackalloc ulong[3];
        how[0] = PathOnly | CloseOnExec;
        how[1] = 0;
        how[2] = resolveInRoot | resolveNoMagicLinks;
        fixed (byte* name = Terminated(path))
        {
            return Wrap((int)Libc.Syscall(openat2Number, Descriptor(root), (nint)name, (nint)how, 24), out error);
        }
    }

    /// <summary>
    /// Component by component, following links ourselves. ".." goes back to the directory that we came through, never to
    /// what the file system calls the parent, which may have been moved out of the root.
    /// </summary>
    internal static SafeFileHandle? TryWalk(SafeFileHandle root, string path, out Errno error)
    {
        Stack<string> ahead = new();
        Stack<SafeFileHandle> above = new();
        int links = 0;
        error = Errno.None;
        Push(ahead, path);
        SafeFileHandle? at = TryReferTo(root, ".", out error);
        while (at is not null && ahead.TryPop(out string? name))
        {
            FileKind? kind = RawFile.Identify(at)?.Kind;
            if (kind != FileKind.Directory)
            {
                error = Errno.NotDirectory;
                at = Close(at);
            }
            else if (name == "..")
            {
                if (above.TryPop(out SafeFileHandle? parent))
                {
                    at.Dispose();
                    at = parent;
                }
            }
            else if (name is not ("" or "."))
            {
                at = Enter(root, at, name, ahead, above, ref links, out error);
            }
        }

        foreach (SafeFileHandle directory in above)
        {
            directory.Dispose();
        }

        return at;
    }

    /// <summary>Goes from a directory to one of its entries, or makes what a symbolic link says the way ahead.</summary>
    private static SafeFileHandle? Enter(
        SafeFileHandle root, SafeFileHandle at, string name, Stack<string> ahead, Stack<SafeFileHandle> above, ref int links, out Errno error)
    {
        if (above.Count >= MaxDepth)
        {
            error = Errno.NameTooLong;
            return Close(at);
        }

        if (TryReferTo(at, name, out error) is not { } next)
        {
            return Close(at);
        }

        if (RawFile.Identify(next)?.Kind != FileKind.SymbolicLink)
        {
            above.Push(at);
            return next;
        }

        string? text = ReadLink(next, out error);
        next.Dispose();
        if (text is null || ++links > MaxLinks)
        {
            error = text is null ? error : Errno.Loop;
            return Close(at);
        }

        Push(ahead, text);
        if (!text.StartsWith('/'))
        {
            return at;
        }

        at.Dispose();
        while (above.TryPop(out SafeFileHandle? directory))
        {
            directory.Dispose();
        }

        return TryReferTo(root, ".", out error);
    }

    private static void Push(Stack<string> ahead, string path)
    {
        string[] names = path.Split('/');
        for (int i = names.Length - 1; i >= 0; i--)
        {
            ahead.Push(names[i]);
        }
    }

    private static SafeFileHandle? TryReferTo(SafeFileHandle directory, string name, out Errno error)
    {
        fixed (byte* text = Terminated(name))
        {
            return Wrap(Libc.OpenAt(Descriptor(directory), text, PathOnly | NoFollow | CloseOnExec, 0), out error);
        }
    }

    private static string? ReadLink(SafeFileHandle link, out Errno error)
    {
        byte* buffer = stackalloc byte[MaxLinkBytes];
        byte empty = 0;
        nint length = Libc.ReadLinkAt(Descriptor(link), &empty, buffer, MaxLinkBytes);
        error = length < 0 ? Libc.LastError : Errno.None;
        return length < 0 ? null : Encoding.UTF8.GetString(buffer, (int)length);
    }

    private static SafeFileHandle? Close(SafeFileHandle handle)
    {
        handle.Dispose();
        return null;
    }

    private static SafeFileHandle? Wrap(int descriptor, out Errno error)
    {
        error = descriptor < 0 ? Libc.LastError : Errno.None;
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private static byte[] Terminated(string path) => [.. Encoding.UTF8.GetBytes(path), 0];

    private static int Descriptor(SafeFileHandle file) => (int)file.DangerousGetHandle();
}
