using Blindspot.Primitives;

namespace Blindspot.Target;

/// <summary>One line of /proc/PID/maps, or what a core tells of it.</summary>
/// <param name="Start">First byte.</param>
/// <param name="End">First byte behind it.</param>
/// <param name="Permissions">As in maps: "r-xp"; "?" where a core does not tell.</param>
/// <param name="FileOffset">Offset in bytes of <paramref name="Start"/> in the file.</param>
/// <param name="Device">Device number (major &lt;&lt; 32 | minor), 0 for none.</param>
/// <param name="Inode">Inode, 0 for none.</param>
/// <param name="Path">File, "[heap]", "[vdso]", … or ""; as seen inside the target's mount namespace, without the " (deleted)" mark.</param>
/// <param name="IsDeleted">The file is no longer there under that name.</param>
public sealed record MemoryMapping(
    TargetAddress Start,
    TargetAddress End,
    string Permissions,
    ulong FileOffset,
    ulong Device,
    ulong Inode,
    string Path,
    bool IsDeleted)
{
    public bool IsReadable => Permissions.StartsWith('r');

    public bool IsWritable => Permissions.Length > 1 && Permissions[1] == 'w';

    public bool IsExecutable => Permissions.Length > 2 && Permissions[2] == 'x';

    public bool IsFile => Path.StartsWith('/');

    public ulong Size => End - Start;

    public bool Contains(TargetAddress address) => address >= Start && address < End;
}
