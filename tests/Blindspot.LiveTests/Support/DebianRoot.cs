namespace Blindspot.LiveTests.Support;

/// <summary>A root with a Debian suite's C library and nothing else (tools/debian-root), in which programs can be run.</summary>
internal sealed record DebianRoot(string Suite)
{
    private static string Tool => Repository.InRoot("tools", "debian-root");

    public static IReadOnlyList<string> Suites { get; } = Run(Tool, "--list").Split('\n');

    /// <summary>Skips the test where the root cannot be had or used.</summary>
    public void NeedIt()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can run programs in another root");
        ToolRun prepare = ToolRun.Start(Tool, [Suite]);
        Assert.SkipUnless(prepare.ExitCode == 0, $"tools/debian-root {Suite}: {prepare.Error.Trim()}");
    }

    /// <summary>Builds a specimen that runs with the C library of tools/sysroot or newer, and returns its path.</summary>
    public static string BuildSpecimen(string name)
    {
        ToolRun compiler = ToolRun.Start(Repository.InRoot("tools", "sysroot"), ["--cc"]);
        Assert.SkipUnless(compiler.ExitCode == 0, $"tools/sysroot: {compiler.Error.Trim()}");
        string folder = Repository.InRoot("artifacts", "specimens", "sysroot");
        return Run("env", $"CC={compiler.Output.Trim()}", Repository.InRoot("specimens", "build"), name, "--out", folder);
    }

    /// <summary>Starts a specimen in the root.</summary>
    public Specimen Start(string specimen)
    {
        string path = BuildSpecimen(specimen);
        return Specimen.Launch(specimen, path, [Tool, Suite, $"/artifacts/{Path.GetRelativePath(Repository.InRoot("artifacts"), path)}"]);
    }

    public ToolRun Blindspot(params string[] arguments) => ToolRun.Start(Tool, [Suite, "/artifacts/blindspot", .. arguments]);

    private static string Run(string program, params string[] arguments)
    {
        ToolRun run = ToolRun.Start(program, arguments, timeoutSeconds: 300);
        Assert.True(run.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {run.Error}");
        return run.Output.Trim();
    }
}
