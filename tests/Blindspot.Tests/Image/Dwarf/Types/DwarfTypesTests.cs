using Blindspot.Image.Dwarf;
using Blindspot.Image.Dwarf.Types;
using Blindspot.Image.Elf;
using Blindspot.Primitives;

namespace Blindspot.Tests.Image.Dwarf.Types;

public sealed class DwarfTypesTests
{
    public static TheoryData<string, string> Compilers => new()
    {
        { "gcc", "-gdwarf-2" }, { "gcc", "-gdwarf-4" }, { "gcc", "-gdwarf-5" }, { "clang", "-gdwarf-4" }, { "clang", "-gdwarf-5" },
    };

    /// <summary>The layout that the ABI prescribes for the sample's structures.</summary>
    [Theory]
    [MemberData(nameof(Compilers))]
    public void StructuresOfC(string compiler, string version)
    {
        using var program = BuiltProgram.Build(compiler, "c", "-O1", "-g", version);
        DwarfTypes types = DwarfInfo.TryOpen(program.Image, Limits.Default)!.Types;

        Assert.True(types.TryFindStruct("outer", out DwarfStruct? outer));
        Assert.Equal(80, outer.ByteSize);
        Assert.Equal(
            ["id 0 8 Scalar", "in 8 14 Struct", "many 22 42 Array", "next 64 8 Pointer", "u 72 4 Struct", "low 76 4 Scalar", "high 76 4 Scalar"],
            outer.Members.Select(member => $"{member.Name} {(member.BitSize is null ? member.Offset : member.Offset & ~3)} {member.ByteSize} {member.Kind}"));

        Assert.True(outer.TryGetMember("many", out DwarfMember? many));
        Assert.Equal((3L, 14L), (many.ElementCount, many.ElementSize));
        Assert.True(types.TryOpen(many, out DwarfStruct? inner));
        Assert.Equal("inner", inner.Name);
        Assert.Equal(["a 0 2", "name 2 12"], inner.Members.Select(member => $"{member.Name} {member.Offset} {member.ByteSize}"));
        Assert.True(outer.TryGetMember("next", out DwarfMember? next));
        Assert.True(types.TryOpen(next, out DwarfStruct? pointed));
        Assert.Equal("outer", pointed.Name);
        Assert.True(outer.TryGetMember("id", out DwarfMember? id));
        Assert.False(types.TryOpen(id, out _));
        Assert.Equal(3, outer.Members[5].BitSize);
    }

    [Theory]
    [MemberData(nameof(Compilers))]
    public void VariablesAndEnumerators(string compiler, string version)
    {
        using var program = BuiltProgram.Build(compiler, "c", "-O1", "-g", version);
        DwarfTypes types = DwarfInfo.TryOpen(program.Image, Limits.Default)!.Types;

        Assert.True(program.Image.Symbols.TryFindByName("global_outer", out ElfSymbol symbol));
        Assert.True(types.TryFindVariable("global_outer", out ImageOffset address));
        Assert.Equal(symbol.Address, address);
        Assert.True(types.TryFindConstant("GREEN", out long green));
        Assert.Equal(17, green);
        Assert.False(types.TryFindStruct("no_such_thing", out _));
        Assert.False(types.TryFindVariable("outer", out _));
        Assert.False(types.TryFindConstant("global_outer", out _));
    }

    /// <summary>Offsets as readelf shows them; versions 1.25 and later write DWARF 5.</summary>
    [Theory]
    [InlineData("1.19", 72)]
    [InlineData("1.25", 64)]
    [InlineData("1.27", 64)]
    public void GoRuntimeLayouts(string version, long procidOffset)
    {
        using var program = BuiltProgram.BuildGo(version);
        ElfImage image = program.Image;
        DwarfInfo information = DwarfInfo.TryOpen(image, Limits.Default)!;
        DwarfTypes types = information.Types;

        Assert.True(types.TryFindStruct("runtime.g", out DwarfStruct? g));
        Assert.True(g.TryGetMember("stack", out DwarfMember? stack));
        Assert.Equal((0L, 16L, DwarfTypeKind.Struct), (stack.Offset, stack.ByteSize, stack.Kind));
        Assert.True(types.TryOpen(stack, out DwarfStruct? bounds));
        Assert.Equal(["lo 0 8", "hi 8 8"], bounds.Members.Select(member => $"{member.Name} {member.Offset} {member.ByteSize}"));
        Assert.True(g.TryGetMember("m", out DwarfMember? m));
        Assert.Equal((48L, DwarfTypeKind.Pointer), (m.Offset, m.Kind));
        Assert.True(types.TryOpen(m, out DwarfStruct? machine));
        Assert.Equal("runtime.m", machine.Name);
        Assert.True(machine.TryGetMember("procid", out DwarfMember? procid));
        Assert.Equal((procidOffset, 8L), (procid.Offset, procid.ByteSize));

        Assert.True(types.TryFindConstant("runtime._Gwaiting", out long waiting));
        Assert.Equal(4, waiting);
        Assert.True(image.Symbols.TryFindByName("runtime.allgs", out ElfSymbol symbol));
        Assert.True(types.TryFindVariable("runtime.allgs", out ImageOffset allgs));
        Assert.Equal(symbol.Address, allgs);
        Assert.Null(information.Problem);
    }
}
