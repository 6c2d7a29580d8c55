using System.Globalization;
using Blindspot.Analysis.Stacks;

namespace Blindspot.Cli.Terminal;

/// <summary>Who created the tasks of a group.</summary>
/// <param name="Function">Of the one that created most of them.</param>
/// <param name="Place">Its file and line; null when not known.</param>
/// <param name="Remark">Which task that was, or how many other places there are; null if there is nothing to say.</param>
internal sealed record CreatorText(string Function, string? Place, string? Remark)
{
    public static CreatorText? Of(IReadOnlyList<ReportTask> tasks, string taskNoun)
    {
        var places = new Dictionary<(string Function, string? File, int Line), int>();
        var creators = new HashSet<long>();
        foreach (ReportTask task in tasks)
        {
            if (task.CreatedBy is { } creator)
            {
                var place = (creator.Function, creator.File, creator.Line);
                places[place] = places.GetValueOrDefault(place) + 1;
                creators.Add(creator.Task ?? 0);
            }
        }

        if (places.Count == 0)
        {
            return null;
        }

        int most = 0;
        (string Function, string? File, int Line) first = ("", null, 0);
        foreach (((string, string?, int) place, int count) in places)
        {
            if (count > most)
            {
                (most, first) = (count, place);
            }
        }

        string? remark = null;
        if (places.Count > 1)
        {
            remark = $"and {Quantity.Of(places.Count - 1, "other place")}";
        }
        else if (creators.Count == 1 && tasks[0].CreatedBy?.Task is { } task)
        {
            remark = string.Create(CultureInfo.InvariantCulture, $"in {taskNoun} {task}");
        }

        string? file = first.File is { } path ? SourcePlace.Of(path, first.Line) : null;
        return new CreatorText(TerminalText.Safe(first.Function), file, remark);
    }
}
