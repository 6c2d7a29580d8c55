using System.Diagnostics;
using Blindspot.Collect;
using Blindspot.Image;
using Blindspot.Primitives;
using Blindspot.Runtime.Go;
using Blindspot.Target;
using Blindspot.Target.Live;
using Blindspot.Tests;

namespace Blindspot.LiveTests.Runtime.Go;

/// <summary>The program "goroutines", running, and what a snapshot of it takes.</summary>
internal sealed class GoProcess : IDisposable
{
    private readonly Process _process;
    private readonly ImageCache _images = new();
    private readonly List<IDisposable> _opened = [];

    private GoProcess(Process process)
    {
        _process = process;
    }

    public int Pid => _process.Id;

    public GapLog Gaps { get; } = new();

    public static GoProcess Start(string path, params string[] arguments)
    {
        ProcessStartInfo start = new(path) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        GoProcess started = new(Process.Start(start)!);
        Assert.Equal("ready", started._process.StandardOutput.ReadLine());
        return started;
    }

    public static string Build(string version, string[] options, bool cgo) =>
        GoBuilds.Build("Blindspot.LiveTests/Runtime/Go/Programs/goroutines", version, options, cgo);

    /// <summary>The runtime's own dump of all goroutines.</summary>
    public string Dump()
    {
        _process.StandardInput.WriteLine("dump");
        List<string> lines = [];
        while (_process.StandardOutput.ReadLine() is { } line && line != "end")
        {
            lines.Add(line);
        }

        return string.Join('\n', lines);
    }

    /// <summary>Reads it through memory that lies; nothing but an answer, or none, may come of it.</summary>
    public GoRuntime? ReadMutated(int seed, double rate)
    {
        (LiveSnapshot snapshot, ModuleMap modules) = Take();
        using MutatedSnapshot mutated = new(snapshot, seed, rate);
        GoRuntime? runtime = GoRuntime.TryOpen(mutated, modules, mutated.Gaps, Limits.Default);
        _ = runtime?.OwnMemory;
        _ = runtime?.AsyncPreemptionIsOff;
        return runtime;
    }

    public GoRuntime Read(Func<Module, IGoTypes?>? findTypes = null)
    {
        (LiveSnapshot snapshot, ModuleMap modules) = Take();
        GoRuntime? runtime = GoRuntime.TryOpen(snapshot, modules, Gaps, Limits.Default, findTypes);
        Assert.NotNull(runtime);
        return runtime;
    }

    private (LiveSnapshot Snapshot, ModuleMap Modules) Take()
    {
        TargetProcess target = TargetProcess.Open(Pid);
        _opened.Add(target);
        LiveSnapshot snapshot = LiveCapture.Take(target, new CaptureOptions { Tier = CaptureTier.Proc }, Gaps, Limits.Default);
        _opened.Add(snapshot);
        return (snapshot, ModuleMap.Build(snapshot, _images, Gaps, Limits.Default));
    }

    public void Dispose()
    {
        for (int i = _opened.Count - 1; i >= 0; i--)
        {
            _opened[i].Dispose();
        }

        _images.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
