using System.Text.RegularExpressions;
using Blindspot.Image;
using Blindspot.Image.Dwarf;
using Blindspot.Image.Elf;
using Blindspot.Primitives;

namespace Blindspot.Tests.Image.Dwarf;

/// <summary>Functions, inlined calls, files and lines at every few bytes of real programs must be what llvm-symbolizer says.</summary>
public sealed partial class DwarfInfoGoldenTests
{
    public static TheoryData<string, string, string[]> Builds => new()
    {
        { "gcc", "c", ["-O2", "-g", "-gdwarf-2"] },
        { "gcc", "c", ["-O2", "-g", "-gdwarf-3"] },
        { "gcc", "c", ["-O2", "-g", "-gdwarf-4"] },
        { "gcc", "c", ["-O2", "-g", "-gdwarf-5"] },
        { "gcc", "c", ["-O2", "-g", "-gdwarf-5", "-gdwarf64"] },
        { "gcc", "c", ["-O0", "-g", "-gz=zlib"] },
        { "gcc", "c", ["-O3", "-g", "-ffunction-sections", "-Wl,--gc-sections"] },
        { "clang", "c", ["-O2", "-g", "-gdwarf-4"] },
        { "clang", "c", ["-O2", "-g", "-gdwarf-5", "-gz"] },
        { "clang", "c", ["-O2", "-gline-tables-only"] },
        { "g++", "cpp", ["-O2", "-g", "-gdwarf-4"] },
        { "g++", "cpp", ["-O2", "-g", "-gdwarf-5"] },
        { "g++", "cpp", ["-O1", "-g", "-gdwarf-5", "-fdebug-types-section"] },
        { "g++", "cpp", ["-O2", "-g", "-flto"] },
        { "clang++", "cpp", ["-O2", "-g", "-gdwarf-5"] },
        { "rustc", "rs", ["-g", "-O"] },
        { "rustc", "rs", ["-g"] },
    };

    [Theory]
    [MemberData(nameof(Builds))]
    public void AgreesWithLlvmSymbolizer(string compiler, string language, string[] options)
    {
        ExternalTool.Find(SymbolizerOracle.Tool);
        using var program = BuiltProgram.Build(compiler, language, options);
        Compare(program.Image, program.Path, stride: language switch { "c" => 1, "cpp" => 11, _ => 29 }, minimum: 150);
    }

    /// <summary>Versions 1.25 and later write DWARF 5.</summary>
    [Theory]
    [InlineData("1.19")]
    [InlineData("1.25")]
    [InlineData("1.27")]
    public void AgreesOnGo(string version)
    {
        ExternalTool.Find(SymbolizerOracle.Tool);
        using var program = BuiltProgram.BuildGo(version);
        Compare(program.Image, program.Path, stride: 53, minimum: 1000);
    }

    [Fact]
    public void AgreesOnLibcsDebugFile()
    {
        ExternalTool.Find(SymbolizerOracle.Tool);
        using ElfImage libc = BuiltProgram.Open("/lib/x86_64-linux-gnu/libc.so.6");
        string id = libc.BuildId?.ToString() ?? "";
        string path = $"/usr/lib/debug/.build-id/{id[..2]}/{id[2..]}.debug";
        Assert.SkipUnless(File.Exists(path), $"{path} is not there (package libc6-dbg)");
        using ElfImage debug = BuiltProgram.Open(path);
        Compare(debug, path, stride: 97, minimum: 10_000);
    }

    private static void Compare(ElfImage image, string path, int stride, int minimum)
    {
        DwarfInfo information = Assert.IsType<DwarfInfo>(DwarfInfo.TryOpen(image, Limits.Default));
        List<ulong> addresses = BuiltProgram.CodeAddresses(image, stride).ConvertAll(address => address.Value);
        List<List<SourceFrame>> expected = SymbolizerOracle.Ask(path, addresses);
        var frames = new List<SourceFrame>();
        var differences = new List<string>();
        int known = 0;
        for (int i = 0; i < addresses.Count; i++)
        {
            frames.Clear();
            information.FindFrames(new ImageOffset(addresses[i]), frames);
            if (frames.Count == 0)
            {
                // Between functions, and in functions that -gline-tables-only leaves out, there are lines alone. A file
                // without a line comes from a symbol of type FILE.
                bool hasLine = information.TryFindLine(new ImageOffset(addresses[i]), out string? file, out int line);
                if (expected[i].Count > 1 || (expected[i][0].Line != 0 && (!hasLine || line != expected[i][0].Line || file != expected[i][0].File)))
                {
                    differences.Add($"0x{addresses[i]:x}: {file}:{line} for {Describe(expected[i])}");
                }

                continue;
            }

            known++;
            if (!frames.SequenceEqual(expected[i], SameFrame.Instance) || !IsKnownName(frames[^1].Function, expected[i][^1].Function, addresses[i], image))
            {
                differences.Add($"0x{addresses[i]:x}: {Describe(frames)} for {Describe(expected[i])}");
            }

            for (int f = 0; f < frames.Count; f++)
            {
                Assert.Equal(f < frames.Count - 1, frames[f].IsInlined);
            }
        }

        Assert.Null(information.Problem);
        Assert.True(known >= minimum, $"only {known} of {addresses.Count} addresses are known");
        Assert.True(differences.Count == 0, $"{differences.Count} of {known}:\n{string.Join('\n', differences.Take(12))}");
    }

    private static string Describe(List<SourceFrame> frames) =>
        string.Join(" < ", frames.Select(frame => $"{frame.Function} {frame.File ?? "??"}:{frame.Line}"));

    /// <summary>
    /// The tool takes the outermost name from the symbol table: there clones have names of their own, a function folded
    /// into another has that one's, one of several versions ("@GLIBC_2.2.5") is told by that, and one whose entry has no linkage name has it.
    /// </summary>
    private static bool IsKnownName(string ours, string theirs, ulong address, ElfImage image) =>
        IsSameName(ours, CloneSuffix().Replace(theirs, ""))
        || theirs.Contains('@')
        || (!ours.StartsWith('_') && theirs.StartsWith("_Z", StringComparison.Ordinal))
        || (image.Symbols.TryFindByName(ours, out ElfSymbol symbol) && address - symbol.Address.Value < symbol.Size);

    /// <summary>Where there is no linkage name we tell the scopes too, the tool does not. Go's linker writes "·" as "." in symbols.</summary>
    private static bool IsSameName(string ours, string theirs) =>
        ours == theirs || ours.Replace('·', '.') == theirs || ours.EndsWith("::" + theirs, StringComparison.Ordinal);

    private sealed class SameFrame : IEqualityComparer<SourceFrame>
    {
        public static readonly SameFrame Instance = new();

        public bool Equals(SourceFrame ours, SourceFrame theirs) =>
            ours.File == theirs.File && ours.Line == theirs.Line && (!ours.IsInlined || IsSameName(ours.Function, theirs.Function));

        public int GetHashCode(SourceFrame frame) => frame.Line;
    }

    [GeneratedRegex(@"(\.(part|cold|constprop|isra|lto_priv|llvm|abi0|abiinternal)(\.\d+)?)+$")]
    private static partial Regex CloneSuffix();
}
