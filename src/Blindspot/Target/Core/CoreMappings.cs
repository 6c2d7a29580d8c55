using Blindspot.Primitives;
using Blindspot.Primitives.Elf;

namespace Blindspot.Target.Core;

/// <summary>The mappings of the process, put together from the core's PT_LOAD segments and NT_FILE.</summary>
internal static class CoreMappings
{
    /// <summary>AT_SYSINFO_EHDR: where the vDSO is.</summary>
    private const ulong VdsoEntry = 33;

    /// <summary>AT_RANDOM: sixteen bytes that the kernel put on the first thread's stack.</summary>
    private const ulong RandomEntry = 25;

    /// <summary>Permissions that are not known yet.</summary>
    private const string Unknown = "?";

    /// <param name="loads">By address.</param>
    /// <param name="notes">The core's notes.</param>
    public static List<MemoryMapping> Combine(ElfSegment[] loads, CoreNotes notes)
    {
        var mappings = new List<MemoryMapping>(loads.Length);
        List<CoreFileMapping> files = notes.Files;
        int file = 0;
        ulong covered = 0;
        foreach (ElfSegment load in loads)
        {
            ulong end = unchecked(load.Address + load.MemorySize);
            if (load.MemorySize == 0 || end < load.Address)
            {
                continue;
            }

            for (; file < files.Count && files[file].End <= load.Address; file++)
            {
                AddUndumped(mappings, files[file], covered);
            }

            covered = Math.Max(covered, end);
            string permissions = $"{(load.IsReadable ? 'r' : '-')}{(load.IsWritable ? 'w' : '-')}{(load.IsExecutable ? 'x' : '-')}p";
            bool hasFile = file < files.Count && files[file].Start <= load.Address;
            mappings.Add(hasFile
                ? new MemoryMapping(
                    new TargetAddress(load.Address),
                    new TargetAddress(end),
                    permissions,
                    files[file].FileOffset + (load.Address - files[file].Start),
                    0,
                    0,
                    files[file].Path,
                    files[file].IsDeleted)
                : new MemoryMapping(
                    new TargetAddress(load.Address),
                    new TargetAddress(end),
                    permissions,
                    0,
                    0,
                    0,
                    NameOf(load, notes.AuxiliaryVector),
                    false));
        }

        for (; file < files.Count; file++)
        {
            AddUndumped(mappings, files[file], covered);
        }

        return mappings;
    }

    /// <summary>Puts in the permissions of mappings that only NT_FILE tells of.</summary>
    public static void Complete(List<MemoryMapping> mappings, CoreImagePermissions permissions)
    {
        var headers = new Dictionary<string, TargetAddress>(StringComparer.Ordinal);
        for (int i = 0; i < mappings.Count; i++)
        {
            MemoryMapping mapping = mappings[i];
            if (mapping.IsFile && mapping.FileOffset == 0)
            {
                headers[mapping.Path] = mapping.Start;
            }

            if (mapping.Permissions == Unknown && headers.TryGetValue(mapping.Path, out TargetAddress start))
            {
                mappings[i] = permissions.Complete(mapping, start);
            }
        }
    }

    /// <summary>A file that no segment tells of: gcore leaves out what can be read from its file.</summary>
    private static void AddUndumped(List<MemoryMapping> mappings, CoreFileMapping file, ulong covered)
    {
        if (file.Start >= covered)
        {
            mappings.Add(new MemoryMapping(
                new TargetAddress(file.Start), new TargetAddress(file.End), Unknown, file.FileOffset, 0, 0, file.Path, file.IsDeleted));
        }
    }

    private static string NameOf(ElfSegment load, Dictionary<ulong, ulong> auxiliary)
    {
        if (auxiliary.TryGetValue(VdsoEntry, out ulong vdso) && vdso == load.Address)
        {
            return "[vdso]";
        }

        return auxiliary.TryGetValue(RandomEntry, out ulong random) && load.Contains(random) ? "[stack]" : "";
    }
}
