using System.Diagnostics;

namespace Blindspot.Tests.Image.Dwarf;

/// <summary>Tools whose answers ours are compared with. Where one is missing the test is skipped and says which.</summary>
internal static class ReferenceTool
{
    public static void Require(params string[] names)
    {
        foreach (string name in names)
        {
            Assert.SkipUnless(Exists(name), $"{name} is not installed");
        }
    }

    public static bool Exists(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name)));

    public static string Run(string name, params IEnumerable<string> arguments) => RunWithInput(name, null, arguments);

    public static string RunWithInput(string name, string? input, params IEnumerable<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(name, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        process.StandardInput.Write(input ?? "");
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{name} {string.Join(' ', arguments)}: {errors.Result}");
        return output.Result;
    }
}
