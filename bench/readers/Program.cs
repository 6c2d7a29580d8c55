using System.Diagnostics;
using System.Globalization;
using Blindspot.Bench.Readers;
using Blindspot.Image.Elf;
using Blindspot.Primitives;

// Blindspot.Bench.Readers FILE...: how fast we read all there is in a file, beside readelf's time for the same sections.
// Blindspot.Bench.Readers --dispositions PID: how long reading what a process does on signals takes.
const int Runs = 7;
if (args.Length == 0)
{
    Console.Error.WriteLine("Blindspot.Bench.Readers FILE...");
    return 2;
}

if (args is ["--dispositions", string pid])
{
    return DispositionReading.Print(pid);
}

Console.WriteLine(Line("what", "MB", "items", "first ms", "best ms", "MB/s", "ns/item", "readelf ms", "ratio"));
foreach (string path in args)
{
    Console.WriteLine(path);
    using ElfImage image = ElfImage.Open(FileByteSource.Open(path), path, Limits.Default);
    foreach (Reading reading in FileReadings.Of(image))
    {
        long items = 0;
        double first = 0;
        double best = double.MaxValue;
        for (int run = 0; run < Runs; run++)
        {
            long start = Stopwatch.GetTimestamp();
            items = reading.Read();
            double elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            first = run == 0 ? elapsed : first;
            best = Math.Min(best, elapsed);
        }

        double? readelf = reading.ReadelfOptions is null ? null : TimeReadelf([.. reading.ReadelfOptions, path]);
        double megabytes = reading.Bytes / 1e6;
        Console.WriteLine(Line(
            "  " + reading.Name,
            Number(megabytes, "0.0"),
            items.ToString(CultureInfo.InvariantCulture),
            Number(first, "0.0"),
            Number(best, "0.0"),
            Number(megabytes / best * 1e3, "0"),
            Number(best * 1e6 / Math.Max(items, 1), "0.0"),
            readelf is double time ? Number(time, "0") : "-",
            readelf is double slower ? Number(slower / best, "0.0") : "-"));
    }
}

return 0;

static double? TimeReadelf(string[] arguments)
{
    var start = new ProcessStartInfo("sh", ["-c", "exec readelf \"$@\" >/dev/null 2>&1", "sh", .. arguments]);
    long began = Stopwatch.GetTimestamp();
    using Process? process = Process.Start(start);
    process?.WaitForExit();
    return process is null or { ExitCode: 127 } ? null : Stopwatch.GetElapsedTime(began).TotalMilliseconds;
}

static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

static string Line(string name, params string[] cells) => name.PadRight(32) + string.Concat(cells.Select(cell => cell.PadLeft(12)));
