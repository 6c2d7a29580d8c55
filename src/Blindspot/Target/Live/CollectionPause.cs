using System.Runtime;

namespace Blindspot.Target.Live;

/// <summary>Keeps the garbage collector away for as long as little is allocated. Only one can be on at a time; another does nothing.</summary>
internal sealed class CollectionPause : IDisposable
{
    private static int s_isOn;
    private bool _isOurs;

    internal static CollectionPause Begin(long allocationBudget)
    {
        CollectionPause pause = new();
        if (Interlocked.CompareExchange(ref s_isOn, 1, 0) == 0)
        {
            pause._isOurs = GCSettings.LatencyMode != GCLatencyMode.NoGCRegion && GC.TryStartNoGCRegion(allocationBudget);
            if (!pause._isOurs)
            {
                Volatile.Write(ref s_isOn, 0);
            }
        }

        return pause;
    }

    public void Dispose()
    {
        if (!_isOurs)
        {
            return;
        }

        // Where more was allocated than was asked for, the runtime has ended the pause by itself.
        _isOurs = false;
        if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
        {
            GC.EndNoGCRegion();
        }

        Volatile.Write(ref s_isOn, 0);
    }
}
