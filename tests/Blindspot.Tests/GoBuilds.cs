using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Blindspot.Tests;

/// <summary>
/// Go programs that tests build from source, by the toolchains that are on the machine already (those of
/// tools/go-toolchain, or Debian's packages). A test whose toolchain is missing is skipped, and says which.
/// </summary>
internal static class GoBuilds
{
    /// <summary>The Go versions that are looked for: the oldest and the newest, with BLINDSPOT_MATRIX=whole in the environment all between.</summary>
    public static readonly string[] Versions = Environment.GetEnvironmentVariable("BLINDSPOT_MATRIX") == "whole"
        ? ["1.19", "1.21", "1.22", "1.23", "1.24", "1.25", "1.26", "1.27"]
        : ["1.19", "1.27"];

    private static readonly ConcurrentDictionary<string, Lazy<string>> Built = new();

    /// <summary>Root of the checkout under test.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The toolchain's go command; null if that version is not on the machine.</summary>
    public static string? FindGo(string version)
    {
        string cache = Environment.GetEnvironmentVariable("BLINDSPOT_TOOLCHAINS")
            ?? Path.Combine(
                Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
                "blindspot",
                "go");
        foreach (string root in (string[])[$"/usr/lib/go-{version}", Path.Combine(cache, version, "usr", "lib", $"go-{version}")])
        {
            string go = Path.Combine(root, "bin", "go");
            if (File.Exists(go))
            {
                return go;
            }
        }

        return null;
    }

    /// <summary>Builds the program in a folder of the tests' sources, once per version and options.</summary>
    /// <param name="folder">Relative to tests/.</param>
    /// <param name="version">"1.27".</param>
    /// <param name="options">Further arguments of go build.</param>
    /// <param name="cgo">Whether cgo is on.</param>
    public static string Build(string folder, string version, string[] options, bool cgo = false)
    {
        string? go = FindGo(version);
        Assert.SkipWhen(go is null, $"Go {version} is not on this machine: tools/go-toolchain {version} fetches it");
        string key = string.Join(' ', [folder, version, cgo.ToString(), .. options]);
        return Built.GetOrAdd(key, _ => new Lazy<string>(() => BuildNow(go!, folder, options, cgo))).Value;
    }

    private static string BuildNow(string go, string folder, string[] options, bool cgo)
    {
        string output = Path.Combine(Directory.CreateTempSubdirectory("blindspot-go-").FullName, Path.GetFileName(folder));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Path.GetDirectoryName(output)!, recursive: true);
        ProcessStartInfo start = new(go)
        {
            WorkingDirectory = Path.Combine(Repository, "tests", folder),
            RedirectStandardError = true,
        };
        foreach (string argument in (string[])["build", "-buildvcs=false", "-o", output, .. options, "."])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["GOTOOLCHAIN"] = "local";
        start.Environment["GOPROXY"] = "off";
        start.Environment["GO111MODULE"] = "on";
        start.Environment["CGO_ENABLED"] = cgo ? "1" : "0";
        start.Environment.Remove("GOFLAGS");
        using Process process = Process.Start(start)!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{go} build {folder}: {errors}");
        return output;
    }

    private static string FindRepository([CallerFilePath] string path = "")
    {
        string? folder = Path.GetDirectoryName(path);
        while (folder is not null && !File.Exists(Path.Combine(folder, "Blindspot.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("Blindspot.slnx is not above the tests' sources");
    }
}
