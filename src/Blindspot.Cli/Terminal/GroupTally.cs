using Blindspot.Analysis.Stacks;

namespace Blindspot.Cli.Terminal;

/// <summary>How many groups, tasks and threads.</summary>
internal sealed class GroupTally
{
    private int _tasks;
    private int _threads;

    public int Groups { get; private set; }

    public void Add(StackGroup group)
    {
        Groups++;
        _tasks += group.Tasks.Count;
        _threads += group.Threads.Count;
    }

    /// <summary>"37 goroutines and 2 threads".</summary>
    public string Members(string taskNoun, string threadNoun = "thread")
    {
        if (_threads == 0)
        {
            return Quantity.Of(_tasks, taskNoun);
        }

        string threads = Quantity.Of(_threads, threadNoun);
        return _tasks == 0 ? threads : Quantity.Of(_tasks, taskNoun) + " and " + threads;
    }
}
