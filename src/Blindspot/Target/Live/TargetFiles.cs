using Blindspot.Interop;
using Blindspot.Primitives;
using Microsoft.Win32.SafeHandles;

namespace Blindspot.Target.Live;

/// <summary>
/// The files of a live process as it sees them. A path means something only inside the target's own root, and a symbolic
/// link there may point anywhere: so a mapped file is opened by map_files, which needs no name, or by its name resolved
/// inside that root, and then only if it is the very file that is mapped. Nothing but regular files is ever opened.
/// </summary>
internal sealed class TargetFiles : IDisposable
{
    private const string DeletedMark = " (deleted)";

    private readonly TargetProcess _process;
    private readonly GapLog _gaps;
    private readonly SafeFileHandle? _root;
    private readonly string? _rootPath;

    internal TargetFiles(TargetProcess process, GapLog gaps)
    {
        _process = process;
        _gaps = gaps;
        string link = $"/proc/{process.MemoryThread}/root";
        _root = RawFile.TryRefer(link, out _);
        _rootPath = RawFile.ReadLink(link, out _) is { Length: > 1 } path && path.StartsWith('/') ? path : null;
    }

    /// <summary>The file behind a mapping; null, with a gap, where it cannot be had.</summary>
    internal FileByteSource? OpenMapped(MemoryMapping mapping)
    {
        if (mapping.Inode == 0 || !mapping.IsFile)
        {
            return null;
        }

        Errno rangeError = Errno.None;
        Errno nameError = Errno.None;
        SafeFileHandle? file = PatientOpening.TryOpen(
            mapping.Path,
            () => OpenByRange(mapping, out rangeError) ?? OpenByName(mapping, out nameError),
            out bool isHanging);
        if (file is not null)
        {
            return new FileByteSource(file);
        }

        _gaps.Add("target", isHanging ? "file-system-hangs" : "mapped-file-unavailable", Explain(mapping, isHanging, rangeError, nameError), mapping.Start);
        return null;
    }

    /// <summary>A file by its path inside the target's root; null where there is none that may be opened.</summary>
    internal FileByteSource? Open(string path)
    {
        SafeFileHandle? file = PatientOpening.TryOpen(path, () => OpenInRoot(path), out bool isHanging);
        if (isHanging)
        {
            _gaps.Add("target", "file-system-hangs", $"{path} was not opened: its file system does not answer.");
        }

        return file is null ? null : new FileByteSource(file);
    }

    public void Dispose() => _root?.Dispose();

    private SafeFileHandle? OpenInRoot(string path)
    {
        foreach (string name in NamesOf(path, isDeleted: false))
        {
            using SafeFileHandle? reference = _root is null ? null : RootedPath.TryRefer(_root, name, out _);
            if (reference is not null && RawFile.Identify(reference) is { Kind: FileKind.Regular, Size: > 0 })
            {
                return RawFile.TryReopen(reference, out _);
            }
        }

        return null;
    }

    private SafeFileHandle? OpenByRange(MemoryMapping mapping, out Errno error)
    {
        string path = $"/proc/{_process.MemoryThread}/map_files/{mapping.Start.Value:x}-{mapping.End.Value:x}";
        using SafeFileHandle? reference = RawFile.TryRefer(path, out error);
        if (reference is null || RawFile.Identify(reference) is not { Kind: FileKind.Regular } found)
        {
            return null;
        }

        // Between our look at the mappings and now, something else may have been mapped there. Some file systems show other
        // numbers in maps than in stat (btrfs subvolumes; overlay file systems before Linux 6.8): there, maps is asked again.
        bool isSame = Matches(found, mapping) || IsStillMapped(mapping);
        return isSame ? RawFile.TryReopen(reference, out error) : null;
    }

    private SafeFileHandle? OpenByName(MemoryMapping mapping, out Errno error)
    {
        error = Errno.NoEntry;
        foreach (string name in NamesOf(mapping.Path, mapping.IsDeleted))
        {
            using SafeFileHandle? reference = _root is null ? null : RootedPath.TryRefer(_root, name, out error);
            if (reference is null || RawFile.Identify(reference) is not { Kind: FileKind.Regular } found)
            {
                continue;
            }

            SafeFileHandle? file = RawFile.TryReopen(reference, out error);
            if (file is not null && (Matches(found, mapping) || IsMappedAlike(file, mapping)))
            {
                return file;
            }

            error = file is null ? error : Errno.NoEntry;
            file?.Dispose();
        }

        return null;
    }

    /// <summary>
    /// The names that a path from /proc may stand for in the target's root: the kernel tells it as it is seen from our
    /// root where the target's lies below that (chroot), and its mark for deleted files may be part of a name.
    /// </summary>
    private IEnumerable<string> NamesOf(string path, bool isDeleted)
    {
        string inside = _rootPath is { } root && path.StartsWith(root, StringComparison.Ordinal) && path.Length > root.Length && path[root.Length] == '/'
            ? path[root.Length..]
            : path;
        yield return inside;
        if (isDeleted)
        {
            yield return inside + DeletedMark;
        }

        if (inside != path)
        {
            yield return path;
        }
    }

    private static bool Matches(FileIdentity found, MemoryMapping mapping) => found.Device == mapping.Device && found.Inode == mapping.Inode;

    private bool IsStillMapped(MemoryMapping mapping) =>
        ProcMaps.Read(_process.MemoryThread, Limits.Default, new GapLog(), out _)?.Contains(mapping) == true;

    /// <summary>Whether the file, mapped by us, has the same numbers in maps.</summary>
    private static bool IsMappedAlike(SafeFileHandle file, MemoryMapping mapping)
    {
        using var page = MappedPage.TryMap(file);
        byte[]? text = page is null ? null : RawFile.ReadWhole("/proc/self/maps", 1 << 26, out _);
        MemoryMapping? ours = text is null ? null : ProcMaps.Parse(text, int.MaxValue, out _).Find(own => own.Contains(new TargetAddress(page!.Address)));
        return ours is not null && ours.Device == mapping.Device && ours.Inode == mapping.Inode;
    }

    private static string Explain(MemoryMapping mapping, bool isHanging, Errno rangeError, Errno nameError)
    {
        if (isHanging)
        {
            return $"{mapping.Path} was not opened: its file system does not answer.";
        }

        bool isForbidden = rangeError is Errno.NotPermitted or Errno.AccessDenied;
        string byRange = isForbidden ? ", and /proc/PID/map_files, where it could be had without a name, needs root or CAP_CHECKPOINT_RESTORE (CAP_SYS_ADMIN before Linux 5.9)" : "";
        if (mapping.IsDeleted)
        {
            return $"{mapping.Path} was deleted or replaced since the target mapped it{byRange}.";
        }

        return nameError == Errno.NoEntry
            ? $"{mapping.Path}, as the target has it mapped, is not at that name in the target's root{byRange}."
            : $"{mapping.Path}, as the target has it mapped, cannot be opened: {nameError.Describe()}{byRange}.";
    }
}
