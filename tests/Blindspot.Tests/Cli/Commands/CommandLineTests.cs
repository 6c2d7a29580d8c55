using System.Text.Json;
using Blindspot.Analysis.Stacks;
using Blindspot.Cli.Commands;
using Blindspot.Primitives;
using Blindspot.Tests.Analysis.Stacks;

namespace Blindspot.Tests.Cli.Commands;

/// <summary>The command line inside this process, with a forged report and its output in files.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("blindspot-tests");
    private StacksRequest? _request;

    private string Output => Path.Combine(_directory.FullName, "report");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void EveryOptionReachesTheRequest()
    {
        Assert.Equal(0, Run("stacks", "4711", "--exe", "/bin/x", "--root", "/a", "--root", "/b", "--how", "proc", "--exact", "--fail-on", "warning", "-o", Output));
        Assert.Equal(("4711", "/bin/x", "proc"), (_request!.Target.Name, _request.Target.ExecutablePath, _request.Target.How));
        Assert.Equal(["/a", "/b"], _request.Target.Roots);
        Assert.True(_request.Exact);
        Assert.Null(_request.Saving);
        Assert.Equal(0, Run("stacks", "ledger", "--no-color", "-o", Output));
        Assert.Equal(("ledger", null, null), (_request.Target.Name, _request.Target.ExecutablePath, _request.Target.How));
        Assert.Empty(_request.Target.Roots);
        Assert.False(_request.Exact);
        Assert.Equal(0, Run("stacks", "ledger", "--save", Output + ".saved", "--redact", "-o", Output));
        Assert.True(_request.Saving!.Log.IsRedacted);
    }

    [Theory]
    [InlineData("stacks", "4711", "--redact")]
    [InlineData("stacks", "4711", "--full")]
    [InlineData("stacks", "4711", "--save", "-")]
    [InlineData("stacks", "4711", "--save", "/nowhere/at/all")]
    [InlineData("stacks", "4711", "--save", "x", "--full", "--redact")]
    [InlineData("snapshot", "4711")]
    [InlineData("snapshot", "4711", "-o", "/nowhere/at/all")]
    [InlineData("snapshot", "4711", "-o", "x", "--full", "--redact")]
    public void SavingThatCannotBeIsRefused(params string[] arguments)
    {
        Assert.Equal(2, Run(arguments));
        Assert.Null(_request);
    }

    [Fact]
    public void TextGoesToTheFileWithoutColour()
    {
        Assert.Equal(0, Run("stacks", "4711", "--output", Output));
        string text = File.ReadAllText(Output);
        Assert.StartsWith("/srv/ledger/bin/ledger · pid 48213", text);
        Assert.DoesNotContain('\x1b', text);
        Assert.Equal([Output], Directory.GetFiles(_directory.FullName));
    }

    [Fact]
    public void SelectionAppliesToJson()
    {
        Assert.Equal(0, Run("stacks", "4711", "--json", "--goroutine", "77", "-o", Output));
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Output));
        Assert.Equal(77, Assert.Single(document.RootElement.GetProperty("tasks").EnumerateArray()).GetProperty("id").GetInt64());
        Assert.Equal(48214, Assert.Single(document.RootElement.GetProperty("threads").EnumerateArray()).GetProperty("tid").GetInt32());
        Assert.Equal(2, document.RootElement.GetProperty("frames").GetArrayLength());
    }

    [Fact]
    public void AFileThatWasThereStaysWhenItFails()
    {
        File.WriteAllText(Output, "old");
        File.SetUnixFileMode(Output, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal(2, Run(static (_, _, _) => throw new BlindspotException("no"), "stacks", "4711", "-o", Output));
        Assert.Equal("old", File.ReadAllText(Output));
        Assert.Equal([Output], Directory.GetFiles(_directory.FullName));
        Assert.Equal(0, Run("stacks", "4711", "-o", Output));
        Assert.NotEqual("old", File.ReadAllText(Output));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Output));
    }

    [Fact]
    public void ALinkKeepsPointingToItsFile()
    {
        string link = Output + ".link";
        File.WriteAllText(Output, "old");
        File.CreateSymbolicLink(link, Output);
        Assert.Equal(0, Run("stacks", "4711", "-o", link));
        Assert.Equal(Output, new FileInfo(link).LinkTarget);
        Assert.StartsWith("/srv/", File.ReadAllText(Output));
    }

    [Fact]
    public void ADeviceIsWrittenAndNotReplaced()
    {
        Assert.Equal(0, Run("stacks", "4711", "-o", "/dev/null"));
        Assert.Equal("", File.ReadAllText("/dev/null"));
    }

    [Theory]
    [InlineData("stacks", "4711", "--goroutine", "99999")]
    [InlineData("stacks", "4711", "--thread", "3")]
    [InlineData("stacks", "4711", "--thread", "99999999999")]
    [InlineData("stacks", "4711", "--how", "gently")]
    [InlineData("stacks", "4711", "--output", "/nowhere/at/all")]
    [InlineData("stacks", "4711", "--output", "/")]
    public void WhatCannotBeDoneIsAnError(params string[] arguments) => Assert.Equal(2, Run(arguments));

    [Fact]
    public void AnUnexpectedExceptionIsAnErrorToo() =>
        Assert.Equal(2, Run(static (_, _, _) => throw new InvalidOperationException("bug"), "stacks", "4711", "-o", Output));

    [Fact]
    public void NothingFoundByFunctionIsAnAnswer()
    {
        Assert.Equal(0, Run("stacks", "4711", "--function", "no such function", "-o", Output));
        Assert.Contains("No stack is what was asked for.", File.ReadAllText(Output));
    }

    private int Run(params string[] arguments) => Run(
        (request, _, _) =>
        {
            _request = request;
            return LedgerReport.Build();
        },
        arguments);

    private static int Run(Func<StacksRequest, IProgress<string>, CancellationToken, StacksReport> pipeline, params string[] arguments) =>
        CommandLine.Run(arguments, new Pipelines { Stacks = pipeline });
}
