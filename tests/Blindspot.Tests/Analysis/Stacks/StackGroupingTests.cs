using Blindspot.Analysis.Stacks;
using Blindspot.Model;

namespace Blindspot.Tests.Analysis.Stacks;

public sealed class StackGroupingTests
{
    [Fact]
    public void TheSameLinesAtOtherAddressesAreOneGroup()
    {
        var forged = new ForgedReport();
        forged.Task(1, forged.Stack("go  a  m  a.go:1", "go  b  m  b.go:2"), "waiting", "select", 5);
        forged.Task(2, forged.Stack("go  a  m  a.go:1", "go  b  m  b.go:2"), "waiting", "select", 9);
        forged.Task(3, forged.Stack("go  a  m  a.go:1", "go  b  m  b.go:2"), "waiting", "select");
        StackGroup group = Assert.Single(StackGrouping.Of(forged.Build()).Groups);
        Assert.Equal([1, 2, 3], group.Tasks.Select(static task => task.Id));
        Assert.Equal((5.0, 9.0), (group.ShortestWait, group.LongestWait));
    }

    [Fact]
    public void WhatDiffersToTheReaderIsApart()
    {
        var forged = new ForgedReport();
        int stack = forged.Stack("go  a  m  a.go:1");
        forged.Task(1, stack, "waiting", "select");
        forged.Task(2, stack, "waiting", "chan receive");
        forged.Task(3, stack, "runnable");
        forged.Task(4, forged.Stack("go  a  m  a.go:2"), "waiting", "select");
        forged.Task(5, forged.Stack(StackEnd.NotInCode, null, "go  a  m  a.go:1"), "waiting", "select");
        forged.Task(6, forged.Stack("^go  a  m  a.go:1"), "waiting", "select");
        forged.Task(7, forged.Stack("go  ?"), "waiting", "select");
        forged.Task(8, forged.Stack("go  ?"), "waiting", "select");
        Assert.Equal(8, StackGrouping.Of(forged.Build()).Groups.Count);
    }

    [Fact]
    public void TheMostTellingComesFirst()
    {
        IReadOnlyList<StackGroup> groups = StackGrouping.Of(LedgerReport.Build()).Groups;
        Assert.Equal(groups.Select(static group => group.Kind).Order(), groups.Select(static group => group.Kind));
        Assert.Equal(
            [
                (StackGroupKind.InC, 35), (StackGroupKind.InC, 1), (StackGroupKind.InC, 1),
                (StackGroupKind.Blocked, 1100), (StackGroupKind.Blocked, 50), (StackGroupKind.Blocked, 1),
                (StackGroupKind.Running, 2), (StackGroupKind.Runnable, 1), (StackGroupKind.Foreign, 4), (StackGroupKind.RuntimeThread, 1),
                (StackGroupKind.SystemTask, 1), (StackGroupKind.SystemTask, 1), (StackGroupKind.IdleThread, 2),
            ],
            groups.Select(static group => (group.Kind, group.Count)));
    }

    [Fact]
    public void AThreadIsToldWithItsTaskIfThatIsThere()
    {
        var forged = new ForgedReport();
        int stack = forged.Stack("go  a");
        forged.Task(1, stack, "running");
        forged.Thread(10, stack, task: 1);
        forged.Thread(11, stack, task: 99);
        IReadOnlyList<StackGroup> groups = StackGrouping.Of(forged.Build()).Groups;
        Assert.Equal([StackGroupKind.Running, StackGroupKind.RuntimeThread], groups.Select(static group => group.Kind));
        Assert.Equal(11, Assert.Single(groups[1].Threads).Tid);
    }

    [Theory]
    [InlineData("lib_flush", "FLUSH", true)]
    [InlineData("lib_flush", "lib_*", true)]
    [InlineData("lib_flush", "*sh", true)]
    [InlineData("lib_flush", "flush*", false)]
    [InlineData("lib_flush", "lib?flush", true)]
    [InlineData("lib_flush", "*b*l*h*", true)]
    [InlineData("lib_flush", "?", false)]
    [InlineData("", "*", true)]
    [InlineData("main.(*Pool).work", "(*Pool)", false)]
    [InlineData("main.(*Pool).work", "*(*Pool).*", true)]
    [InlineData("main.(*Pool).work", "Pool", true)]
    public void Patterns(string name, string pattern, bool matches) => Assert.Equal(matches, new FunctionPattern(pattern).Matches(name));

    [Fact]
    public void AHostilePatternTakesNoTimeToSpeakOf() =>
        Assert.False(new FunctionPattern(string.Concat(Enumerable.Repeat("a*", 200)) + "b").Matches(new string('a', 4000)));

    [Fact]
    public void SelectionKeepsOnlyWhatItNeeds()
    {
        StacksReport report = LedgerReport.Build();
        StacksReport selected = new StacksSelection([], [], new FunctionPattern("lib_flush")).Apply(report);
        Assert.Equal(35, selected.Tasks.Count);
        Assert.Equal(35, selected.Threads.Count);
        Assert.Equal(35, selected.Stacks.Count);
        Assert.All(selected.Stacks, stack => Assert.Contains(stack.Frames, frame => selected.Frames[frame].Symbol.Function == "lib_flush"));
        Assert.Equal(35 * 11, selected.Frames.Count);
    }

    [Fact]
    public void AThreadBringsItsTask()
    {
        StacksReport selected = new StacksSelection([], [48214], null).Apply(LedgerReport.Build());
        Assert.Equal(77, Assert.Single(selected.Tasks).Id);
        Assert.Equal(48214, Assert.Single(selected.Threads).Tid);
    }
}
