using Blindspot.Symbols.Demangling;

namespace Blindspot.Tests.Symbols.Demangling;

public sealed class ShortNamesTests
{
    private const string CxxString = "NSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE";

    [Theory]
    [InlineData("_Z3fooi", "foo")]
    [InlineData("_ZNK1A1fB5cxx11Ev", "A::f")]
    [InlineData("_Z1fIiEPFvcET_", "f<int>")]
    [InlineData("_ZN1A1fEv.isra.0.cold", "A::f [clone .cold]")]
    [InlineData("_ZZ3fooIiEvT_ENKUlvE_clEv", "foo<int>::{lambda#1}::operator()")]
    [InlineData("_ZZ3foovENKUlTyT_E_clIiEEDaS_", "foo::{lambda#1}::operator()<int>")]
    [InlineData("_ZNSt6vectorI" + CxxString + "SaIS5_EE9push_backERKS5_", "std::vector<std::string>::push_back")]
    [InlineData("_ZNSt3mapI" + CxxString + "iSt4lessIS5_ESaISt4pairIKS5_iEEE4findERS8_", "std::map<std::string, int>::find")]
    [InlineData("_ZNSt13unordered_mapIicSt4hashIiESt8equal_toIiESaISt4pairIKicEEE4findERS6_", "std::unordered_map<int, char>::find")]
    [InlineData("_ZNSt10unique_ptrI1ASt14default_deleteIS0_EE5resetEv", "std::unique_ptr<A>::reset")]
    [InlineData("_ZNSt6vectorI1A4PoolIS0_EE5clearEv", "std::vector<A, Pool<A>>::clear")]
    [InlineData("_ZNSt3mapIiiSt7greaterIiESaISt4pairIKiiEEE5clearEv", "std::map<int, int, std::greater<int>>::clear")]
    [InlineData("_ZSt3getI1ASaIS0_EEvv", "std::get<A, std::allocator<A>>")]
    [InlineData("_ZNSt14priority_queueIiSt6vectorIiSaIiEESt4lessIiEE3popEv", "std::priority_queue<int>::pop")]
    [InlineData("_ZNSt3__16vectorIiNS_9allocatorIiEEE4sizeEv", "std::vector<int>::size")]
    [InlineData("_ZNSt8functionIFvRKSsEEC1Ev", "std::function<void (std::string const&)>::function")]
    [InlineData("_ZNSt13basic_ostreamIwSt11char_traitsIwEE5flushEv", "std::wostream::flush")]
    [InlineData("_ZTV1AI1BSaIS0_EE", "vtable for A<B, std::allocator<B>>")]
    [InlineData("_RNvC1a1f.cold", "a::f [clone .cold]")]
    [InlineData("_RNvC1a1f.warm", "a::f")]
    public void Leave_out_what_a_reader_knows(string symbol, string expected)
    {
        Assert.True(Demangler.TryDemangle(symbol, out Demangled? name));
        Assert.Equal(expected, name.Short);
    }

    [Fact]
    public void Long_arguments_are_cut_from_the_inside()
    {
        string deep = string.Concat(Enumerable.Repeat("1aI", 100)) + "i" + new string('E', 100);
        Assert.True(Demangler.TryDemangle($"_ZN2nsI{deep}E4funcEv", out Demangled? name));
        Assert.Equal("ns<a<a<a<a<…>>>>>::func", name.Short);
    }

    [Fact]
    public void A_long_name_keeps_both_of_its_ends()
    {
        string word = new('x', 300);
        Assert.True(Demangler.TryDemangle($"_ZN5scope300{word}4funcEv", out Demangled? name));
        Assert.StartsWith("scope::xxx", name.Short, StringComparison.Ordinal);
        Assert.EndsWith("xxx::func", name.Short, StringComparison.Ordinal);
        Assert.Contains("…", name.Short, StringComparison.Ordinal);
        Assert.Equal(Demangler.MaxShortLength, name.Short.Length);
    }
}
