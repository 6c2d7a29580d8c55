using System.Globalization;

namespace Blindspot.LiveTests.Support;

/// <summary>What was seen on a machine that an emulator booted with one of Debian's kernels (tools/boot-kernel).</summary>
internal sealed class BootedKernel
{
    private readonly string _folder;

    private BootedKernel(string folder) => _folder = folder;

    public static IReadOnlyList<string> Known { get; } = ToolRun.Start(Tool, ["--list"]).Output.Trim().Split('\n');

    /// <summary>As uname -r tells it.</summary>
    public string Release => File.ReadAllText(Path.Combine(_folder, "release")).Trim();

    private static string Tool => Repository.InRoot("tools", "boot-kernel");

    public static BootedKernel Boot(string version, IReadOnlyList<string> specimens)
    {
        string folder = Repository.InRoot("artifacts", "kernels", version);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        ToolRun run = ToolRun.Start(Tool, [version, folder, .. specimens.Select(DebianRoot.BuildSpecimen)], timeoutSeconds: 600);
        Assert.True(run.ExitCode == 0, run.Error);
        return new BootedKernel(folder);
    }

    /// <summary>What <c>stacks</c> wrote there; see tools/boot-kernel for the words.</summary>
    public StacksJson Report(string specimen, string limit, string way)
    {
        string path = Path.Combine(_folder, $"{specimen}-{limit}-{way}");
        Assert.True(File.Exists(path + ".exit"), $"{Path.GetFileName(path)} was not tried, or the specimen did not survive it");
        return StacksJson.Of(
            new ToolRun(int.Parse(File.ReadAllText(path + ".exit"), CultureInfo.InvariantCulture), File.ReadAllText(path + ".json"), File.ReadAllText(path + ".err")),
            Path.GetFileName(path));
    }

    /// <summary>Keeps rows of a table for people beside the rest; <c>./dev kernels</c> puts those of all kernels together.</summary>
    public void WriteTable(IReadOnlyList<string> rows) => File.WriteAllLines(Path.Combine(_folder, "table"), rows);
}
