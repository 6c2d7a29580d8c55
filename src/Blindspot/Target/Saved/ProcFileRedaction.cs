namespace Blindspot.Target.Saved;

/// <summary>
/// Takes the name of the process, which a program may set to anything, out of texts that tell it; nothing else in them is
/// the program's own.
/// </summary>
internal static class ProcFileRedaction
{
    public static ReadOnlySpan<byte> WithoutName(ProcFile file, ReadOnlySpan<byte> text) => file switch
    {
        ProcFile.Status => WithoutFirstField(text),
        ProcFile.Stat => WithoutParentheses(text),
        _ => text,
    };

    /// <summary>"Name: app" is the first line; the kernel escapes line ends in it.</summary>
    private static ReadOnlySpan<byte> WithoutFirstField(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)'\n');
        ReadOnlySpan<byte> rest = end < 0 ? default : text[end..];
        return text.StartsWith("Name:"u8) ? (byte[])[.. "Name:\t"u8, .. rest] : text;
    }

    private static ReadOnlySpan<byte> WithoutParentheses(ReadOnlySpan<byte> text)
    {
        int open = text.IndexOf((byte)'(');
        int close = text.LastIndexOf((byte)')');
        return open >= 0 && close > open ? (byte[])[.. text[..(open + 1)], .. text[close..]] : text;
    }
}
