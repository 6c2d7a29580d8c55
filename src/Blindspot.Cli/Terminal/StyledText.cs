namespace Blindspot.Cli.Terminal;

/// <param name="Text">Safe for a terminal: made here, or passed through <see cref="TerminalText"/>.</param>
internal readonly record struct StyledText(string Text, Style Style = Style.Plain)
{
    public static implicit operator StyledText(string text) => new(text);
}
