namespace Blindspot.Tests.Architecture;

/// <summary>The rules of docs/architecture.md that a compiler can check.</summary>
public sealed class ArchitectureTests
{
    [Fact]
    public void TheSourcesKeepTheRules()
    {
        SourceTree sources = SourceTree.OfRepository();
        Assert.InRange(sources.FileCount, 50, 5000);
        Assert.Empty(sources.Unbound());
        Assert.Empty(sources.Violations());
    }

    /// <summary>That the check can fail: one forged breach of each rule, each reported, and nothing else.</summary>
    [Theory]
    [InlineData("src/Blindspot/Image/A.cs", "namespace Blindspot.Image; class A { Blindspot.Unwind.Walker? w; }", "Unwind stands above Image")]
    [InlineData("src/Blindspot/Image/A.cs", "using W = Blindspot.Unwind.Walker; namespace Blindspot.Image; class A { W? w; }", "Unwind stands above Image")]
    [InlineData("src/Blindspot/Image/A.cs", "namespace Blindspot.Image; class A { int x = Blindspot.Unwind.Walker.Limit; }", "Unwind stands above Image")]
    [InlineData("src/Blindspot/Image/A.cs", "namespace Blindspot.Image; class A { string x = nameof(Blindspot.Unwind.Walker); }", "Unwind stands above Image")]
    [InlineData("src/Blindspot/Libc/A.cs", "namespace Blindspot.Libc; class A { Blindspot.Runtime.RuntimeDetector? r; }", "stand side by side")]
    [InlineData("src/Blindspot/Unwind/A.cs", "namespace Blindspot.Unwind; class A { Blindspot.Runtime.Go.Goroutine? g; }", "only RuntimeDetector")]
    [InlineData("src/Blindspot.Cli/A.cs", "namespace Blindspot.Cli; class A { void M() { var g = Blindspot.Runtime.RuntimeDetector.First(); } }", "only RuntimeDetector")]
    [InlineData("src/Blindspot/Runtime/Other.cs", "namespace Blindspot.Runtime; class Other { Blindspot.Runtime.Go.Goroutine? g; }", "only RuntimeDetector")]
    [InlineData("src/Blindspot/Analysis/Waits/A.cs", "namespace Blindspot.Analysis.Waits; class A { Blindspot.Analysis.Stacks.Report? r; }", "do not use each other")]
    [InlineData("src/Blindspot/Unwind/A.cs", "namespace Blindspot.Unwind; class A { unsafe void M() { } }", "belong to Interop")]
    [InlineData("src/Blindspot/Unwind/A.cs", "namespace Blindspot.Unwind; class A { void M() { unsafe { int x = 0; int* p = &x; } } }", "belong to Interop")]
    [InlineData("src/Blindspot/Unwind/A.cs", "namespace Blindspot.Unwind; partial class A { [System.Runtime.InteropServices.LibraryImport(\"c\")] static partial int getpid(); }", "belong to Interop")]
    [InlineData("src/Blindspot/Unwind/A.cs", "namespace Blindspot.Unwinding; class A { }", "its folder says")]
    [InlineData("src/Blindspot/Unwind/A.cs", "namespace Blindspot.Unwind { class A { } }", "its folder says")]
    [InlineData("src/Blindspot/Unwind/A.cs", "class A { }", "outside of any namespace")]
    [InlineData("src/Blindspot/Stray/A.cs", "namespace Blindspot.Stray; class A { Blindspot.Unwind.Walker? w; }", "no place in the order")]
    public void AForgedBreachIsFound(string path, string text, string expected)
    {
        List<string> violations = Forge((path, text)).Violations();
        Assert.NotEmpty(violations);
        Assert.All(violations, violation => Assert.StartsWith(path + ":", violation));
        Assert.Contains(violations, violation => violation.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void ALongFileIsFoundUnlessItIsGenerated()
    {
        string text = "namespace Blindspot.Unwind;\n" + new string('\n', 600);
        Assert.Single(Forge(("src/Blindspot/Unwind/A.cs", text)).Violations());
        Assert.Empty(Forge(("src/Blindspot/Unwind/A.g.cs", text)).Violations());
    }

    [Theory]
    [InlineData("src/Blindspot/Analysis/Doctor/A.cs", "namespace Blindspot.Analysis.Doctor; class A { Blindspot.Analysis.Stacks.Report? r; Blindspot.Unwind.Walker? w; }")]
    [InlineData("src/Blindspot/Interop/A.cs", "namespace Blindspot.Interop; class A { unsafe void M(int* p) { } }")]
    public void WhatIsAllowedIsNotReported(string path, string text)
    {
        SourceTree sources = Forge((path, text));
        Assert.Empty(sources.Unbound());
        Assert.Empty(sources.Violations());
    }

    [Fact]
    public void ANameThatCannotBeBoundIsNoticed() =>
        Assert.NotEmpty(Forge(("src/Blindspot/Image/A.cs", "namespace Blindspot.Image; class A { NoSuchType? x; }")).Unbound());

    private static SourceTree Forge((string Path, string Text) file) => SourceTree.Of(
        file,
        ("src/Blindspot/Unwind/Walker.cs", "namespace Blindspot.Unwind; public class Walker { public const int Limit = 3; }"),
        ("src/Blindspot/Runtime/Go/Goroutine.cs", "namespace Blindspot.Runtime.Go; public class Goroutine { }"),
        ("src/Blindspot/Runtime/RuntimeDetector.cs", "namespace Blindspot.Runtime; public class RuntimeDetector { public static Go.Goroutine First() => new(); }"),
        ("src/Blindspot/Analysis/Stacks/Report.cs", "namespace Blindspot.Analysis.Stacks; public class Report { }"));
}
