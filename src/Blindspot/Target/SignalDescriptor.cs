namespace Blindspot.Target;

/// <summary>A descriptor from which signals are read instead of being handled (signalfd(2)).</summary>
/// <param name="Descriptor">Its number.</param>
/// <param name="Mask">What it takes: bit n-1 for signal n. It takes those alone that are blocked, too.</param>
public readonly record struct SignalDescriptor(int Descriptor, ulong Mask)
{
    /// <summary>Those of a process; null where they cannot be told (a core; the snapshot's gaps say why else).</summary>
    public static IReadOnlyList<SignalDescriptor>? ReadAll(Snapshot snapshot) =>
        snapshot.ReadProcFile(ProcFile.SignalDescriptors) is { } text ? Parse(text.Span) : null;

    public static IReadOnlyList<SignalDescriptor> Parse(ReadOnlySpan<byte> text)
    {
        List<SignalDescriptor> found = [];
        var each = new DescriptorTexts(text);
        while (each.MoveNext())
        {
            if (each.Kind == DescriptorKind.Signal && each.TryGetHex("sigmask"u8, out ulong mask))
            {
                found.Add(new SignalDescriptor(each.Number, mask));
            }
        }

        return found;
    }
}
