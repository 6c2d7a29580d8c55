namespace Blindspot.Model;

/// <summary>Look-ups among the threads of a runtime.</summary>
internal static class RuntimeWorkers
{
    /// <summary>By thread id (inner). Empty without a runtime.</summary>
    public static Dictionary<int, RuntimeWorker> WorkersByTid(this IManagedRuntime? runtime)
    {
        Dictionary<int, RuntimeWorker> workers = [];
        foreach (RuntimeWorker worker in runtime?.Workers ?? [])
        {
            // A thread of one runtime may have called into another, to which it is one that C made.
            if (worker.InnerTid != 0 && !(workers.TryGetValue(worker.InnerTid, out RuntimeWorker? known) && worker.IsBorrowed && !known.IsBorrowed))
            {
                workers[worker.InnerTid] = worker;
            }
        }

        return workers;
    }
}
