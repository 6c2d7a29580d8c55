using System.Diagnostics.CodeAnalysis;
using System.Text;
using Blindspot.Primitives;

namespace Blindspot.Runtime.Go;

/// <summary>
/// What Go's linker notes about the build: the toolchain's version, and the main module with its dependencies and
/// settings as "go version -m" prints them (Go: src/debug/buildinfo/buildinfo.go).
/// </summary>
/// <param name="Version">The toolchain's version ("go1.27.4").</param>
/// <param name="ModuleText">Lines of "path", "mod", "dep", "=>" and "build", fields parted by tabs; empty where none was noted.</param>
public sealed record GoBuildInfo(string Version, string ModuleText)
{
    private const string Section = ".go.buildinfo";
    private const int HeaderSize = 32;

    /// <summary>Set: strings follow the header, each after its length as LEB128. Clear (before Go 1.18): the header points to them.</summary>
    private const byte InlineStrings = 2;

    /// <summary>The header's first bytes; it lies at a multiple of 16 in the data segment.</summary>
    public static ReadOnlySpan<byte> Magic => [0xff, (byte)' ', (byte)'G', (byte)'o', (byte)' ', (byte)'b', (byte)'u', (byte)'i', (byte)'l', (byte)'d', (byte)'i', (byte)'n', (byte)'f', (byte)':'];

    /// <summary>Package path of the main package; null where not noted.</summary>
    public string? MainPackage => Field("path\t");

    /// <summary>The value of a build setting such as "-ldflags", "CGO_ENABLED" or "vcs.revision"; null if it is not noted.</summary>
    public string? Setting(string key) => Field($"build\t{key}=");

    /// <summary>Finds the header in a data segment; -1 if it has none.</summary>
    public static int Find(ReadOnlySpan<byte> data)
    {
        int from = 0;
        while (from < data.Length)
        {
            int at = data[from..].IndexOf(Magic);
            if (at < 0)
            {
                return -1;
            }

            if ((from + at) % 16 == 0)
            {
                return from + at;
            }

            from += at + 1;
        }

        return -1;
    }

    /// <summary>
    /// Reads it at the start of <paramref name="bytes"/>; false if it is one of before Go 1.18, which points to strings
    /// elsewhere.
    /// </summary>
    /// <exception cref="MalformedDataException">It is damaged.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, Limits limits, [NotNullWhen(true)] out GoBuildInfo? info)
    {
        info = null;
        if (bytes.Length < HeaderSize || !bytes.StartsWith(Magic))
        {
            throw new MalformedDataException(Section, 0, "no build information of Go");
        }

        if ((bytes[15] & InlineStrings) == 0)
        {
            return false;
        }

        ByteReader reader = new(bytes, Section, HeaderSize);
        string version = ReadString(ref reader, limits);
        string module = ReadString(ref reader, limits);

        // The module's text stands between two marks of 16 bytes (Go: src/cmd/go/internal/modload/build.go).
        info = new GoBuildInfo(version, module.Length >= 33 && module[^17] == '\n' ? module[16..^16] : "");
        return true;
    }

    private static string ReadString(ref ByteReader reader, Limits limits)
    {
        ulong length = reader.ReadUleb128();
        if (length > (ulong)limits.MaxStringBytes)
        {
            reader.ThrowMalformed($"a string of {length} bytes");
        }

        // The marks are arbitrary bytes: Latin-1 keeps their count; the text itself is decoded again below.
        ReadOnlySpan<byte> bytes = reader.ReadBytes((long)length);
        return bytes.Length >= 33 && bytes[^17] == (byte)'\n'
            ? string.Concat(Encoding.Latin1.GetString(bytes[..16]), Encoding.UTF8.GetString(bytes[16..^16]), Encoding.Latin1.GetString(bytes[^16..]))
            : Encoding.UTF8.GetString(bytes);
    }

    private string? Field(string start)
    {
        foreach (ReadOnlySpan<char> line in ModuleText.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(start, StringComparison.Ordinal))
            {
                return line[start.Length..].ToString();
            }
        }

        return null;
    }
}
