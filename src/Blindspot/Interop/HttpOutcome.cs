namespace Blindspot.Interop;

/// <summary>How a download ended.</summary>
public enum HttpOutcome
{
    /// <summary>All of it has come.</summary>
    Done,

    /// <summary>The server answered, and has no such file, or does not give it.</summary>
    Refused,

    /// <summary>It is, or would become, larger than wanted.</summary>
    TooLarge,

    /// <summary>The caller wanted no more.</summary>
    Stopped,

    /// <summary>No connection, an answer that broke off, or too long a silence.</summary>
    Failed,

    /// <summary>The machine lacks what is needed for it.</summary>
    NotPossible,
}
