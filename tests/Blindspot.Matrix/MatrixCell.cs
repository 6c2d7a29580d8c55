namespace Blindspot.Matrix;

/// <summary>One Go version and one way to build.</summary>
internal sealed record MatrixCell(string Go, string Kind)
{
    /// <summary>By Go version from old to new, and in each by kind.</summary>
    public static IEnumerable<MatrixCell> All(IEnumerable<string> versions) =>
        from go in versions
        from kind in Kinds
        select new MatrixCell(go, kind);

    /// <summary>As specimens/build names them.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
    [
        "exe", "nodwarf", "stripped", "strip", "pie", "pie-stripped", "static", "static-stripped", "musl", "static-musl", "static-musl-stripped",
        "c-shared", "c-shared-stripped", "c-archive", "c-archive-stripped", "plugin", "plugin-stripped",
    ];

    public override string ToString() => $"go{Go}-{Kind}";
}
