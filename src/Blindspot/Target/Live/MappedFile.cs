using Blindspot.Interop;
using Blindspot.Primitives;
using Microsoft.Win32.SafeHandles;

namespace Blindspot.Target.Live;

/// <summary>
/// The file behind a mapping of a live process. A path means something only inside the target's own root, and a symbolic
/// link there may point anywhere: so by map_files, which needs no name, or by its name resolved inside that root, and
/// then only if it is the very file that is mapped.
/// </summary>
internal static class MappedFile
{
    internal static FileByteSource? Open(TargetProcess process, MemoryMapping mapping, GapLog gaps)
    {
        if (mapping.Inode == 0 || !mapping.IsFile)
        {
            return null;
        }

        SafeFileHandle? file = OpenByRange(process, mapping) ?? OpenByName(process, mapping);
        if (file is null)
        {
            gaps.Add(
                "target",
                "mapped-file-unavailable",
                mapping.IsDeleted
                    ? $"{mapping.Path} was deleted or replaced since the target mapped it, and /proc/PID/map_files may not be used (CAP_CHECKPOINT_RESTORE)."
                    : $"{mapping.Path}, as the target has it mapped, cannot be opened.",
                mapping.Start);
            return null;
        }

        return new FileByteSource(file);
    }

    private static SafeFileHandle? OpenByRange(TargetProcess process, MemoryMapping mapping)
    {
        string path = $"/proc/{process.MemoryThread}/map_files/{mapping.Start.Value:x}-{mapping.End.Value:x}";
        using SafeFileHandle? reference = RawFile.TryRefer(path, out _);
        return reference is null ? null : Reopen(reference, mapping);
    }

    private static SafeFileHandle? OpenByName(TargetProcess process, MemoryMapping mapping)
    {
        using SafeFileHandle? root = RawFile.TryRefer($"/proc/{process.MemoryThread}/root", out _);
        if (mapping.IsDeleted || root is null)
        {
            return null;
        }

        using SafeFileHandle? reference = RawFile.TryReferInRoot(root, mapping.Path, out _);
        return reference is null ? null : Reopen(reference, mapping);
    }

    /// <summary>Opens what was found if it is a regular file and the one that is mapped; anything else is never opened.</summary>
    private static SafeFileHandle? Reopen(SafeFileHandle reference, MemoryMapping mapping) =>
        RawFile.Identify(reference) is { IsRegular: true } found && found.Inode == mapping.Inode && IsSameDevice(found.Device, mapping.Device)
            ? RawFile.TryReopen(reference, out _)
            : null;

    // btrfs and overlayfs show one made-up device (major 0) in maps and another in stat; their inode has to do.
    private static bool IsSameDevice(ulong found, ulong mapped) => found == mapped || (found >> 32 == 0 && mapped >> 32 == 0);
}
