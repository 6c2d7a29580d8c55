using System.Diagnostics;
using System.Globalization;
using Blindspot.Image;
using Blindspot.Image.Elf;
using Blindspot.Image.Pclntab;
using Blindspot.Primitives;

namespace Blindspot.Tests.Image.Pclntab;

/// <summary>What the table says of real programs, against what the programs' own runtime and binutils say.</summary>
public sealed class GoFunctionTableGoldenTests
{
    private const string Program = "Blindspot.Tests/Image/Pclntab/Programs/frames";

    public static TheoryData<string, string> Builds()
    {
        TheoryData<string, string> builds = [];
        foreach (string version in GoBuilds.Versions)
        {
            builds.Add(version, "exe");
        }

        builds.Add("1.19", "pie");
        builds.Add("1.27", "pie");
        return builds;
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public void Every_function_and_line_is_what_the_runtime_itself_says(string version, string mode)
    {
        string path = Build(version, mode);
        using ElfImage image = ElfImage.Open(FileByteSource.Open(path), path, Limits.Default);
        GoFunctionTable table = GoTableFile.Open(image);
        ImageOffset marker = GoTableFile.AddressOf(image, "main.marker");

        // The program takes what it is asked for for return addresses, so that the last byte of a function would be the
        // next function's entry.
        List<ImageOffset> asked = [];
        for (int i = 0; i < table.Count; i++)
        {
            Assert.True(table.TryGet(i, out GoFunction function));
            for (ulong offset = 0; offset + 1 < Math.Min(function.End - function.Entry, 400); offset += 13)
            {
                asked.Add(function.Entry + offset);
            }
        }

        (List<string[]> answers, List<string[]> callers) = Ask(path, asked, marker);
        Assert.Equal(asked.Count, answers.Count);
        List<SourceFrame> frames = [];
        List<string> wrong = [];
        for (int i = 0; i < asked.Count; i++)
        {
            frames.Clear();
            Assert.True(table.FindFrames(asked[i], frames));
            string[] told = answers[i];
            SourceFrame innermost = frames[0];

            // The runtime holds the name at offset 0, that of the first function, to be none.
            bool isNamed = innermost.Function == told[1] || (told[1].Length == 0 && innermost.Function == table.GetName(First(table)));
            if (!isNamed || Place(innermost) != $"{told[2]}:{told[3]}")
            {
                wrong.Add($"{asked[i]}: {innermost.Function} {Place(innermost)}, the runtime says {told[1]} {told[2]}:{told[3]}");
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {asked.Count} differ: {string.Join('\n', wrong.Take(10))}");
        CheckCallers(table, marker, callers);
    }

    [Theory]
    [InlineData("1.19")]
    [InlineData("1.23")]
    [InlineData("1.27")]
    public void Stack_depths_are_those_of_the_debug_information(string version)
    {
        string path = Build(version, "exe");
        string text = ExternalTool.Run("readelf", "--debug-dump=frames-interp", path);
        using ElfImage image = ElfImage.Open(FileByteSource.Open(path), path, Limits.Default);
        GoFunctionTable table = GoTableFile.Open(image);
        int compared = 0;
        foreach (string line in text.Split('\n'))
        {
            // "000000000046b9c0 rsp+8    c-8": an address and the canonical frame address there.
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2
                || words[0].Length != 16
                || !words[1].StartsWith("rsp+", StringComparison.Ordinal)
                || !ulong.TryParse(words[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong address)
                || address == 0) // a common entry's own row
            {
                continue;
            }

            ImageOffset pc = new(address);
            int frame = int.Parse(words[1].AsSpan(4), CultureInfo.InvariantCulture);
            Assert.True(table.TryFind(pc, out GoFunction function), words[0]);
            Assert.True(table.TryGetStackDepth(function, pc, out int depth), words[0]);
            Assert.True(frame == depth + 8, $"{words[0]} in {table.GetName(function)}: {depth}, debug information says {frame - 8}");
            compared++;
        }

        Assert.InRange(compared, 5000, int.MaxValue);
    }

    [Theory]
    [InlineData("1.19")]
    [InlineData("1.27")]
    public void Special_functions_are_told_by_name(string version)
    {
        string path = Build(version, "exe");
        using ElfImage image = ElfImage.Open(FileByteSource.Open(path), path, Limits.Default);
        GoFunctionTable table = GoTableFile.Open(image);
        Dictionary<GoFunctionKind, int> kinds = [];
        for (int i = 0; i < table.Count; i++)
        {
            Assert.True(table.TryGet(i, out GoFunction function));
            kinds[function.Kind] = kinds.GetValueOrDefault(function.Kind) + 1;
        }

        foreach (GoFunctionKind kind in (GoFunctionKind[])
            [GoFunctionKind.GoExit, GoFunctionKind.Mcall, GoFunctionKind.MoreStack, GoFunctionKind.SystemStack,
            GoFunctionKind.SystemStackSwitch, GoFunctionKind.RuntimeMain, GoFunctionKind.Rt0Go, GoFunctionKind.MStart,
            GoFunctionKind.AsmCgoCall, GoFunctionKind.AsyncPreempt, GoFunctionKind.SigPanic,
            GoFunctionKind.Panic, GoFunctionKind.RunFinalizers, GoFunctionKind.GcBackgroundMarkWorker])
        {
            Assert.True(kinds.GetValueOrDefault(kind) == 1, $"{kinds.GetValueOrDefault(kind)} functions are {kind}");
        }

        Assert.InRange(kinds.GetValueOrDefault(GoFunctionKind.Wrapper), 20, table.Count / 2);
        Assert.True(table.TryFindByName("runtime.goexit", out GoFunction goexit));
        Assert.True(goexit.IsTopFrame);
        Assert.Equal(GoTableFile.AddressOf(image, "runtime.mcall"), ByName(table, "runtime.mcall").Entry);
    }

    private static GoFunction First(GoFunctionTable table)
    {
        Assert.True(table.TryGet(0, out GoFunction first));
        return first;
    }

    private static GoFunction ByName(GoFunctionTable table, string name)
    {
        Assert.True(table.TryFindByName(name, out GoFunction function));
        return function;
    }

    /// <summary>Frames that runtime.Callers saw: those that were inlined into one function come of one address.</summary>
    private static void CheckCallers(GoFunctionTable table, ImageOffset marker, List<string[]> callers)
    {
        int at = callers.FindIndex(frame => frame[1] == "main.middle");
        Assert.True(at > 0);
        ImageOffset pc = new(marker.Value + ulong.Parse(callers[at][0], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        List<SourceFrame> frames = [];
        Assert.True(table.FindFrames(pc, frames));
        Assert.Equal(["main.middle", "main.outer", "main.holder"], frames.Select(frame => frame.Function));
        Assert.Equal([true, true, false], frames.Select(frame => frame.IsInlined));
        for (int i = 0; i < frames.Count; i++)
        {
            Assert.Equal($"{callers[at + i][1]} {callers[at + i][2]}:{callers[at + i][3]}", $"{frames[i].Function} {Place(frames[i])}");
        }
    }

    private static string Place(SourceFrame frame) => $"{frame.File ?? "?"}:{frame.Line}";

    private static string Build(string version, string mode) =>
        GoBuilds.Build(Program, version, mode == "pie" ? ["-buildmode=pie"] : []);

    private static (List<string[]> Answers, List<string[]> Callers) Ask(string path, List<ImageOffset> asked, ImageOffset marker)
    {
        using Process process = Process.Start(new ProcessStartInfo(path) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Task feed = Task.Run(() =>
        {
            foreach (ImageOffset pc in asked)
            {
                long offset = unchecked((long)(pc - marker));
                process.StandardInput.WriteLine(offset < 0 ? "-" + (-offset).ToString("x", CultureInfo.InvariantCulture) : offset.ToString("x", CultureInfo.InvariantCulture));
            }

            process.StandardInput.Close();
        });
        List<string[]> answers = [];
        List<string[]> callers = [];
        bool isCallers = false;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line == "---")
            {
                isCallers = true;
                continue;
            }

            (isCallers ? callers : answers).Add(line.Split('\t'));
        }

        feed.Wait();
        return (answers, callers);
    }
}
