namespace Blindspot.Image.Debuginfod;

/// <summary>How a server answered.</summary>
internal enum DownloadResult
{
    /// <summary>The whole file has come.</summary>
    Done,

    /// <summary>The server does not have it; it may have others.</summary>
    NotThere,

    /// <summary>It is larger than is wanted; others may be smaller.</summary>
    TooLarge,

    /// <summary>The server is not to be reached, or stopped in the middle: it is not worth asking again.</summary>
    Failed,

    /// <summary>The time for all downloads is used up.</summary>
    OutOfTime,
}
