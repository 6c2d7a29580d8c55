namespace Blindspot.Cli.Terminal;

/// <summary>What a piece of text is; the palette says how that looks.</summary>
internal enum Style
{
    Plain,
    Strong,
    Faint,

    /// <summary>The managed language of the process.</summary>
    Managed,

    /// <summary>C, C++ and whatever else is native.</summary>
    Native,

    /// <summary>Native code whose language is known to be another than C and C++.</summary>
    OtherNative,

    /// <summary>Something that the reader should not overlook.</summary>
    Alarm,
}
