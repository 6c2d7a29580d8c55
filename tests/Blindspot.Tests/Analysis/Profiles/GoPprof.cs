using System.Globalization;
using System.Text.RegularExpressions;
using Blindspot.Analysis.Profiles;
using Blindspot.Primitives;

namespace Blindspot.Tests.Analysis.Profiles;

/// <summary>Go's own pprof, which the tests compare with, and the profile of a small program.</summary>
internal static partial class GoPprof
{
    private const string Source = """
        package main

        import (
        	"context"
        	"os"
        	"runtime/pprof"
        	"sort"
        	"strings"
        	"time"
        )

        //go:noinline
        func recurse(n int, words []string) int {
        	if n > 0 {
        		return recurse(n-1, words) + 1
        	}
        	sorted := append([]string(nil), words...)
        	sort.Strings(sorted)
        	return len(strings.Join(sorted, "|"))
        }

        func work(name string, depth int, until time.Time) {
        	words := strings.Fields(strings.Repeat("some words to sort and to join ", 200))
        	pprof.Do(context.Background(), pprof.Labels("user", name), func(context.Context) {
        		for time.Now().Before(until) {
        			recurse(depth, words)
        		}
        	})
        }

        func main() {
        	file, err := os.Create(os.Args[1])
        	if err != nil {
        		panic(err)
        	}
        	pprof.StartCPUProfile(file)
        	work("ann", 0, time.Now().Add(400*time.Millisecond))
        	work("bob", 3, time.Now().Add(400*time.Millisecond))
        	pprof.StopCPUProfile()
        	file.Close()
        }
        """;

    private static readonly Lazy<string> Recorded = new(Record);

    private static string Go => Path.Combine(ExternalTool.Run(RepositoryFiles.PathOf("tools/go-toolchain"), "1.19").Trim(), "bin", "go");

    /// <summary>The file with the profile.</summary>
    public static string File => Recorded.Value;

    /// <summary>What <c>go tool pprof -raw</c> makes of it with these options.</summary>
    public static Profile Read(params string[] options) => Parse(ExternalTool.Run(Go, ["tool", "pprof", "-raw", .. options, File]));

    private static string Record()
    {
        string directory = CompiledFixture.TemporaryDirectory();
        string source = Path.Combine(directory, "profiled.go");
        string program = Path.Combine(directory, "profiled");
        string profile = Path.Combine(directory, "cpu.pb.gz");
        System.IO.File.WriteAllText(source, Source);
        ExternalTool.Run(Go, "build", "-o", program, source);
        ExternalTool.Run(program, profile);
        return profile;
    }

    private static Profile Parse(string text)
    {
        string section = "";
        var samples = new List<(int[] Ids, long[] Values, List<ProfileLabel> Labels)>();
        var locations = new List<(int Id, int Mapping, ulong Address, List<ProfileLine> Lines)>();
        var mappings = new List<ProfileMapping>();
        foreach (string line in text.Split('\n'))
        {
            if (line is "Samples:" or "Locations" or "Mappings")
            {
                section = line;
            }
            else if (section == "Samples:" && SampleLine().Match(line) is { Success: true } sample)
            {
                samples.Add((Numbers(sample.Groups["ids"].Value), [long.Parse(sample.Groups["count"].Value), long.Parse(sample.Groups["cost"].Value)], []));
            }
            else if (section == "Samples:" && LabelLine().Match(line) is { Success: true } label)
            {
                samples[^1].Labels.Add(new ProfileLabel(label.Groups["key"].Value, label.Groups["text"].Value, 0, ""));
            }
            else if (section == "Locations" && LocationLine().Match(line) is { Success: true } location)
            {
                locations.Add((int.Parse(location.Groups["id"].Value), int.Parse(location.Groups["mapping"].Value) - 1,
                    ulong.Parse(location.Groups["address"].Value, NumberStyles.HexNumber), []));
                AddLine(location.Groups["rest"].Value);
            }
            else if (section == "Locations" && line.Length > 0)
            {
                AddLine(line);
            }
            else if (section == "Mappings" && MappingLine().Match(line) is { Success: true } mapping)
            {
                mappings.Add(new ProfileMapping(TargetAddress.Zero, TargetAddress.Zero, 0, mapping.Groups["file"].Value, ""));
            }
        }

        Dictionary<int, int> indexes = locations.Select(static (location, index) => (location.Id, index)).ToDictionary();
        return new Profile
        {
            ValueTypes = [new("samples", "count"), new("cpu", "nanoseconds")],
            DefaultValue = 1,
            Mappings = mappings,
            Locations = [.. locations.Select(static location => new ProfileLocation(new TargetAddress(location.Address), location.Mapping, location.Lines))],
            Samples = [.. samples.Select(sample => new ProfileSample([.. sample.Ids.Select(id => indexes[id])], sample.Values, sample.Labels))],
        };

        void AddLine(string rest)
        {
            if (FunctionLine().Match(rest.Trim()) is { Success: true } function)
            {
                string name = function.Groups["name"].Value;
                locations[^1].Lines.Add(new ProfileLine(name, name, function.Groups["file"].Value, 0, long.Parse(function.Groups["line"].Value), "", false));
            }
        }

        static int[] Numbers(string ids) => [.. ids.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
    }

    [GeneratedRegex(@"^\s+(?<count>\d+)\s+(?<cost>\d+):(?<ids>[ \d]*)$")]
    private static partial Regex SampleLine();

    [GeneratedRegex(@"^\s+(?<key>\w+):\[(?<text>[^\]]*)\]")]
    private static partial Regex LabelLine();

    [GeneratedRegex(@"^\s+(?<id>\d+): 0x(?<address>[0-9a-f]+) M=(?<mapping>\d+) ?(?<rest>.*)$")]
    private static partial Regex LocationLine();

    [GeneratedRegex(@"^(?<name>\S+) (?<file>\S+):(?<line>\d+)(:\d+)? s=")]
    private static partial Regex FunctionLine();

    [GeneratedRegex(@"^\d+: \S+ (?<file>\S+)")]
    private static partial Regex MappingLine();
}
