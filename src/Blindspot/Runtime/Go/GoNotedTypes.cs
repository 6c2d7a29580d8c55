using Blindspot.Image;

namespace Blindspot.Runtime.Go;

/// <summary>
/// The runtime's types by debug information that a saved snapshot leaves out: what is asked for is noted while one is
/// made, and answered from those notes when it is read.
/// </summary>
/// <param name="module">The module with the runtime.</param>
/// <param name="types">What its debug information tells; null to answer from notes alone.</param>
internal sealed class GoNotedTypes(Module module, IGoTypes? types) : IGoTypes
{
    private const string Size = "*";

    public bool TryGetOffset(string structName, string path, out int offset) =>
        types is null ? TryRecall(structName, path, out offset) : types.TryGetOffset(structName, path, out offset) && Note(structName, path, offset);

    public bool TryGetSize(string structName, out int size) =>
        types is null ? TryRecall(structName, Size, out size) : types.TryGetSize(structName, out size) && Note(structName, Size, size);

    private static string FactOf(string structName, string path) => $"type:{structName}:{path}";

    private bool Note(string structName, string path, int value)
    {
        module.Facts.Note(module.Path, FactOf(structName, path), (ulong)value);
        return true;
    }

    private bool TryRecall(string structName, string path, out int value)
    {
        bool isKnown = module.Facts.TryGet(module.Path, FactOf(structName, path), out ulong known) && known <= int.MaxValue;
        value = isKnown ? (int)known : 0;
        return isKnown;
    }
}
