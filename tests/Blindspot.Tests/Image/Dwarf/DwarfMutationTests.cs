using Blindspot.Arch.X64;
using Blindspot.Image;
using Blindspot.Image.Dwarf;
using Blindspot.Image.Dwarf.Frames;
using Blindspot.Image.Elf;
using Blindspot.Primitives;
using Blindspot.Tests.Image.Dwarf.Frames;

namespace Blindspot.Tests.Image.Dwarf;

/// <summary>Seeded damage: whatever the sections hold, look-ups end, and say what they found or that they found nothing.</summary>
public sealed class DwarfMutationTests
{
    private static readonly string[] _names =
    [
        ".debug_info", ".debug_abbrev", ".debug_str", ".debug_str_offsets", ".debug_line", ".debug_line_str",
        ".debug_ranges", ".debug_rnglists", ".debug_addr", ".debug_aranges",
    ];

    public static TheoryData<string, string, string[]> Builds => new()
    {
        { "gcc", "c", ["-O2", "-g", "-gdwarf-3"] },
        { "g++", "cpp", ["-O1", "-g", "-gdwarf-4"] },
        { "clang", "c", ["-O2", "-g", "-gdwarf-5"] },
    };

    [Theory]
    [MemberData(nameof(Builds))]
    public void DebugInformation(string compiler, string language, string[] options)
    {
        using var program = BuiltProgram.Build(compiler, language, options);
        var sections = new Dictionary<string, byte[]>();
        foreach (string name in _names)
        {
            if (program.Image.TryReadSection(name, out ReadOnlyMemory<byte> bytes) && !bytes.IsEmpty)
            {
                sections.Add(name, bytes.ToArray());
            }
        }

        List<ImageOffset> addresses = BuiltProgram.CodeAddresses(program.Image, 41, 60);
        int changed = 0;
        int undamaged = CountAnswers(sections, addresses);
        foreach (string name in sections.Keys)
        {
            for (int seed = 0; seed < 60; seed++)
            {
                var damaged = new Dictionary<string, byte[]>(sections) { [name] = MutationSeeds.Mutate(sections[name], seed) };
                changed += CountAnswers(damaged, addresses) == undamaged ? 0 : 1;
            }
        }

        Assert.True(changed > 0, "no damage had any effect: this test shows nothing");
    }

    [Fact]
    public void CallFrames()
    {
        using var program = BuiltProgram.Build("gcc", "c", "-O2", "-g", "-static");
        CallFrameSections sections = CallFrameSections.Read(program.Image, null);
        Assert.True(program.Image.TryGetSection(".text", out ElfSection? text));

        // Enough of a static libc's frames to have some of each kind.
        byte[] ehFrame = sections.EhFrame[..Math.Min(sections.EhFrame.Length, 20_000)].ToArray();
        ByteForge debugFrame = new ByteForge()
            .Sized(new ByteForge().UInt32(uint.MaxValue).Bytes(4).Text("").Bytes(8, 0, 1, 0x78, 16).Bytes(FrameForge.Entry))
            .Sized(new ByteForge().UInt32(0).UInt64(text.Address.Value).UInt64(text.Size).Bytes(0x41, 0x0e, 16, 0x86, 2, 0x43, 0x0d, 6, 0x0a, 0x60, 0x0b));
        int found = 0;
        int refused = 0;
        for (int seed = 0; seed < 400; seed++)
        {
            bool damagesEhFrame = seed % 2 == 0;
            CallFrameTable? table = CallFrameTable.Open(sections with
            {
                EhFrame = damagesEhFrame ? MutationSeeds.Mutate(ehFrame, seed, (0, 400)) : default,
                EhFrameHeader = seed % 4 == 0 && !sections.EhFrameHeader.IsEmpty ? MutationSeeds.Mutate(sections.EhFrameHeader.ToArray(), seed) : default,
                DebugFrame = damagesEhFrame ? default : MutationSeeds.Mutate(debugFrame.ToArray(), seed),
            });
            Assert.NotNull(table);
            var stepper = new Stepper { Memory = new BufferMemory(0x7000, new byte[0x1000]) };
            table.VisitRows(ref stepper);
            for (ulong at = 0; at < text.Size; at += text.Size / 64)
            {
                switch (table.FindRow(text.Address + at, out CallFrameRow row))
                {
                    case CallFrameLookup.Found:
                        found++;
                        stepper.Visit(row);
                        break;
                    case CallFrameLookup.Malformed:
                        refused++;
                        break;
                }
            }
        }

        Assert.True(found > 0 && refused > 0, $"{found} found, {refused} refused");
    }

    /// <summary>Asks everything there is to ask; a sum over the answers tells one set from another.</summary>
    private static int CountAnswers(Dictionary<string, byte[]> sections, List<ImageOffset> addresses)
    {
        DwarfInfo? information = DwarfInfo.TryOpen(
            new DwarfSections(name => sections.GetValueOrDefault(name)), Limits.Default, null);
        if (information is null)
        {
            return 0;
        }

        int answers = 0;
        var frames = new List<SourceFrame>();
        foreach (ImageOffset address in addresses)
        {
            frames.Clear();
            answers += information.FindFrames(address, frames);
            Assert.All(frames, frame => Assert.NotEmpty(frame.Function));
            foreach (SourceFrame frame in frames)
            {
                answers += frame.Line + frame.Function.Length;
            }

            answers += information.TryFindLine(address, out string? file, out int line) ? line + (file?.Length ?? 0) : 0;
        }

        answers += information.Types.TryFindStruct("outer", out var outer) ? outer.Members.Count : 0;
        answers += information.Types.TryFindStruct("inner", out _) ? 1 : 0;
        answers += information.Types.TryFindVariable("global_outer", out _) ? 1 : 0;
        answers += information.Types.TryFindConstant("GREEN", out long green) ? (int)green : 0;
        if (outer is not null)
        {
            foreach (var member in outer.Members)
            {
                answers += information.Types.TryOpen(member, out _) ? 1 : 0;
            }
        }

        return answers;
    }

    private struct Stepper : ICallFrameRowVisitor
    {
        public BufferMemory Memory;

        public readonly void Visit(in CallFrameRow row)
        {
            X64Registers registers = default;
            for (int i = 0; i < X64Registers.Count; i++)
            {
                registers.Set((X64Register)i, 0x7000 + (ulong)(i * 64));
            }

            CallFrameStepper.Step(row, ref registers, Memory, 0, out _);
        }
    }
}
