using System.Globalization;

namespace Blindspot.LiveTests.Support;

/// <summary>The runtime's own goroutine dump (runtime/pprof, debug=2), parsed.</summary>
internal static class GoDump
{
    public static Dictionary<long, Goroutine> Parse(string text)
    {
        var goroutines = new Dictionary<long, Goroutine>();
        foreach (string block in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            string[] lines = block.Trim('\n').Split('\n');
            if (!lines[0].StartsWith("goroutine ", StringComparison.Ordinal))
            {
                continue;
            }

            string[] head = lines[0].Split(' ', 3);
            int open = lines[0].IndexOf('[', StringComparison.Ordinal);
            string status = lines[0][(open + 1)..lines[0].LastIndexOf(']')].Split(',')[0];
            var goroutine = new Goroutine(long.Parse(head[1], CultureInfo.InvariantCulture), status);
            for (int i = 1; i + 1 < lines.Length; i += 2)
            {
                if (lines[i].StartsWith("...", StringComparison.Ordinal))
                {
                    goroutine.IsElided = true;
                    i--;
                    continue;
                }

                if (lines[i].StartsWith("created by ", StringComparison.Ordinal))
                {
                    goroutine.CreatedBy = lines[i]["created by ".Length..].Split(" in goroutine ")[0];
                    break;
                }

                // Newer versions show the function that runs finalizers, older ones do not.
                string function = FunctionOf(lines[i]);
                if (function != "runtime.runFinalizers")
                {
                    goroutine.Frames.Add((function, PlaceOf(lines[i + 1])));
                }
            }

            goroutines.Add(goroutine.Id, goroutine);
        }

        return goroutines;
    }

    /// <summary>The name under which the runtime's dump shows a function; null where it shows none (runtime/traceback.go, showframe).</summary>
    public static string? Shown(string function)
    {
        if (function == "runtime.gopanic")
        {
            return "panic";
        }

        bool isInternal = function.StartsWith("runtime.", StringComparison.Ordinal)
            && !(function.Length > "runtime.".Length && char.IsAsciiLetterUpper(function["runtime.".Length]));
        return function.Contains('.', StringComparison.Ordinal) && !isInternal ? function : null;
    }

    private static string FunctionOf(string line) => line[..line.LastIndexOf('(')];

    private static string PlaceOf(string line)
    {
        string place = line.Trim();
        int space = place.LastIndexOf(" +0x", StringComparison.Ordinal);
        return space < 0 ? place : place[..space];
    }

    internal sealed record Goroutine(long Id, string Status)
    {
        public List<(string Function, string Place)> Frames { get; } = [];

        public string? CreatedBy { get; set; }

        public bool IsElided { get; set; }
    }
}
