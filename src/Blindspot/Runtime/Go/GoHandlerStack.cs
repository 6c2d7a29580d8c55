namespace Blindspot.Runtime.Go;

/// <summary>How much of an alternate stack Go's signal handler needs.</summary>
internal static class GoHandlerStack
{
    /// <summary>
    /// Bytes besides the frame that the kernel writes (AT_MINSIGSTKSZ): the guard of 928 bytes below which the runtime ends the
    /// program with "morestack on gsignal", and the handler's own frames. Measured with Go 1.19 and 1.27: 2,850 bytes at most
    /// (the report of a fatal signal); a handler in between needs some besides (docs/findings.md).
    /// </summary>
    public const int Bytes = 4096;
}
