using System.Diagnostics;

namespace Blindspot.LiveTests.Support;

/// <summary>A specimen, built and running in its final shape; ended when disposed.</summary>
internal sealed class Specimen : IDisposable
{
    private readonly Process _process;

    private Specimen(Process process, string path)
    {
        _process = process;
        Path = path;
    }

    public int Pid => _process.Id;

    public string Path { get; }

    public StreamReader Output => _process.StandardOutput;

    public StreamWriter Input => _process.StandardInput;

    public bool IsRunning => !_process.HasExited;

    public static string Build(string name, string go, string kind)
    {
        ToolRun build = ToolRun.Start(Repository.InRoot("specimens", "build"), [name, "--go", go, "--kind", kind], timeoutSeconds: 300);
        return build.ExitCode == 0
            ? build.Output.Trim()
            : throw new InvalidOperationException($"specimens/build {name} --go {go} --kind {kind}: {build.Error}");
    }

    public static Specimen Start(string name, string go, string kind, params string[] arguments) =>
        StartFile(Build(name, go, kind), name, arguments);

    /// <param name="path">An executable of the specimen, wherever it lies.</param>
    /// <param name="name">Whose expected.json holds.</param>
    /// <param name="arguments">Further arguments for the specimen.</param>
    public static Specimen StartFile(string path, string name, params string[] arguments) => Launch(name, path, [path], arguments);

    /// <param name="name">Whose expected.json holds.</param>
    /// <param name="path">The binary, as we see it.</param>
    /// <param name="command">How it is started; must become the specimen (exec), so that it is the process we know.</param>
    /// <param name="arguments">Further arguments for the specimen.</param>
    public static Specimen Launch(string name, string path, IReadOnlyList<string> command, params string[] arguments)
    {
        ExpectedStacks expected = ExpectedStacks.Of(name);
        var start = new ProcessStartInfo(command[0]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (string argument in command.Skip(1).Concat(expected.Arguments).Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{path} did not start");
        var specimen = new Specimen(process, path);
        Task<string?> ready = process.StandardOutput.ReadLineAsync();
        if (!ready.Wait(TimeSpan.FromSeconds(2 * expected.TimeoutSeconds)) || ready.Result != "ready")
        {
            specimen.Dispose();
            throw new InvalidOperationException($"{path} did not say that it is ready");
        }

        if (expected.IsSettled)
        {
            ProcessRest.Await(specimen.Pid);
        }

        return specimen;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
