using Blindspot.Image;
using Blindspot.Image.Dwarf;
using Blindspot.Image.Elf;
using Blindspot.Primitives;

namespace Blindspot.Tests.Image.Dwarf;

/// <summary>Debug information that is spread over several files.</summary>
public sealed class DwarfFilesTests
{
    [Theory]
    [InlineData("-gdwarf-4")]
    [InlineData("-gdwarf-5")]
    public void DwzChangesNoAnswer(string version)
    {
        ExternalTool.Find("dwz");
        using var first = BuiltProgram.Build("g++", "cpp", "-O2", "-g", version);
        using var second = BuiltProgram.Build("g++", "cpp", "-O1", "-g", version);
        string packedPath = first.File("packed");
        string otherPath = first.File("other");
        File.Copy(first.Path, packedPath);
        File.Copy(second.Path, otherPath);
        ExternalTool.Run("dwz", "-m", first.File("shared.dwz"), packedPath, otherPath);

        using ElfImage packed = BuiltProgram.Open(packedPath);
        Assert.NotNull(packed.AlternateLink);
        using ElfImage shared = BuiltProgram.Open(first.File("shared.dwz"));
        DwarfInfo plain = DwarfInfo.TryOpen(first.Image, Limits.Default)!;
        DwarfInfo whole = DwarfInfo.TryOpen(packed, Limits.Default, shared)!;
        DwarfInfo torn = DwarfInfo.TryOpen(packed, Limits.Default)!;
        Assert.True(torn.LacksSupplementary);
        Assert.False(whole.LacksSupplementary);

        int known = 0;
        int lost = 0;
        foreach (ImageOffset address in BuiltProgram.CodeAddresses(first.Image, 3))
        {
            List<SourceFrame> expected = Find(plain, address);
            Assert.Equal(expected, Find(whole, address));
            known += expected.Count > 0 ? 1 : 0;
            List<SourceFrame> without = Find(torn, address);
            lost += without.SequenceEqual(expected) ? 0 : 1;
        }

        Assert.True(known > 500, $"{known} addresses known");
        Assert.True(lost > 0, "nothing was in the shared file: this test shows nothing");
        Assert.Null(whole.Problem);
        Assert.Null(torn.Problem);
    }

    [Theory]
    [InlineData("gcc", "-gdwarf-4")]
    [InlineData("gcc", "-gdwarf-5")]
    [InlineData("clang", "-gdwarf-5")]
    public void SplitUnitsHaveLinesAndSayThatFunctionsAreElsewhere(string compiler, string version)
    {
        using var program = BuiltProgram.Build(compiler, "c", "-O1", "-g", version, "-gsplit-dwarf", "-fno-inline");
        DwarfInfo information = DwarfInfo.TryOpen(program.Image, Limits.Default)!;
        Assert.True(program.Image.Symbols.TryFindByName("work", out ElfSymbol work));

        Assert.Empty(Find(information, work.Address));
        Assert.True(information.TryFindLine(work.Address, out string? file, out int line));
        Assert.EndsWith("program.c", file, StringComparison.Ordinal);
        Assert.InRange(line, 25, 32);
        Assert.Equal(1, information.SkeletonUnits);
        Assert.Null(information.Problem);
    }

    [Fact]
    public void AnImageWithoutDebugInformationHasNone()
    {
        using var program = BuiltProgram.Build("gcc", "c", "-O2");
        Assert.Null(DwarfInfo.TryOpen(program.Image, Limits.Default));
    }

    private static List<SourceFrame> Find(DwarfInfo information, ImageOffset address)
    {
        var frames = new List<SourceFrame>();
        Assert.Equal(information.FindFrames(address, frames), frames.Count);
        return frames;
    }
}
