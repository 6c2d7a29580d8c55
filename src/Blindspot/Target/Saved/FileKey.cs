namespace Blindspot.Target.Saved;

/// <summary>What makes mappings be of one file.</summary>
internal readonly record struct FileKey(ulong Device, ulong Inode, string Path)
{
    public static FileKey Of(MemoryMapping mapping) => new(mapping.Device, mapping.Inode, mapping.Path);
}
