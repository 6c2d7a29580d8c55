namespace Blindspot.Target;

/// <summary>A descriptor that stands for a process and tells when it ends (pidfd_open(2)).</summary>
/// <param name="Descriptor">Its number.</param>
/// <param name="Pid">In our PID namespace; null where that process has ended or is not in it.</param>
public readonly record struct ProcessDescriptor(int Descriptor, int? Pid)
{
    /// <summary>Those of a process; null where they cannot be told (a core; the snapshot's gaps say why else).</summary>
    public static IReadOnlyList<ProcessDescriptor>? ReadAll(Snapshot snapshot) =>
        snapshot.ReadProcFile(ProcFile.SignalDescriptors) is { } text ? Parse(text.Span) : null;

    public static IReadOnlyList<ProcessDescriptor> Parse(ReadOnlySpan<byte> text)
    {
        List<ProcessDescriptor> found = [];
        var each = new DescriptorTexts(text);
        while (each.MoveNext())
        {
            if (each.Kind == DescriptorKind.Process && each.TryGetNumber("Pid"u8, out long pid))
            {
                // -1 for one that has ended, 0 for one that cannot be seen from here.
                found.Add(new ProcessDescriptor(each.Number, pid is > 0 and <= int.MaxValue ? (int)pid : null));
            }
        }

        return found;
    }
}
