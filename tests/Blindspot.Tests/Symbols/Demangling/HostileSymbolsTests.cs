using System.Text;
using Blindspot.Symbols.Demangling;

namespace Blindspot.Tests.Symbols.Demangling;

/// <summary>A target chooses its own symbols: none may make the demangler throw, hang or fill memory.</summary>
public sealed class HostileSymbolsTests
{
    private const string Alphabet = "0123456789_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz$.@\0é";

    public static TheoryData<string> Deep => new(
        "_Z1f" + new string('P', 100_000) + "i",
        "_ZN" + string.Concat(Enumerable.Repeat("1a", 50_000)) + "E",
        "_Z1f" + string.Concat(Enumerable.Repeat("1aI", 30_000)),
        "_Z" + string.Concat(Enumerable.Repeat("Z1fvE", 20_000)) + "1x",
        "_Z1f" + string.Concat(Enumerable.Repeat("FvP", 30_000)) + "i",
        "_Z1fIX" + string.Concat(Enumerable.Repeat("nt", 40_000)) + "Li1EEEvv",
        "_ZN1A" + string.Concat(Enumerable.Repeat("cvT_I", 20_000)) + "iEv",
        "_Z1fL" + new string('0', 100_000) + "i",
        "_Z9999999999999999999999a",
        "_ZS" + new string('Z', 100_000) + "_",
        "_R" + new string('N', 100_000),
        "_R" + string.Concat(Enumerable.Repeat("IC1a", 30_000)),
        "_RINvC1a1f" + new string('R', 100_000) + "hE",
        "_RNvC99999999999999999999a1f",
        "_RNvC1aB" + new string('z', 100_000) + "_",
        "_RINvC1a1fFGzzzzzz_EuE",
        "_ZN" + string.Concat(Enumerable.Repeat("1$", 20_000)) + "17h0123456789abcdefE",
        "_RNvC1au99999_" + new string('z', 99_999));

    [Theory]
    [MemberData(nameof(Deep), DisableDiscoveryEnumeration = true)]
    public void Deep_nesting_ends(string symbol)
    {
        bool isName = Demangler.TryDemangle(symbol, out Demangled? name);
        Assert.Equal(isName, name != null);
        Assert.InRange(name?.Full.Length ?? 0, 0, Demangler.MaxFullLength + 1);
        Assert.InRange(name?.Short.Length ?? 0, 0, Demangler.MaxShortLength);
    }

    [Fact]
    public void Substitutions_that_double_at_each_step_are_cut()
    {
        // f(p<a, a>, p<p<a, a>, p<a, a>>, …): each parameter is twice as long as the one before.
        StringBuilder symbol = new("_Z1f1pI1aS0_E");
        for (int i = 1; i < 35; i++)
        {
            symbol.Append("S_I").Append(Substitution(i)).Append(Substitution(i)).Append('E');
        }

        Assert.True(Demangler.TryDemangle(symbol.ToString(), out Demangled? name));
        Assert.Equal(Demangler.MaxFullLength + 1, name.Full.Length);
        Assert.EndsWith("…", name.Full, StringComparison.Ordinal);
        Assert.Equal("f", name.Short);
    }

    [Fact]
    public void A_search_for_packs_that_doubles_at_each_step_ends()
    {
        // sizeof...(p<a, a>..., p<p<a, a>, p<a, a>>..., …): what is counted is searched, not printed.
        StringBuilder symbol = new("_Z1fIXsPDp1pI1aS1_E");
        for (int i = 2; i < 80; i += 2)
        {
            symbol.Append("DpS0_I").Append(Substitution(i)).Append(Substitution(i)).Append('E');
        }

        symbol.Append("EEEvv");
        Assert.False(Demangler.TryDemangle(symbol.ToString(), out _));
        Assert.True(Demangler.TryDemangle("_Z1fIXsPDp1pI1aS1_EDpS0_IS2_S2_EEEEvv", out Demangled? small));
        Assert.Equal("void f<2>()", small.Full);
    }

    [Fact]
    public void Back_references_that_double_at_each_step_are_cut()
    {
        StringBuilder symbol = new("_RINvC1a1fT");
        int previous = symbol.Length - 2;
        symbol.Append("hhE");
        for (int i = 0; i < 60; i++)
        {
            int here = symbol.Length - 2;
            string target = Base62(previous);
            symbol.Append("TB").Append(target).Append('B').Append(target).Append('E');
            previous = here;
        }

        symbol.Append('E');
        if (Demangler.TryDemangle(symbol.ToString(), out Demangled? name))
        {
            Assert.InRange(name.Full.Length, 1, Demangler.MaxFullLength + 1);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mutated_symbols_never_throw(int seed)
    {
        Random random = new(seed);
        (string Symbol, string Name)[] golden = GoldenNamesTests.Read();
        int named = 0;
        for (int i = 0; i < 40_000; i++)
        {
            StringBuilder symbol = new(golden[random.Next(golden.Length)].Symbol);
            for (int changes = random.Next(1, 5); changes > 0; changes--)
            {
                Mutate(symbol, random, golden);
            }

            string text = symbol.ToString();
            if (Demangler.TryDemangle(text, out Demangled? name))
            {
                named++;
                Assert.InRange(name.Full.Length, 1, Demangler.MaxFullLength + 1);
                Assert.InRange(name.Short.Length, 1, Demangler.MaxShortLength);
            }
        }

        Assert.InRange(named, 1, 39_999);
    }

    private static void Mutate(StringBuilder symbol, Random random, (string Symbol, string Name)[] golden)
    {
        int at = random.Next(2, Math.Max(3, symbol.Length));
        switch (random.Next(5))
        {
            case 0 when at < symbol.Length:
                symbol[at] = Alphabet[random.Next(Alphabet.Length)];
                break;
            case 1:
                symbol.Insert(Math.Min(at, symbol.Length), Alphabet[random.Next(Alphabet.Length)]);
                break;
            case 2 when at < symbol.Length:
                symbol.Remove(at, Math.Min(random.Next(1, 4), symbol.Length - at));
                break;
            case 3:
                symbol.Length = Math.Min(at, symbol.Length);
                break;
            default:
                string other = golden[random.Next(golden.Length)].Symbol;
                int start = random.Next(other.Length);
                symbol.Insert(Math.Min(at, symbol.Length), other.AsSpan(start, random.Next(Math.Min(30, other.Length - start))));
                break;
        }
    }

    private static string Substitution(int index) => index < 36 ? $"S{Base36(index)}_" : $"S{Base36(index / 36)}{Base36(index % 36)}_";

    private static char Base36(int value) => (char)(value < 10 ? '0' + value : 'A' + value - 10);

    private static string Base62(int value)
    {
        if (value == 0)
        {
            return "_";
        }

        const string Digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        value--;
        string text = "";
        do
        {
            text = Digits[value % 62] + text;
            value /= 62;
        }
        while (value > 0);
        return text + "_";
    }
}
