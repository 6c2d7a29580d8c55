using Blindspot.Analysis.Profiles;
using Blindspot.Export.Pprof;
using Blindspot.Primitives;

namespace Blindspot.Tests.Export.Pprof;

/// <summary>A small profile with one of everything.</summary>
internal static class ForgedProfile
{
    public static Profile Whole { get; } = new()
    {
        ValueTypes = [new("samples", "count"), new("cpu", "nanoseconds"), new("wall", "nanoseconds")],
        DefaultValue = 1,
        Mappings =
        [
            new(new(0x400000), new(0x500000), 0x1000, "/srv/app", "0123abcd") { HasFunctions = true, HasLineNumbers = true },
            new(new(0x7f0000000000), new(0x7f0000100000), 0, "/lib/libx.so", "") { HasFileNames = true, HasInlineFrames = true },
        ],
        Locations =
        [
            new(new(0x400100), 0, [Line("inner", "a.go", 3), Line("main.outer", "a.go", 70_000) with { Column = 9 }]),
            new(new(0x7f0000000200), 1, []),
            new(new(0), -1, [Line("nowhere", "", 0)]) { IsFolded = true },
        ],
        Samples =
        [
            new([1, 0], [1, 10_000_000, -5], [new("tenant", "blue", 0, ""), new("bytes", null, 4096, "bytes"), new("empty", "", 0, ""), new("zero", null, 0, "")]),
            new([2], [3, 30_000_000, long.MinValue], []),
            new([], [0, 0, long.MaxValue], [new("tenant", "blue", 0, ""), new("tenant", "r\u00f6t", 0, "")]),
        ],
        PeriodType = new("cpu", "nanoseconds"),
        Period = 10_000_000,
        Time = DateTimeOffset.UnixEpoch.AddTicks(17_000_000_001_234_567),
        Duration = TimeSpan.FromTicks(300_000_017),
        Comments = ["one", "", "three"],
        DropFrames = "drop.*",
        KeepFrames = "keep.*",
    };

    public static byte[] Write(Profile profile, bool isCompressed = false)
    {
        using var stream = new MemoryStream();
        if (isCompressed)
        {
            PprofWriter.Write(profile, stream);
        }
        else
        {
            PprofWriter.WriteUncompressed(profile, stream);
        }

        return stream.ToArray();
    }

    public static Profile Read(byte[] bytes) => PprofReader.Read(bytes, "forged", Limits.Default);

    public static ProfileLine Line(string function, string file, long line) =>
        new(function, function + "@system", file, 2, line, ProfileLanguage.Of(function, file), false);
}
