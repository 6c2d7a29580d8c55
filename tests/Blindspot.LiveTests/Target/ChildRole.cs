using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Blindspot.Collect;
using Blindspot.Interop;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Live;

namespace Blindspot.LiveTests.Target;

/// <summary>
/// What this executable does instead of running tests when the environment says so: a test starts it again to have
/// Blindspot die, or be somebody else.
/// </summary>
internal static class ChildRole
{
    private const string Variable = "BLINDSPOT_TEST_ROLE";
    private const string AtWork = "work";
    private const int Killed = 9;

    /// <summary>Words that start this executable as a .NET program at work, which says "ready" and stays until its input ends.</summary>
    internal static string[] DotnetProgram =>
        ["/usr/bin/env", $"{Variable}={AtWork} 0 0", Path.Combine(AppContext.BaseDirectory, "Blindspot.LiveTests")];

    /// <summary>Starts this executable as "stop", "exact", "inject" or "open" on a process; returns its exit code (137 when it was killed) and output.</summary>
    /// <param name="dieAfter">It kills itself after that many ptrace calls; 0 for never.</param>
    /// <param name="launcher">A command to start it by, such as setpriv; empty for none.</param>
    internal static (int ExitCode, string Output) Run(string role, int pid, int dieAfter = 0, string launcher = "")
    {
        string self = Path.Combine(AppContext.BaseDirectory, "Blindspot.LiveTests");
        string[] words = [.. launcher.Split(' ', StringSplitOptions.RemoveEmptyEntries), self];
        ProcessStartInfo start = new(words[0], words.AsSpan(1).ToArray()) { RedirectStandardOutput = true };
        start.Environment[Variable] = $"{role} {pid} {dieAfter}";
        start.Environment["DOTNET_TieredPGO"] = "0";
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Trim());
    }

    /// <summary>This executable with nothing to do: a .NET process to look at.</summary>
    internal static CProgram StartAtRest() =>
        CProgram.StartFile("/usr/bin/env", $"{Variable}=rest:0:0 {Path.Combine(AppContext.BaseDirectory, "Blindspot.LiveTests")}");

    [ModuleInitializer]
    internal static void Play()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } text)
        {
            return;
        }

        string[] words = text.Split(' ', ':');
        if (words[0] == "rest")
        {
            Console.WriteLine("ready");
            Thread.Sleep(Timeout.Infinite);
        }

        int dieAfter = int.Parse(words[2]);
        int calls = 0;
        Ptrace.AfterEachCall = () =>
        {
            if (++calls == dieAfter)
            {
                _ = Libc.Kill(Environment.ProcessId, Killed);
                Thread.Sleep(Timeout.Infinite);
            }
        };
        Environment.Exit(words[0] == AtWork ? Work() : Play(words[0], int.Parse(words[1]), () => calls));
    }

    /// <summary>Threads come and go, garbage is collected, signals are asked for and a child is waited for.</summary>
    private static int Work()
    {
        using PosixSignalRegistration hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
        var worker = new Thread(() =>
        {
            for (int turn = 0; ; turn++)
            {
                var other = new Thread(() => GC.KeepAlive(new byte[100_000]));
                other.Start();
                other.Join();
                if (turn % 20 == 0)
                {
                    GC.Collect();
                    using Process child = Process.Start("/bin/true");
                    child.WaitForExit();
                }

                Thread.Sleep(10);
            }
        })
        { IsBackground = true };
        worker.Start();
        Console.WriteLine("ready");
        while (Console.ReadLine() is not null)
        {
        }

        return 0;
    }

    private static int Play(string role, int pid, Func<int> calls)
    {
        try
        {
            using TargetProcess process = TargetProcess.Open(pid);
            CaptureOptions options = CaptureForTests.By(role switch { "stop" => CaptureTier.Stop, "exact" or "inject" => CaptureTier.Proc, _ => CaptureTier.Watch });
            GapLog gaps = new();
            using LiveSnapshot snapshot = LiveCapture.Take(process, options, gaps, Limits.Default);
            if (role == "exact")
            {
                foreach (ThreadSnapshot thread in snapshot.Threads)
                {
                    _ = snapshot.StopAndRead(thread.Tid, options);
                }
            }

            if (role == "inject")
            {
                snapshot.ReadSignalsByInjection(options);
                Console.WriteLine($"{snapshot.Dispositions?.Count} {snapshot.Capture.LongestStop.TotalMilliseconds:0.00} {calls()}");
                foreach (Gap gap in gaps.ToList())
                {
                    Console.Error.WriteLine(gap.Message);
                }

                return snapshot.Dispositions is null ? 1 : 0;
            }

            Console.WriteLine($"{snapshot.Capture.How} {snapshot.Capture.ThreadsStopped} {string.Join(' ', gaps.ToList().Select(gap => gap.Kind))}");
            return 0;
        }
        catch (BlindspotException refusal)
        {
            Console.WriteLine(refusal.Message);
            return 2;
        }
    }
}
