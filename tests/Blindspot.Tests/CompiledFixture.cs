namespace Blindspot.Tests;

/// <summary>Programs built from source when a test first needs them, in a directory that is removed at the end.</summary>
internal static class CompiledFixture
{
    private const string GoSource = """
        package main

        // static int twice(int x) { return 2 * x; }
        import "C"
        import "fmt"

        func main() { fmt.Println(C.twice(21)) }
        """;

    private static readonly Lock _gate = new();
    private static readonly Dictionary<string, string> _built = [];
    private static string? _directory;

    /// <summary>A Go program with a little C, linked by gcc.</summary>
    public static string Go()
    {
        string go = Path.Combine(ExternalTool.Run(RepositoryFiles.PathOf("tools/go-toolchain"), "1.19").Trim(), "bin", "go");
        ExternalTool.Find("gcc");
        return Build("go", directory =>
        {
            string source = Path.Combine(directory, "main.go");
            File.WriteAllText(source, GoSource);
            ExternalTool.Run(go, "build", "-o", Path.Combine(directory, "go"), source);
        });
    }

    /// <summary>A C program or library built by gcc with the given options.</summary>
    public static string C(string name, string source, params string[] options)
    {
        ExternalTool.Find("gcc");
        return Build(name, directory =>
        {
            string file = Path.Combine(directory, name + ".c");
            File.WriteAllText(file, source);
            ExternalTool.Run("gcc", [.. options, "-o", Path.Combine(directory, name), file]);
        });
    }

    public static string TemporaryDirectory()
    {
        lock (_gate)
        {
            if (_directory is null)
            {
                _directory = Directory.CreateTempSubdirectory("blindspot-tests-").FullName;
                AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(_directory, recursive: true);
            }

            return _directory;
        }
    }

    private static string Build(string name, Action<string> build)
    {
        string directory = TemporaryDirectory();
        lock (_gate)
        {
            if (!_built.TryGetValue(name, out string? path))
            {
                build(directory);
                path = Path.Combine(directory, name);
                _built.Add(name, path);
            }

            return path;
        }
    }
}
