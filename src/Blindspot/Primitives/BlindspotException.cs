namespace Blindspot.Primitives;

/// <summary>
/// What was asked cannot be done: one clear sentence (what, why, what to do) that the command line prints on standard
/// error with exit code 2.
/// </summary>
public sealed class BlindspotException : Exception
{
    public BlindspotException(string message)
        : base(message)
    {
    }

    public BlindspotException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
