using System.Diagnostics;
using System.Globalization;
using Blindspot.LiveTests.Support;
using Blindspot.Matrix;

// ./dev matrix [--go 1.24,1.27] [--kind c-shared,pie] [--specimen deep-c] [--again]
MatrixArguments arguments;
try
{
    arguments = MatrixArguments.Parse(args);
}
catch (FormatException exception)
{
    Console.Error.WriteLine($"matrix: {exception.Message}");
    return 2;
}

var store = new ResultStore();
MatrixCell[] cells = [.. MatrixCell.All(arguments.Versions).Where(cell => arguments.Kinds.Contains(cell.Kind))];
MatrixCell[] missing = [.. cells.Where(cell => !arguments.MayReuse || store.Find(cell) is null)];
Console.Error.WriteLine($"matrix: {cells.Length} cells, {cells.Length - missing.Length} of them known already");
var results = new Dictionary<MatrixCell, CellResult>();
foreach (MatrixCell cell in cells.Except(missing))
{
    results[cell] = store.Find(cell)!;
}

long begin = Stopwatch.GetTimestamp();
int done = 0;
Parallel.ForEach(
    missing,
    new ParallelOptions { MaxDegreeOfParallelism = CellRun.AtATime },
    cell =>
    {
        CellResult result = new CellRun(cell, arguments.SpecimensOf(cell), store.Stamp).Run();
        lock (results)
        {
            results[cell] = result;
            if (arguments.Specimens is null)
            {
                store.Save(cell, result);
            }

            done++;
            string seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds.ToString("F0", CultureInfo.InvariantCulture);
            Console.Error.WriteLine($"matrix: {done} of {missing.Length}, {seconds} s: {cell}: {result.Specimens.Count} specimens, {result.Failures.Count} failures");
        }
    });

MatrixReport report = new(cells, results);
if (arguments.IsWhole)
{
    File.WriteAllText(Repository.InRoot("docs", "matrix.md"), report.ToMarkdown(maxFailureLines: 3));
    Console.Error.WriteLine("matrix: docs/matrix.md is written");
}

Console.Write(report.ToMarkdown(maxFailureLines: int.MaxValue));
return results.Values.Any(result => result.Failures.Count > 0) ? 1 : 0;
