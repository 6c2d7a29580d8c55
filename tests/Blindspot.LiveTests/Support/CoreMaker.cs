using System.Diagnostics;
using System.Globalization;

namespace Blindspot.LiveTests.Support;

/// <summary>Programs that stop at a known point, and cores of them by the kernel and by gcore. What is missing skips the test, aloud.</summary>
internal sealed class CoreMaker : IDisposable
{
    public const ulong MarkerValue = 0x1122334455667789;

    private const string CSource = """
        #include <pthread.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <unistd.h>
        volatile unsigned long marker_data = 0x1122334455667788;
        const char marker_text[] = "only in rodata";
        static void *run(void *p) { pause(); return p; }
        int main(int c, char **v)
        {
            pthread_t t;
            sigset_t set;
            marker_data++;
            sigemptyset(&set);
            sigaddset(&set, SIGUSR2);
            pthread_sigmask(SIG_BLOCK, &set, 0);
            for (int i = 0; i < 4; i++) pthread_create(&t, 0, run, 0);
            usleep(300000);
            if (c > 1) abort();
            puts("ready");
            fflush(stdout);
            pause();
        }
        """;

    private const string GoSource = """
        package main

        // #include <unistd.h>
        // static void wait_in_c(void) { pause(); }
        import "C"
        import ("fmt"; "os"; "syscall"; "time")

        func main() {
            for i := 0; i < 3; i++ { go C.wait_in_c() }
            time.Sleep(500 * time.Millisecond)
            if len(os.Args) > 1 { syscall.Kill(os.Getpid(), syscall.SIGABRT) }
            fmt.Println("ready")
            time.Sleep(time.Hour)
        }
        """;

    public CoreMaker() => WorkDirectory = Directory.CreateTempSubdirectory("blindspot-core-").FullName;

    public string WorkDirectory { get; }

    public string BuildC(string name = "c-threads")
    {
        string source = Path.Combine(WorkDirectory, name + ".c");
        File.WriteAllText(source, CSource);
        string program = Path.Combine(WorkDirectory, name);
        Run(Find("gcc"), "-g", "-O1", "-pthread", "-o", program, source);
        return program;
    }

    public string BuildGo()
    {
        string go = Path.Combine(Run(Repository.InRoot("tools", "go-toolchain"), "1.19").Trim(), "bin", "go");
        string source = Path.Combine(WorkDirectory, "main.go");
        File.WriteAllText(source, GoSource);
        string program = Path.Combine(WorkDirectory, "go-threads");
        Run(go, "build", "-o", program, source);
        return program;
    }

    /// <summary>Lets the program abort and returns the core that the kernel wrote.</summary>
    public string KernelCore(string program)
    {
        string pattern = File.ReadAllText("/proc/sys/kernel/core_pattern").Trim();
        Assert.SkipUnless(pattern.Length > 0 && !pattern.Contains('|') && !pattern.Contains('/'), $"core_pattern is \"{pattern}\": the kernel writes no core into the working directory");
        string directory = Directory.CreateDirectory(Path.Combine(WorkDirectory, "dump-" + Path.GetFileName(program))).FullName;
        var start = new ProcessStartInfo("/bin/bash") { WorkingDirectory = directory, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"ulimit -c unlimited; export GOTRACEBACK=crash; exec {program} abort");
        using Process process = Process.Start(start)!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        string[] cores = Directory.GetFiles(directory);
        Assert.SkipUnless(cores.Length == 1, "the kernel wrote no core (its size may be limited)");
        return cores[0];
    }

    /// <summary>Starts the program, takes a core with gcore, and ends it.</summary>
    public string GdbCore(string program)
    {
        string gcore = Find("gcore");
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        try
        {
            Assert.Equal("ready", process.StandardOutput.ReadLine());
            Run(gcore, "-o", Path.Combine(WorkDirectory, "gcore"), process.Id.ToString(CultureInfo.InvariantCulture));
            return Path.Combine(WorkDirectory, $"gcore.{process.Id}");
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    public static string Run(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool} ended with {process.ExitCode}: {errors.Result}");
        return output;
    }

    public static string Find(string tool)
    {
        foreach (string directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
        {
            if (File.Exists(Path.Combine(directory, tool)))
            {
                return Path.Combine(directory, tool);
            }
        }

        Assert.Skip($"{tool} is not installed");
        return tool;
    }

    public void Dispose() => Directory.Delete(WorkDirectory, recursive: true);
}
