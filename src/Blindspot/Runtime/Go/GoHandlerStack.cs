namespace Blindspot.Runtime.Go;

/// <summary>How much of an alternate stack Go's signal handler needs.</summary>
internal static class GoHandlerStack
{
    /// <summary>
    /// Bytes besides the frame that the kernel writes (AT_MINSIGSTKSZ): the guard of 928 bytes below which the runtime ends the
    /// program with "morestack on gsignal", and the handler's own frames. Measured, see docs/findings.md.
    /// </summary>
    public const int Bytes = 4096;
}
