namespace Blindspot.Cli.Terminal;

/// <summary>
/// Styles as SGR sequences (ECMA-48, 8.3.117), of the 16 colours that every terminal lets its user choose. Yellow,
/// blue, white and black are left out: each vanishes on one of the usual backgrounds.
/// </summary>
internal static class Palette
{
    public const string Reset = "\x1b[0m";

    public static string Begin(Style style) => style switch
    {
        Style.Strong => "\x1b[1m",
        Style.Faint => "\x1b[2m",
        Style.Managed => "\x1b[36m",
        Style.Native => "\x1b[35m",
        Style.OtherNative => "\x1b[32m",
        Style.Alarm => "\x1b[1;31m",
        _ => "",
    };
}
