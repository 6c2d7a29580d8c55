using System.Security.Cryptography;
using System.Text.Json;
using Blindspot.LiveTests.Support;

namespace Blindspot.Matrix;

/// <summary>Results of cells in artifacts/matrix, each with a stamp of what it was a result of.</summary>
internal sealed class ResultStore
{
    private static readonly JsonSerializerOptions s_options = new() { WriteIndented = true };
    private readonly string _folder = Directory.CreateDirectory(Repository.InRoot("artifacts", "matrix")).FullName;

    /// <summary>Hash of the executable, the specimens and what compares them.</summary>
    public string Stamp { get; } = ComputeStamp();

    /// <summary>The cell's result; null if there is none of these files.</summary>
    public CellResult? Find(MatrixCell cell) =>
        File.Exists(PathOf(cell))
            && JsonSerializer.Deserialize<CellResult>(File.ReadAllText(PathOf(cell)), s_options) is { } result
            && result.Stamp == Stamp
            ? result
            : null;

    public void Save(MatrixCell cell, CellResult result)
    {
        string path = PathOf(cell);
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(result, s_options));
        File.Move(path + ".new", path, overwrite: true);
    }

    private string PathOf(MatrixCell cell) => Path.Combine(_folder, $"{cell}.json");

    private static string ComputeStamp()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        IEnumerable<string> sources = Directory.EnumerateFiles(Repository.InRoot("specimens"), "*", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Repository.InRoot("tests", "Blindspot.LiveTests", "Support"), "*.cs"))
            .Where(path => !path.EndsWith(".md", StringComparison.Ordinal) && !path.Contains("__pycache__", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Prepend(Repository.Executable);
        foreach (string path in sources)
        {
            hash.AppendData(File.ReadAllBytes(path));
        }

        return Convert.ToHexString(hash.GetHashAndReset())[..16];
    }
}
