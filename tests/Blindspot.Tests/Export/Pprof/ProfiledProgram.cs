namespace Blindspot.Tests.Export.Pprof;

/// <summary>Profiles that a Go program with a C thread took of itself.</summary>
internal static class ProfiledProgram
{
    public const string LibrarySource = """
        volatile unsigned long turns;

        static inline __attribute__((always_inline)) void burn_inner(void) {
            for (unsigned long i = 0; i < 1000000; i++) {
                turns += i * i;
            }
        }

        __attribute__((noinline)) static void burn_outer(void) {
            burn_inner();
        }

        void burn_forever(void) {
            for (;;) {
                burn_outer();
            }
        }
        """;

    private static readonly Lock _gate = new();
    private static readonly Dictionary<string, string> _directories = [];

    /// <summary>The library that the C thread is in, with lines and a build ID.</summary>
    public static string Library => CompiledFixture.C("libburn.so", LibrarySource, "-shared", "-fPIC", "-O1", "-g", "-Wl,--build-id=sha1");

    /// <summary>A directory with cpu.pb.gz, heap.pb.gz and goroutine.pb.gz.</summary>
    public static string Profiles(string go)
    {
        string library = Library;
        string program = GoBuilds.Build("Blindspot.Tests/Export/Pprof/Programs/profiled", go, [], cgo: true);
        lock (_gate)
        {
            if (!_directories.TryGetValue(go, out string? directory))
            {
                directory = Directory.CreateDirectory(Path.Combine(CompiledFixture.TemporaryDirectory(), "profiles-" + go)).FullName;
                ExternalTool.Run(program, library, directory);
                _directories.Add(go, directory);
            }

            return directory;
        }
    }

    /// <summary>Go's own pprof, of the newest toolchain that has it.</summary>
    public static string GoToolPprof(params string[] arguments)
    {
        string? go = GoBuilds.FindGo("1.27") ?? GoBuilds.FindGo("1.19");
        Assert.SkipWhen(go is null, "Go is not on this machine: tools/go-toolchain 1.27 fetches it");
        return ExternalTool.Run(go!, ["tool", "pprof", .. arguments]);
    }
}
