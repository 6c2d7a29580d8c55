namespace Blindspot.Interop;

/// <summary>Nobody reads any more what is being written (EPIPE), as behind <c>| head</c>: no error, but no reason to go on.</summary>
public sealed class BrokenPipeException() : IOException("Nobody reads the output any more.");
