using System.Text;
using Blindspot.Interop;
using Blindspot.Primitives;

namespace Blindspot.Target.Live;

/// <summary>The mappings of a process from /proc/PID/maps (proc_pid_maps(5)).</summary>
internal static class ProcMaps
{
    private const int MaxBytesPerMapping = 256;
    private static ReadOnlySpan<byte> DeletedMark => " (deleted)"u8;

    /// <summary>Null where the file cannot be read; empty for a process without memory.</summary>
    internal static List<MemoryMapping>? Read(int tid, Limits limits, GapLog gaps, out Errno error)
    {
        int maxBytes = (int)Math.Min(int.MaxValue / 2, (long)limits.MaxMappings * MaxBytesPerMapping);
        byte[]? text = RawFile.ReadWhole($"/proc/{tid}/maps", maxBytes, out error);
        if (text is null)
        {
            return null;
        }

        List<MemoryMapping> mappings = Parse(text, limits.MaxMappings, out bool isCut);
        if (isCut || text.Length >= maxBytes)
        {
            gaps.Add("target", "mappings-cut", $"The process has more than {mappings.Count} mappings; the others are not known.");
        }

        return mappings;
    }

    internal static List<MemoryMapping> Parse(ReadOnlySpan<byte> text, int limit, out bool isCut)
    {
        List<MemoryMapping> mappings = [];
        isCut = false;
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            if (mappings.Count >= limit)
            {
                isCut = true;
                break;
            }

            if (TryParseLine(line, mappings.Count > 0 ? mappings[^1] : null, out MemoryMapping? mapping))
            {
                mappings.Add(mapping!);
            }
        }

        return mappings;
    }

    // 7f5c3a400000-7f5c3a422000 r--p 00000000 fe:00 1234                       /usr/lib/x86_64-linux-gnu/libc.so.6
    private static bool TryParseLine(ReadOnlySpan<byte> line, MemoryMapping? before, out MemoryMapping? mapping)
    {
        mapping = null;
        int at = 0;
        if (!ProcText.TryTakeHex(line, ref at, out ulong start) || !TrySkip(line, ref at, (byte)'-')
            || !ProcText.TryTakeHex(line, ref at, out ulong end) || end < start || !TrySkip(line, ref at, (byte)' ')
            || line.Length - at < 4)
        {
            return false;
        }

        string permissions = Permissions(line.Slice(at, 4));
        at += 4;
        if (!ProcText.TryTakeHex(line, ref at, out ulong offset)
            || !ProcText.TryTakeHex(line, ref at, out ulong major) || !TrySkip(line, ref at, (byte)':')
            || !ProcText.TryTakeHex(line, ref at, out ulong minor)
            || !ProcText.TryTakeNumber(line, ref at, out ulong inode))
        {
            return false;
        }

        ReadOnlySpan<byte> name = line[at..].TrimStart((byte)' ');
        bool isDeleted = inode != 0 && name.EndsWith(DeletedMark);
        if (isDeleted)
        {
            name = name[..^DeletedMark.Length];
        }

        ulong device = (major << 32) | minor;
        bool isSameFile = before is not null && before.Inode == inode && before.Device == device && inode != 0 && before.IsDeleted == isDeleted;
        string path = Unescape(name);
        path = isSameFile && before!.Path == path ? before.Path : path;
        mapping = new MemoryMapping(new TargetAddress(start), new TargetAddress(end), permissions, offset, device, inode, path, isDeleted);
        return true;
    }

    private static bool TrySkip(ReadOnlySpan<byte> line, ref int at, byte expected)
    {
        if (at >= line.Length || line[at] != expected)
        {
            return false;
        }

        at++;
        return true;
    }

    private static string Permissions(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("r-xp"u8) ? "r-xp" :
        text.SequenceEqual("r--p"u8) ? "r--p" :
        text.SequenceEqual("rw-p"u8) ? "rw-p" :
        text.SequenceEqual("---p"u8) ? "---p" :
        Encoding.ASCII.GetString(text);

    /// <summary>The kernel writes a newline in a name as \012 and leaves everything else, the backslash too, as it is.</summary>
    private static string Unescape(ReadOnlySpan<byte> name)
    {
        string text = Encoding.UTF8.GetString(name);
        return text.Contains('\\', StringComparison.Ordinal) ? text.Replace("\\012", "\n", StringComparison.Ordinal) : text;
    }
}
