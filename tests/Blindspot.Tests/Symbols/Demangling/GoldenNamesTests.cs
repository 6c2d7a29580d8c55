using System.Runtime.CompilerServices;
using Blindspot.Symbols.Demangling;

namespace Blindspot.Tests.Symbols.Demangling;

/// <summary>Symbols of real libraries and of every construct that GCC 12 and Clang 14 mangle, with what c++filt says.</summary>
public sealed class GoldenNamesTests
{
    public static (string Symbol, string Name)[] Read([CallerFilePath] string here = "")
    {
        string path = Path.Combine(Path.GetDirectoryName(here)!, "cxxfilt.golden");
        return [.. File.ReadLines(path)
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split('\t'))
            .Select(fields => (fields[0], fields[1]))];
    }

    [Fact]
    public void Full_names_equal_those_of_cxxfilt()
    {
        (string Symbol, string Name)[] golden = Read();
        List<string> differences = [];
        foreach ((string symbol, string expected) in golden)
        {
            string actual = Demangler.TryDemangle(symbol, out Demangled? name) ? name.Full : symbol;
            if (actual != expected)
            {
                differences.Add($"{symbol}\n  expected {expected}\n  actual   {actual}");
            }
        }

        Assert.True(golden.Length >= 500);
        Assert.Empty(differences);
    }

    [Fact]
    public void Short_names_are_short_and_never_longer_than_whole_ones_by_more_than_an_ellipsis()
    {
        foreach ((string symbol, _) in Read())
        {
            Assert.True(Demangler.TryDemangle(symbol, out Demangled? name), symbol);
            Assert.InRange(name.Short.Length, 1, Math.Min(Demangler.MaxShortLength, name.Full.Length + 1));
            Assert.Equal(symbol.StartsWith("_R", StringComparison.Ordinal) ? "rust" : name.Language, name.Language);
        }
    }
}
