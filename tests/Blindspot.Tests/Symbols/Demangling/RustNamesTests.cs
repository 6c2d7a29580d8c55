using Blindspot.Symbols.Demangling;

namespace Blindspot.Tests.Symbols.Demangling;

public sealed class RustNamesTests
{
    [Theory]
    [InlineData("_ZN4core3fmt5write17h0123456789abcdefE", "core::fmt::write")]
    [InlineData("_ZN4core3fmt5write17h0123456789abcdefE.llvm.1234", "core::fmt::write")]
    [InlineData("_ZN4core3fmt5write17h0123456789abcdefE.cold", "core::fmt::write [clone .cold]")]
    [InlineData("_ZN71_$LT$Test$u20$$u2b$$u20$$u27$static$u20$as$u20$foo..Bar$LT$Test$GT$$GT$3bar17h930b740aa94f1d3aE", "<Test + 'static as foo::Bar<Test>>::bar")]
    [InlineData("_ZN13_$RF$$BP$$C$.3bar17h930b740aa94f1d3aE", "&*,.::bar")]
    [InlineData("_ZN8$u65e5$x3bar17h930b740aa94f1d3aE", "日x::bar")]
    public void Legacy(string symbol, string expected) => Check(symbol, expected);

    [Theory]
    [InlineData("_RNvC6_123foo3bar", "123foo::bar")]
    [InlineData("_RNvC6_123foo3bar.llvm.12", "123foo::bar")]
    [InlineData("_RNCNCNgCs6DXkGYLi8lr_2cc5spawn00B5_", "cc::spawn::{closure#0}::{closure#0}")]
    [InlineData("_RINbNbCskIICzLVDPPb_5alloc5alloc8box_freeDINbNiB4_5boxed5FnBoxuEp6OutputuEL_ECs1iopQbuBiw2_3std", "alloc::alloc::box_free::<dyn alloc::boxed::FnBox<(), Output = ()>>")]
    [InlineData("_RNvMC0INtC8arrayvec8ArrayVechKj7b_E3new", "<arrayvec::ArrayVec<u8, 123>>::new")]
    [InlineData("_RNvXC1aFG_RL0_hEuNtB2_1T1f", "<for<'a> fn(&'a u8) as a::T>::f")]
    [InlineData("_RMC0FUK8C_unwindhTxEEPm", "<unsafe extern \"C-unwind\" fn(u8, (i64,)) -> *const u32>")]
    [InlineData("_RINvC1a1fKc61_Kb1_Kin5_KcaE", null)]
    [InlineData("_RINvC1a1fKc61_Kb1_Kin5_E", "a::f::<'a', true, -5>")]
    [InlineData("_RINvC1a1fKo123456789abcdef01_E", "a::f::<0x123456789abcdef01>")]
    [InlineData("_RNqCs4fqI2P2rA04_11utf8_identsu30____7hkackfecea1cbdathfdh9hlq6y", "utf8_idents::საჭმელად_გემრიელი_სადილი")]
    [InlineData("_RINvC1a1fRe616263_E", null)]
    [InlineData("_RINvC1a1fKRe616263_E", "a::f::<\"abc\">")]
    [InlineData("_RINvC1a1fKVNtB2_1STj1_j2_EE", "a::f::<{a::S(1, 2)}>")]
    [InlineData("_RINvC1a1fKTj1_EE", "a::f::<{(1,)}>")]
    public void V0(string symbol, string? expected) => Check(symbol, expected);

    [Fact]
    public void A_cxx_name_that_only_looks_like_a_hash_stays_cxx()
    {
        Assert.True(Demangler.TryDemangle("_ZN3foo17h0000000000000000E", out Demangled? name));
        Assert.Equal("c++", name.Language);
        Assert.Equal("foo::h0000000000000000", name.Full);
    }

    private static void Check(string symbol, string? expected)
    {
        Assert.Equal(expected != null, Demangler.TryDemangle(symbol, out Demangled? name));
        Assert.Equal(expected, name?.Full);
        Assert.Equal(expected == null ? null : "rust", name?.Language);
    }
}
