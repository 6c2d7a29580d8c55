using System.Text;
using Blindspot.LiveTests.Support;

namespace Blindspot.LiveTests.Target;

/// <summary>Names that a target chose to take over a terminal, to break a format, or to be too long for anything.</summary>
public sealed class OddNamesTests
{
    [Fact]
    public void Names_of_threads_that_would_take_over_a_terminal()
    {
        using CProgram program = CProgram.Start("shapes", "names");
        foreach (string how in (string[])["watch", "proc"])
        {
            string[] names = [.. StacksJson.Capture($"{program.Pid}", "--how", how).Threads.Select(thread => thread.Text("name")!)];
            foreach (string expected in (string[])["\u001b[31mred", "two\nlines", "a\tb\\x1b", ") R 1 2 3", "\u202etxt", "", "\ufffd\ufffd\ufffd"])
            {
                Assert.Contains(expected, names);
            }

            foreach (string[] options in (string[][])[[], ["--threads"], ["--all-frames", "--no-color"]])
            {
                ToolRun text = ToolRun.Blindspot(["stacks", $"{program.Pid}", "--how", how, .. options]);
                Assert.Equal(0, text.ExitCode);
                Assert.DoesNotContain(text.Output, letter => letter is '\u001b' or '\u202e' or '\u009b' or '\r' or '\t' || (char.IsControl(letter) && letter != '\n'));
            }
        }
    }

    /// <summary>A megabyte of name on the stack, a name full of escape sequences, and one that is no UTF-8.</summary>
    [Fact]
    public void Names_of_functions_that_nobody_could_call()
    {
        string folder = Directory.CreateTempSubdirectory("blindspot-test-").FullName;
        string[] names = [new string('n', 1 << 20), "evil\u001b]0;title\u0007\u001b[2J", "half\u00c3"];
        var source = new StringBuilder(".globl main\n");
        string[] labels = ["main", .. names];
        for (int i = 0; i < labels.Length; i++)
        {
            string next = i + 1 < labels.Length ? $"call \"{labels[i + 1]}\"" : "call announce";
            source.Append($".type \"{labels[i]}\",@function\n\"{labels[i]}\":\n.cfi_startproc\nsub $8,%rsp\n.cfi_adjust_cfa_offset 8\n{next}\nnop\n.cfi_endproc\n.size \"{labels[i]}\",.-\"{labels[i]}\"\n");
        }

        source.Append(".section .note.GNU-stack,\"\",@progbits\n");
        File.WriteAllText(Path.Combine(folder, "names.s"), source.ToString(), Encoding.Latin1);
        File.WriteAllText(Path.Combine(folder, "announce.c"), "#include <stdio.h>\n#include <unistd.h>\nvoid announce(void) { puts(\"ready\"); fflush(stdout); for (;;) pause(); }\n");
        Shell.Run("gcc", $"-O1 -no-pie -o {folder}/names {folder}/names.s {folder}/announce.c");
        using CProgram program = CProgram.StartFile(Path.Combine(folder, "names"));

        ToolRun json = ToolRun.Blindspot("stacks", $"{program.Pid}", "--json");
        string?[] functions = [.. StacksJson.Of(json, "odd names").Threads[0].Stack.Frames.Select(frame => frame.Function)];
        Assert.Contains("evil\u001b]0;title\u0007\u001b[2J", functions);
        Assert.Contains("half\ufffd", functions);
        string longest = functions.MaxBy(name => name?.Length ?? 0)!;
        Assert.StartsWith("nnnn", longest);
        Assert.InRange(longest.Length, 1000, 5000);
        ToolRun text = ToolRun.Blindspot("stacks", $"{program.Pid}");
        Assert.DoesNotContain(text.Output, letter => char.IsControl(letter) && letter != '\n');
        Assert.InRange(text.Output.Length, 100, 20_000);
    }

    [Fact]
    public void A_path_longer_than_any_call_takes()
    {
        string top = Directory.CreateTempSubdirectory("blindspot-test-").FullName;
        using CProgram target = CProgram.Start("shapes", $"deep {top}");
        foreach (string[] way in UnwelcomeTests.Ways)
        {
            StacksJson report = StacksJson.Capture($"{target.Pid}", way);
            Assert.Equal("", report.Incomplete);
            Assert.Contains("main", report.Threads[0].Stack.Frames.Select(frame => frame.Function));
        }

        Assert.InRange(ToolRun.Blindspot("stacks", $"{target.Pid}").Output.Length, 100, 20_000);
    }
}
