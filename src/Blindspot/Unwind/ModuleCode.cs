using Blindspot.Image;
using Blindspot.Image.Elf;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Unwind;

/// <summary>
/// The code of a module: as it is in the target's memory, and where that has no page of it (a function that does not return
/// may have an end that nobody ran), as it is in the file.
/// </summary>
internal static class ModuleCode
{
    /// <returns>How many bytes came.</returns>
    public static int Read(TargetMemory memory, Module? module, TargetAddress address, Span<byte> destination)
    {
        int read = memory.Read(address, destination);
        if (read == destination.Length || module?.Image is not { } image)
        {
            return read;
        }

        ImageOffset next = module.ToImage(address + (ulong)read);
        return image.IsExecutableAddress(next) ? read + image.Read(next, destination[read..]) : read;
    }
}
