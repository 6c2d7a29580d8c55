namespace Blindspot.Interop;

/// <summary>The nice value of the calling thread: what has to be short while others wait for us runs before them, if we may.</summary>
internal readonly ref struct NiceLevel
{
    private const int Process = 0;
    private readonly int _tid;
    private readonly int _before;

    private NiceLevel(int tid, int before)
    {
        _tid = tid;
        _before = before;
    }

    /// <summary>Raises it as far as it goes; does nothing where that is not permitted.</summary>
    internal static NiceLevel Raise()
    {
        int tid = Libc.GetTid();
        int before = Libc.GetPriority(Process, tid);
        return Libc.SetPriority(Process, tid, -20) == 0 ? new NiceLevel(tid, before) : default;
    }

    internal void Dispose()
    {
        if (_tid != 0)
        {
            _ = Libc.SetPriority(Process, _tid, _before);
        }
    }
}
