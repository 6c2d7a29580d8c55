using System.Globalization;
using System.Text.RegularExpressions;
using Blindspot.Arch.X64;
using Blindspot.Image.Dwarf.Frames;
using Blindspot.Image.Elf;
using Blindspot.Primitives;

namespace Blindspot.Tests.Image.Dwarf.Frames;

/// <summary>Every row of real files must be what readelf's own interpreter makes of it.</summary>
public sealed partial class CallFrameGoldenTests
{
    private const string Program = """
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        int deep(int n, char *p) { char b[n + 8]; memset(b, n, n + 8); if (n) return deep(n - 1, b) + p[0]; return b[1]; }
        int main(int c, char **v) { if (c > 3) { puts(v[1]); exit(deep(c, v[2])); } return deep(c * 100, v[0]); }
        """;

    public static TheoryData<string, string[]> Builds => new()
    {
        { "gcc", ["-O2"] },
        { "gcc", ["-O0", "-static"] },
        { "gcc", ["-O2", "-g", "-gdwarf-2", "-fno-asynchronous-unwind-tables"] },
        { "gcc", ["-O2", "-g", "-gdwarf-4", "-fno-asynchronous-unwind-tables", "-gz=zlib"] },
        { "gcc", ["-O3", "-g", "-gdwarf-5", "-fno-asynchronous-unwind-tables", "-fno-omit-frame-pointer"] },
        { "clang", ["-O2", "-g", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables"] },
    };

    [Fact]
    public void LibcRowsEqualReadelfs() => Compare("/lib/x86_64-linux-gnu/libc.so.6", minimumRows: 10_000);

    [Fact]
    public void LoaderRowsEqualReadelfs() => Compare("/lib64/ld-linux-x86-64.so.2", minimumRows: 1_000);

    [Theory]
    [MemberData(nameof(Builds))]
    public void BuiltProgramRowsEqualReadelfs(string compiler, string[] options)
    {
        ReferenceTool.Require(compiler, "readelf");
        using var folder = new TemporaryFolder();
        string source = folder.Write("program.c", Program);
        ReferenceTool.Run(compiler, [.. options, source, "-o", folder.File("program")]);
        Compare(folder.File("program"), minimumRows: 4);
    }

    private static void Compare(string path, int minimumRows)
    {
        ReferenceTool.Require("readelf");
        Assert.SkipUnless(File.Exists(path), $"{path} is not there");
        using ElfImage image = ElfImage.Open(new FileByteSource(File.OpenHandle(path)), path, Limits.Default);
        CallFrameTable table = Assert.IsType<CallFrameTable>(CallFrameTable.Open(image, null));

        // Once by the linker's table, if there is one, and once by our own index.
        CallFrameSections sections = CallFrameSections.Read(image, null);
        CallFrameTable indexed = CallFrameTable.Open(sections with { EhFrameHeader = default })!;
        int rows = 0;
        string[] registers = [];
        ulong functionEnd = 0;
        bool sawEhFrame = false;
        foreach (string line in ReferenceTool.Run("readelf", "-wF", "-wN", path).Split('\n'))
        {
            if (line.StartsWith("Contents of the", StringComparison.Ordinal))
            {
                // What .eh_frame covers is not asked of .debug_frame.
                sawEhFrame |= line.Contains(".eh_frame", StringComparison.Ordinal);
            }

            if (DescriptionLine().Match(line) is { Success: true } description)
            {
                functionEnd = Hex(description.Groups[1].Value);
            }
            else if (line.Contains(" CIE ", StringComparison.Ordinal))
            {
                functionEnd = 0;
            }
            else if (line.TrimStart().StartsWith("LOC ", StringComparison.Ordinal))
            {
                registers = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2..];
            }
            else if (RowLine().IsMatch(line) && functionEnd != 0)
            {
                // A register is told by its number and its name: "r1 (rdx)".
                string[] cells = RegisterNumber().Replace(line, "$1").Split(' ', StringSplitOptions.RemoveEmptyEntries);
                ulong pc = Hex(cells[0]);
                string expected = string.Join(' ', cells[1..]);
                foreach (CallFrameTable one in (CallFrameTable[])[table, indexed])
                {
                    Assert.Equal(CallFrameLookup.Found, one.FindRow(new ImageOffset(pc), out CallFrameRow row));
                    if (pc < row.End.Value && row.Start.Value == pc)
                    {
                        Assert.Equal($"{pc:x} {expected}", $"{pc:x} {Describe(row, registers)}");
                    }
                }

                rows++;
            }
        }

        Assert.True(rows >= minimumRows, $"only {rows} rows in {path}");
        Assert.True(sawEhFrame || !sections.DebugFrame.IsEmpty);
    }

    private static string Describe(in CallFrameRow row, string[] registers)
    {
        var words = new List<string>
        {
            row.CfaKind == CfaRuleKind.Expression ? "exp" : $"{row.CfaRegister.ToString().ToLowerInvariant()}{row.CfaOffset:+0;-0;+0}",
        };
        foreach (string name in registers)
        {
            X64Register register = name == "ra" ? X64Register.Rip : Enum.Parse<X64Register>(name, ignoreCase: true);
            int value = row.ValueOf(register);
            words.Add(row.RuleOf(register) switch
            {
                RegisterRuleKind.SameValue => "s",
                RegisterRuleKind.Offset => $"c{value:+0;-0;+0}",
                RegisterRuleKind.ValueOffset => $"v{value:+0;-0;+0}",
                RegisterRuleKind.Register => ((X64Register)value).ToString().ToLowerInvariant(),
                RegisterRuleKind.Expression => "exp",
                RegisterRuleKind.ValueExpression => "vexp",
                _ => "u",
            });
        }

        return string.Join(' ', words);
    }

    private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.HexNumber);

    [GeneratedRegex(@" FDE cie=\S+ pc=[0-9a-f]+\.\.([0-9a-f]+)$")]
    private static partial Regex DescriptionLine();

    [GeneratedRegex(@"r\d+ \((\w+)\)")]
    private static partial Regex RegisterNumber();

    [GeneratedRegex(@"^[0-9a-f]{16} \S")]
    private static partial Regex RowLine();
}
