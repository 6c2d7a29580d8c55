using System.Globalization;
using Blindspot.Image.Elf;
using Blindspot.Primitives;

namespace Blindspot.Tests.Image.Elf;

/// <summary>Files of this machine, with readelf as the judge.</summary>
public class ElfGoldenTests
{
    public static TheoryData<string> Files => ["/bin/bash", "/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2", "go"];

    [Theory]
    [MemberData(nameof(Files))]
    public void Symbols_equal_readelf(string path)
    {
        path = Locate(path);
        using ElfImage image = Open(path);
        var functionsAt = new Dictionary<ulong, HashSet<string>>();
        int names = 0;
        foreach (string line in ExternalTool.Run("readelf", "-sW", path).Split('\n'))
        {
            //    Num:    Value          Size Type    Bind   Vis      Ndx Name
            string[] parts = line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length < 8 || !char.IsAsciiDigit(parts[0][0]) || parts[6] is "UND" or "ABS" || parts[3] is "SECTION" or "FILE")
            {
                continue;
            }

            ulong value = ulong.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            ulong size = parts[2].StartsWith("0x", StringComparison.Ordinal)
                ? ulong.Parse(parts[2].AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                : ulong.Parse(parts[2], CultureInfo.InvariantCulture);
            string name = parts[7].Split('@')[0];
            Assert.True(image.Symbols.TryFindByName(name, out ElfSymbol byName), name);
            Assert.Equal(name, byName.Name);
            names++;
            if (parts[3] is "FUNC" or "IFUNC" && size > 0)
            {
                if (!functionsAt.TryGetValue(value, out HashSet<string>? there))
                {
                    functionsAt.Add(value, there = []);
                }

                there.Add(name);
            }
        }

        Assert.True(names > 20);
        Assert.NotEmpty(functionsAt);
        foreach ((ulong address, HashSet<string> there) in functionsAt)
        {
            Assert.True(image.Symbols.TryFindFunction(new ImageOffset(address), out ElfSymbol symbol));
            Assert.Equal(new ImageOffset(address), symbol.Address);
            Assert.Contains(symbol.Name, there);
            Assert.True(image.Symbols.TryFindFunction(new ImageOffset(address + symbol.Size - 1), out ElfSymbol last));
            Assert.True(last.Address >= symbol.Address);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Build_ids_and_sections_equal_readelf(string path)
    {
        path = Locate(path);
        using ElfImage image = Open(path);
        string? buildId = Array.Find(ExternalTool.Run("readelf", "-nW", path).Split('\n'), line => line.Contains("Build ID: "))?.Split("Build ID: ")[1].Trim();
        Assert.Equal(buildId, image.BuildId?.Hex);

        string[] sections = ExternalTool.Run("readelf", "-SW", path).Split('\n');
        foreach (ElfSection section in image.Sections.Where(section => section.Index > 0))
        {
            string line = Array.Find(sections, line => line.Contains($"[{section.Index,2}]"))!;
            string[] parts = line[(line.IndexOf(']') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(section.Name, parts[0]);
            Assert.Equal(section.Address.Value, ulong.Parse(parts[2], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            Assert.Equal(section.FileOffset, ulong.Parse(parts[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            Assert.Equal(section.Size, ulong.Parse(parts[4], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Without_a_section_table_the_same_tables_are_found(string path)
    {
        path = Locate(path);
        using ElfImage whole = Open(path);
        byte[] bytes = File.ReadAllBytes(path);
        bytes.AsSpan(40, 8).Clear();
        bytes.AsSpan(60, 4).Clear();
        using ElfImage stripped = ElfImage.Open(new BufferByteSource(bytes), path, Limits.Default);
        Assert.False(stripped.HasSectionTable);
        Assert.Equal(whole.BuildId, stripped.BuildId);
        foreach (string name in new[] { ".eh_frame_hdr", ".eh_frame", ".dynstr", ".dynsym", ".dynamic" })
        {
            if (!whole.TryReadSection(name, out ReadOnlyMemory<byte> expected))
            {
                continue;
            }

            if (name.StartsWith(".eh_", StringComparison.Ordinal) && whole.FindSegment(Primitives.Elf.ElfSegmentType.GnuEhFrame) is null)
            {
                continue;
            }

            Assert.True(stripped.TryReadSection(name, out ReadOnlyMemory<byte> inferred), name);
            Assert.True(inferred.Length >= expected.Length && inferred.Span[..expected.Length].SequenceEqual(expected.Span), name);
            if (!name.StartsWith(".eh_frame", StringComparison.Ordinal))
            {
                Assert.Equal(expected.Length, inferred.Length);
            }
        }
    }

    [Theory]
    [InlineData("/bin/bash")]
    [InlineData("/lib/x86_64-linux-gnu/libc.so.6")]
    [InlineData("/usr/bin/gdb")]
    public void Plt_stubs_equal_objdump(string path)
    {
        path = Locate(path);
        using ElfImage image = Open(path);
        int count = 0;
        foreach (string line in ExternalTool.Run("objdump", "-d", "-j", ".plt", "-j", ".plt.sec", path).Split('\n'))
        {
            // 0000000000030030 <endgrent@plt>:
            int open = line.IndexOf('<');
            if (open > 0 && line.EndsWith("@plt>:", StringComparison.Ordinal) && !line.Contains("*ABS*"))
            {
                ulong address = ulong.Parse(line.AsSpan(0, open).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                Assert.True(image.Symbols.TryFindFunction(new ImageOffset(address + 4), out ElfSymbol symbol), line);
                Assert.Equal(line[(open + 1)..^2].Split('@')[0] + "@plt", symbol.Name.Split('@')[0] + "@plt");
                Assert.True(symbol.IsPlt);
                count++;
            }
        }

        Assert.True(count > 0 || path.EndsWith("libc.so.6", StringComparison.Ordinal));
    }

    private static string Locate(string path)
    {
        path = path == "go" ? CompiledFixture.Go() : path;
        Assert.SkipUnless(File.Exists(path), $"{path} is not there");
        return path;
    }

    private static ElfImage Open(string path) => ElfImage.Open(FileByteSource.Open(path), path, Limits.Default);
}
