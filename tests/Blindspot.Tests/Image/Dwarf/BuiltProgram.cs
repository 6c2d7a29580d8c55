using Blindspot.Image.Elf;
using Blindspot.Primitives;

namespace Blindspot.Tests.Image.Dwarf;

/// <summary>A sample program, compiled for one test.</summary>
internal sealed class BuiltProgram : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private BuiltProgram()
    {
    }

    public string Path { get; private set; } = "";

    public ElfImage Image { get; private set; } = null!;

    /// <param name="compiler">Skips the test where it is missing.</param>
    /// <param name="language">"c", "cpp" or "rs".</param>
    /// <param name="options">For the compiler.</param>
    public static BuiltProgram Build(string compiler, string language, params string[] options)
    {
        ExternalTool.Find(compiler);
        var program = new BuiltProgram();
        string source = program._folder.Write("program." + language, language switch
        {
            "c" => SamplePrograms.C,
            "cpp" => SamplePrograms.Cpp,
            _ => SamplePrograms.Rust,
        });
        program.Path = program._folder.File("program");
        ExternalTool.Run(compiler, [.. options, source, "-o", program.Path]);
        program.Image = Open(program.Path);
        return program;
    }

    /// <summary>A Go program without C, by an installed Go of that version or one that tools/go-toolchain has unpacked.</summary>
    public static BuiltProgram BuildGo(string version)
    {
        string cache = Environment.GetEnvironmentVariable("BLINDSPOT_TOOLCHAINS")
            ?? System.IO.Path.Combine(Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? System.IO.Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/", ".cache"), "blindspot/go");
        string? go = Array.Find([$"/usr/lib/go-{version}/bin/go", $"{cache}/{version}/usr/lib/go-{version}/bin/go"], System.IO.File.Exists);
        Assert.SkipWhen(go is null, $"Go {version} is not here (tools/go-toolchain {version} gets it)");
        var program = new BuiltProgram();
        string source = program._folder.Write("main.go", SamplePrograms.Go);
        program.Path = program._folder.File("program");
        ExternalTool.Run("env", "CGO_ENABLED=0", "GOTOOLCHAIN=local", "GOPROXY=off", "GOFLAGS=-mod=mod", "GO111MODULE=off", go, "build", "-o", program.Path, source);
        program.Image = Open(program.Path);
        return program;
    }

    public static ElfImage Open(string path) => ElfImage.Open(FileByteSource.Open(path), path, Limits.Default);

    public string File(string name) => _folder.File(name);

    /// <summary>Addresses in .text, this far apart.</summary>
    public static List<ImageOffset> CodeAddresses(ElfImage image, int stride, int max = 20_000)
    {
        Assert.True(image.TryGetSection(".text", out ElfSection? text));
        var addresses = new List<ImageOffset>();
        for (ulong offset = 0; offset < text.Size && addresses.Count < max; offset += (ulong)stride)
        {
            addresses.Add(text.Address + offset);
        }

        return addresses;
    }

    public void Dispose()
    {
        Image.Dispose();
        _folder.Dispose();
    }
}
