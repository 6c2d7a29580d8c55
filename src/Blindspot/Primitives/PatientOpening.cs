namespace Blindspot.Primitives;

/// <summary>
/// Opens files of which some may lie on a file system that does not answer (a server that went away, which may be the
/// very reason to look at the target): after a while it goes on without, and asks that folder no more. Thread-safe.
/// </summary>
public static class PatientOpening
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly Lock Gate = new();
    private static readonly List<string> Hanging = [];

    /// <param name="path">What is opened: nothing at or below its folder is tried again once it did not answer.</param>
    /// <param name="open">Runs on another thread, for ever if the file system never answers.</param>
    /// <param name="isHanging">It did not answer now, or earlier.</param>
    public static T? TryOpen<T>(string path, Func<T?> open, out bool isHanging)
        where T : class, IDisposable
    {
        isHanging = IsHanging(path);
        if (isHanging)
        {
            return null;
        }

        Task<T?> opening = Task.Run(open);
        if (opening.Wait(Patience))
        {
            return opening.Result;
        }

        isHanging = true;
        lock (Gate)
        {
            Hanging.Add(path[..(path.LastIndexOf('/') + 1)]);
        }

        _ = opening.ContinueWith(static late => late.Result?.Dispose(), TaskContinuationOptions.OnlyOnRanToCompletion);
        return null;
    }

    private static bool IsHanging(string path)
    {
        lock (Gate)
        {
            return Hanging.Exists(folder => path.StartsWith(folder, StringComparison.Ordinal));
        }
    }
}
