using System.Text;
using Blindspot.Image.Elf;
using Blindspot.Primitives;
using Blindspot.Runtime.Go;

namespace Blindspot.Tests.Runtime.Go;

public sealed class GoBuildInfoTests
{
    [Fact]
    public void A_forged_one_gives_version_and_settings()
    {
        byte[] bytes = Forge("go1.22.3", "path\texample/main\nmod\texample\t(devel)\t\nbuild\t-ldflags=\"-s -w\"\nbuild\tCGO_ENABLED=1\n");
        Assert.True(GoBuildInfo.TryRead(bytes, Limits.Default, out GoBuildInfo? info));
        Assert.Equal("go1.22.3", info.Version);
        Assert.Equal("example/main", info.MainPackage);
        Assert.Equal("1", info.Setting("CGO_ENABLED"));
        Assert.Equal("\"-s -w\"", info.Setting("-ldflags"));
        Assert.Null(info.Setting("vcs.revision"));
    }

    [Fact]
    public void It_is_found_at_multiples_of_sixteen_only()
    {
        byte[] data = new byte[256];
        GoBuildInfo.Magic.CopyTo(data.AsSpan(40));
        Assert.Equal(-1, GoBuildInfo.Find(data));
        GoBuildInfo.Magic.CopyTo(data.AsSpan(96));
        Assert.Equal(96, GoBuildInfo.Find(data));
    }

    [Fact]
    public void Pointers_to_strings_are_not_followed_here()
    {
        byte[] bytes = Forge("go1.17", "");
        bytes[15] = 0;
        Assert.False(GoBuildInfo.TryRead(bytes, Limits.Default, out _));
    }

    [Theory]
    [InlineData("1.19")]
    [InlineData("1.27")]
    public void A_real_program_s_is_what_go_version_prints(string version)
    {
        string path = GoBuilds.Build("Blindspot.Tests/Image/Pclntab/Programs/frames", version, []);
        using ElfImage image = ElfImage.Open(FileByteSource.Open(path), path, Limits.Default);
        Assert.True(image.TryReadSection(".go.buildinfo", out ReadOnlyMemory<byte> section));
        Assert.True(GoBuildInfo.TryRead(section.Span, Limits.Default, out GoBuildInfo? info));

        // "path: go1.19.8", then the lines of the module's text, each behind a tab.
        string[] printed = ExternalTool.Run(GoBuilds.FindGo(version)!, "version", "-m", path).TrimEnd('\n').Split('\n');
        Assert.Equal($"{path}: {info.Version}", printed[0]);
        Assert.Equal(string.Join('\n', printed.Skip(1).Select(line => line[1..])), info.ModuleText.TrimEnd('\n'));
        Assert.Equal("blindspot/tests/frames", info.MainPackage);
    }

    [Fact]
    public void Damaged_ones_are_refused_or_read_within_bounds()
    {
        byte[] whole = Forge("go1.22.3", "path\tx\nbuild\tGOOS=linux\n");
        Random random = new(22);
        int read = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = (byte[])whole.Clone();
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                read += GoBuildInfo.TryRead(bytes.AsSpan(0, random.Next(bytes.Length + 1)), Limits.Default, out GoBuildInfo? info) ? 1 : 0;
                Assert.True(info is null || info.ModuleText.Length <= whole.Length);
            }
            catch (MalformedDataException)
            {
                // The right answer to most.
            }
        }

        Assert.InRange(read, 1, 19_999);
    }

    private static byte[] Forge(string version, string module)
    {
        List<byte> bytes = [.. GoBuildInfo.Magic, 8, 2];
        bytes.AddRange(new byte[16]);
        Add(Encoding.UTF8.GetBytes(version));
        byte[] mark = [0x30, 0x77, 0xaf, 0x0c, 0x92, 0x74, 0x08, 0x02, 0x41, 0xe1, 0xc1, 0x07, 0xe6, 0xd6, 0x18, 0xe6];
        Add(module.Length == 0 ? [] : [.. mark, .. Encoding.UTF8.GetBytes(module), .. mark.Reverse()]);
        return [.. bytes];

        void Add(byte[] text)
        {
            for (int length = text.Length; ; length >>= 7)
            {
                bytes.Add((byte)((length & 0x7f) | (length > 0x7f ? 0x80 : 0)));
                if (length <= 0x7f)
                {
                    break;
                }
            }

            bytes.AddRange(text);
        }
    }
}
