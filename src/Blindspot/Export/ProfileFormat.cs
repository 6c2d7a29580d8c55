using Blindspot.Primitives;

namespace Blindspot.Export;

/// <summary>How a profile is written.</summary>
public enum ProfileFormat
{
    Text,
    Pprof,
    Folded,
    Speedscope,
    Html,
}

/// <summary>Chooses a format by its name or by the extension of the file that it goes to.</summary>
public static class ProfileFormats
{
    /// <summary>The names that <c>--format</c> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = ["text", "pprof", "folded", "speedscope", "html"];

    private static readonly (string Extension, ProfileFormat Format)[] Extensions =
    [
        (".pb.gz", ProfileFormat.Pprof), (".pb", ProfileFormat.Pprof), (".pprof", ProfileFormat.Pprof), (".prof", ProfileFormat.Pprof),
        (".folded", ProfileFormat.Folded), (".collapsed", ProfileFormat.Folded), (".stacks", ProfileFormat.Folded),
        (".json", ProfileFormat.Speedscope), (".speedscope", ProfileFormat.Speedscope),
        (".html", ProfileFormat.Html), (".htm", ProfileFormat.Html),
        (".txt", ProfileFormat.Text), (".text", ProfileFormat.Text),
    ];

    /// <param name="path">Where it is written to; null for standard output, which gets text unless a format is named.</param>
    /// <param name="name">One of <see cref="Names"/>; null to go by the extension.</param>
    /// <exception cref="BlindspotException">Neither tells the format.</exception>
    public static ProfileFormat Of(string? path, string? name)
    {
        if (name is not null)
        {
            int index = Names.ToList().IndexOf(name);
            return index >= 0 ? (ProfileFormat)index
                : throw new BlindspotException($"There is no format '{name}', only {string.Join(", ", Names)}.");
        }

        if (path is null || path.StartsWith("/dev/", StringComparison.Ordinal))
        {
            return ProfileFormat.Text;
        }

        foreach ((string extension, ProfileFormat format) in Extensions)
        {
            if (path.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
            {
                return format;
            }
        }

        throw new BlindspotException(
            $"The name '{path}' does not tell the format: let it end in .pb.gz, .html, .folded, .speedscope.json or .txt, or add --format {string.Join('|', Names)}.");
    }
}
