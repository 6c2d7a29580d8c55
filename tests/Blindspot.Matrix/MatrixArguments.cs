using Blindspot.LiveTests.Support;

namespace Blindspot.Matrix;

/// <summary>Which part of the matrix is to run.</summary>
internal sealed record MatrixArguments
{
    /// <summary>Every feature that one build may have and another not is in one of these.</summary>
    private static readonly string[] s_everywhere =
    [
        "deep-c", "callbacks", "foreign-threads", "lockosthread", "signal-handler-c", "pure-go", "cgo-init", "crossed-deadlock",
    ];

    public required IReadOnlyList<string> Versions { get; init; }

    public IReadOnlyList<string> Kinds { get; private init; } = MatrixCell.Kinds;

    /// <summary>Null for those that the matrix has.</summary>
    public IReadOnlyList<string>? Specimens { get; private init; }

    /// <summary>Cells whose result is known already need not run again.</summary>
    public bool MayReuse { get; private init; } = true;

    public bool IsWhole { get; private init; } = true;

    public static MatrixArguments Parse(string[] args)
    {
        ToolRun list = ToolRun.Start(Repository.InRoot("tools", "go-toolchain"), ["--list"]);
        string[] versions = list.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var arguments = new MatrixArguments { Versions = versions };
        for (int i = 0; i < args.Length; i++)
        {
            string option = args[i];
            if (option == "--again")
            {
                arguments = arguments with { MayReuse = false };
                continue;
            }

            string[] values = i + 1 < args.Length ? args[++i].Split(',') : throw new FormatException($"{option} needs a value");
            arguments = option switch
            {
                "--go" => arguments with { Versions = Known(values, versions), IsWhole = false },
                "--kind" => arguments with { Kinds = Known(values, MatrixCell.Kinds), IsWhole = false },
                "--specimen" => arguments with { Specimens = Known(values, AllSpecimens()), IsWhole = false, MayReuse = false },
                _ => throw new FormatException($"unknown option {option}; there are --go, --kind, --specimen and --again"),
            };
        }

        return arguments;
    }

    /// <summary>All specimens as the oldest and the newest Go build them by default; elsewhere one for each feature.</summary>
    public IReadOnlyList<string> SpecimensOf(MatrixCell cell) =>
        Specimens ?? (cell.Kind == "exe" && cell.Go is "1.19" or "1.27" ? AllSpecimens() : s_everywhere);

    private static string[] Known(string[] values, IReadOnlyList<string> known) =>
        Array.Find(values, value => !known.Contains(value)) is { } unknown
            ? throw new FormatException($"there is no '{unknown}'; choose of {string.Join(", ", known)}")
            : values;

    private static string[] AllSpecimens() =>
    [
        .. Directory.EnumerateFiles(Repository.InRoot("specimens"), "expected.json", SearchOption.AllDirectories)
            .Select(path => Path.GetFileName(Path.GetDirectoryName(path)!))
            .Order(StringComparer.Ordinal),
    ];
}
