using System.Globalization;
using System.Text;
using Blindspot.Image;

namespace Blindspot.Tests.Image.Dwarf;

/// <summary>What llvm-symbolizer makes of addresses.</summary>
internal static class SymbolizerOracle
{
    public const string Tool = "llvm-symbolizer";

    public static List<List<SourceFrame>> Ask(string path, IReadOnlyList<ulong> addresses)
    {
        var input = new StringBuilder();
        foreach (ulong address in addresses)
        {
            input.Append(CultureInfo.InvariantCulture, $"0x{address:x}\n");
        }

        var answers = new List<List<SourceFrame>>();
        var answer = new List<SourceFrame>();
        string? function = null;
        foreach (string line in ReferenceTool.RunWithInput(Tool, input.ToString(), "--obj=" + path, "--inlines", "--no-demangle").Split('\n'))
        {
            if (line.Length == 0)
            {
                if (answer.Count > 0)
                {
                    answers.Add(answer);
                    answer = [];
                }
            }
            else if (function is null)
            {
                function = line;
            }
            else
            {
                // FILE:LINE:COLUMN, or ??:0:0
                string[] parts = line.Split(':');
                string file = string.Join(':', parts[..^2]);
                answer.Add(new SourceFrame(function, file == "??" ? null : file, int.Parse(parts[^2]), false));
                function = null;
            }
        }

        Assert.Equal(addresses.Count, answers.Count);
        return answers;
    }
}
