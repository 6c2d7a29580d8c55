using System.Globalization;
using Blindspot.LiveTests.Support;
using Blindspot.LiveTests.Target;

namespace Blindspot.LiveTests.Stacks;

/// <summary>Code that nobody ran lately is not in memory, and must not be brought there: its file tells it.</summary>
public sealed class NonResidentCodeTests
{
    [Theory]
    [InlineData("1.19", "stripped")]
    [InlineData("1.27", "static-musl")]
    public void Frames_that_only_their_code_tells_are_left_by_the_file(string go, string kind)
    {
        using Specimen process = Specimen.Start("callbacks", go, kind);
        ToolRun pageOut = ToolRun.Start(CProgram.Compile("pageout"), [process.Pid.ToString(CultureInfo.InvariantCulture)]);
        Assert.SkipUnless(pageOut.ExitCode == 0, $"this kernel takes no pages out of another process (process_madvise, Linux 5.10): {pageOut.ExitCode}");
        StacksJson report = StacksJson.Capture($"{process.Pid}");
        Assert.All(report.Stacks, stack => Assert.Equal("complete", stack.End));
        Assert.Empty(ExpectedStacks.Of("callbacks", kind).Compare(report).Differences);
    }
}
