using Blindspot.Image;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Unwind;

/// <summary>
/// Code as it runs: from the target's memory, and where a page of it is not resident (nobody ran it lately) from the file
/// that is mapped there.
/// </summary>
internal static class CodeBytes
{
    /// <param name="module">The module of the code; null where it belongs to none.</param>
    /// <returns>How many bytes came.</returns>
    public static int Read(TargetMemory memory, Module? module, TargetAddress address, Span<byte> into)
    {
        int read = memory.Read(address, into);
        if (read < into.Length && module?.MappedImage is { } image)
        {
            read += image.Read(module.ToImage(address + (ulong)read), into[read..]);
        }

        return read;
    }
}
