namespace Blindspot.Cli.Terminal;

/// <summary>How much of a report is told as text.</summary>
internal sealed record StacksTextOptions
{
    public const int DefaultGroups = 40;

    /// <summary>A row of a list is one line: many more of them can be looked over than groups.</summary>
    public const int DefaultRows = 1000;

    public bool AllFrames { get; init; }

    /// <summary>Groups or rows that are shown; 0 for all, null for the default.</summary>
    public int? Limit { get; init; }

    /// <summary>Show the runtime's own tasks and idle threads too.</summary>
    public bool ShowSystem { get; init; }

    public bool ListThreads { get; init; }

    public bool ListTasks { get; init; }

    /// <summary>Few tasks or threads were asked for by name: tell all that is known of each.</summary>
    public bool IsDetailed { get; init; }

    public int MaxGroups => Bound(DefaultGroups);

    public int MaxRows => Bound(DefaultRows);

    private int Bound(int standard) => Limit switch
    {
        null => standard,
        0 => int.MaxValue,
        { } limit => limit,
    };
}
