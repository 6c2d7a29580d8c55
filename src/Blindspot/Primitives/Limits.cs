namespace Blindspot.Primitives;

/// <summary>The bounds on everything that a target or a file can make us count, follow or allocate.</summary>
public sealed record Limits
{
    public static Limits Default { get; } = new();

    /// <summary>Frames in one stack.</summary>
    public int MaxFrames { get; init; } = 4096;

    /// <summary>Threads of one process.</summary>
    public int MaxThreads { get; init; } = 100_000;

    /// <summary>Goroutines or other tasks of one process.</summary>
    public int MaxTasks { get; init; } = 10_000_000;

    /// <summary>Mappings of one process.</summary>
    public int MaxMappings { get; init; } = 1_000_000;

    /// <summary>Bytes of one section of a file, after decompression.</summary>
    public long MaxSectionBytes { get; init; } = int.MaxValue;

    /// <summary>A section may not grow by more than this factor when decompressed.</summary>
    public int MaxCompressionRatio { get; init; } = 200;

    /// <summary>Sections or segments of one file.</summary>
    public int MaxSections { get; init; } = 100_000;

    /// <summary>Symbols of one table of one file (the largest browsers have two million).</summary>
    public int MaxSymbols { get; init; } = 16_000_000;

    /// <summary>Characters of one name that is shown (longer ones are cut with an ellipsis).</summary>
    public int MaxNameLength { get; init; } = 4096;

    /// <summary>Bytes of one string read from the target.</summary>
    public int MaxStringBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of one text of /proc/PID (60 for each timer or descriptor).</summary>
    public int MaxProcFileBytes { get; init; } = 8 << 20;

    /// <summary>Descriptors of one process that are asked what they are.</summary>
    public int MaxDescriptors { get; init; } = 100_000;

    /// <summary>Steps of one DWARF expression or one line program row search.</summary>
    public int MaxExpressionSteps { get; init; } = 10_000;

    /// <summary>Depth of nested scopes, inlined calls or type references in DWARF.</summary>
    public int MaxNesting { get; init; } = 256;

    /// <summary>Bytes of one profile (pprof), after decompression.</summary>
    public long MaxProfileBytes { get; init; } = 1 << 30;

    /// <summary>Samples, locations, functions, or texts of one profile.</summary>
    public int MaxProfileEntries { get; init; } = 20_000_000;
}
