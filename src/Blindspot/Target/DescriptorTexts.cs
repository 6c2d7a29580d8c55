using System.Buffers.Text;
using Blindspot.Target.Live;

namespace Blindspot.Target;

internal enum DescriptorKind
{
    Other,
    Signal,
    Process,
}

/// <summary>
/// Goes through <see cref="ProcFile.SignalDescriptors"/>: for each descriptor a line "descriptor: NUMBER LINK", where LINK
/// is what /proc/PID/fd/NUMBER leads to, and its fdinfo behind that.
/// </summary>
internal ref struct DescriptorTexts(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;
    private ReadOnlySpan<byte> _fields;

    public static ReadOnlySpan<byte> Heading => "descriptor:\t"u8;

    public int Number { get; private set; }

    public DescriptorKind Kind { get; private set; }

    public static DescriptorKind KindOf(ReadOnlySpan<byte> link) =>
        link.SequenceEqual("anon_inode:[signalfd]"u8) ? DescriptorKind.Signal

        // Linux 6.9 had the second form before it went back to the first (fs/pidfs.c).
        : link.SequenceEqual("anon_inode:[pidfd]"u8) || link.StartsWith("pidfd:["u8) ? DescriptorKind.Process
        : DescriptorKind.Other;

    public bool MoveNext()
    {
        while (_rest.StartsWith(Heading))
        {
            ReadOnlySpan<byte> own = _rest[Heading.Length..];
            int next = own.IndexOf("\ndescriptor:\t"u8);
            own = next < 0 ? own : own[..(next + 1)];
            _rest = _rest[(Heading.Length + own.Length)..];

            int line = own.IndexOf((byte)'\n');
            ReadOnlySpan<byte> heading = line < 0 ? own : own[..line];
            if (Utf8Parser.TryParse(heading, out int number, out int length) && length < heading.Length)
            {
                Number = number;
                Kind = KindOf(heading[(length + 1)..]);
                _fields = line < 0 ? default : own[(line + 1)..];
                return true;
            }
        }

        return false;
    }

    public readonly bool TryGetHex(ReadOnlySpan<byte> field, out ulong value)
    {
        int at = 0;
        return ProcText.TryTakeHex(ProcText.Field(_fields, field), ref at, out value);
    }

    public readonly bool TryGetNumber(ReadOnlySpan<byte> field, out long value)
    {
        int at = 0;
        bool isTaken = ProcText.TryTakeNumber(ProcText.Field(_fields, field), ref at, out ulong number);
        value = unchecked((long)number);
        return isTaken;
    }
}
