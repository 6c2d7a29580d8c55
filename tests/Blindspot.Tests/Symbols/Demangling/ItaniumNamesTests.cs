using Blindspot.Symbols.Demangling;

namespace Blindspot.Tests.Symbols.Demangling;

public sealed class ItaniumNamesTests
{
    [Theory]
    [InlineData("_Z3foov", "foo()")]
    [InlineData("_ZN1A1fEPFPFvcEiE", "A::f(void (*(*)(int))(char))")]
    [InlineData("_Z1fIiEPFvcET_", "void (*f<int>(int))(char)")]
    [InlineData("_ZNK1A1fEM1AKFvvE", "A::f(void (A::*)() const) const")]
    [InlineData("_Z1fRA3_A4_Ki", "f(int const (&) [3][4])")]
    [InlineData("_ZN1AltIiEEvv", "void A::operator< <int>()")]
    [InlineData("_ZN1AcvT_IiEEv", "A::operator int<int>()")]
    [InlineData("_Z1fIJicEEvDpRKT_", "void f<int, char>(int const&, char const&)")]
    [InlineData("_Z1fILin5EEvv", "void f<-5>()")]
    [InlineData("_Z1fIXgtLi3ELi2EEEvv", "void f<((3)>(2))>()")]
    [InlineData("_Z1fI1AEDTcldtfp_1xEET_", "decltype (({parm#1}.x)()) f<A>(A)")]
    [InlineData("_ZZ3fooIiEvT_ENKUlvE_clEv", "foo<int>(int)::{lambda()#1}::operator()() const")]
    [InlineData("_ZZ3foovEd0_NKUlvE_clEv", "foo()::{default arg#2}::{lambda()#1}::operator()() const")]
    [InlineData("_ZNSsC1Ev", "std::basic_string<char, std::char_traits<char>, std::allocator<char> >::basic_string()")]
    [InlineData("_ZNSt1AC2ERKSs", "std::A::A(std::string const&)")]
    [InlineData("_ZN12_GLOBAL__N_11fEv", "(anonymous namespace)::f()")]
    [InlineData("_ZN1A1fB5cxx11Ev", "A::f[abi:cxx11]()")]
    [InlineData("_ZTVN1A1BE", "vtable for A::B")]
    [InlineData("_ZThn8_N1A1fEv", "non-virtual thunk to A::f()")]
    [InlineData("_ZTcv0_n24_h16_N1A1fEv", "covariant return thunk to A::f()")]
    [InlineData("_ZTC1A0_1B", "construction vtable for B-in-A")]
    [InlineData("_ZGVZ3foovE1x", "guard variable for foo()::x")]
    [InlineData("_ZTHN1A1bE", "TLS init function for A::b")]
    [InlineData("_ZDC1a1bE", "[a, b]")]
    [InlineData("_ZW3Foo3barv", "bar@Foo()")]
    [InlineData("_ZGIW3Foo", "initializer for module Foo")]
    [InlineData("_Z1fDF16b", "f(std::bfloat16_t)")]
    [InlineData("_ZN1A1fEv.isra.0.cold", "A::f() [clone .isra.0] [clone .cold]")]
    [InlineData("_GLOBAL__I__ZN1A1bE", "global constructors keyed to A::b")]
    public void Are_told_as_cxxfilt_tells_them(string symbol, string expected)
    {
        Assert.True(Demangler.TryDemangle(symbol, out Demangled? name));
        Assert.Equal(expected, name.Full);
        Assert.Equal("c++", name.Language);
    }

    [Theory]
    [InlineData("_ZNSaIcE1xEv@@GLIBCXX_3.4", "std::allocator<char>::x()")]
    [InlineData("_ZNSaIcE1xEv@GLIBCXX_3.4", "std::allocator<char>::x()")]
    [InlineData("___Z3foov", "foo()")]
    [InlineData("_GLOBAL__sub_I__ZN1A1bE", "global constructors keyed to A::b")]
    [InlineData("_GLOBAL__sub_I_main.cpp", "global constructors keyed to main.cpp")]
    [InlineData("_GLOBAL__sub_D_x", "global destructors keyed to x")]
    [InlineData("_ZGR4reftB5cxx11_", "reference temporary #0 for reft[abi:cxx11]")]
    [InlineData("_Z1fIiEDTnxfp_ET_", "decltype (noexcept({parm#1})) f<int>(int)")]
    [InlineData("_Z1fDB8_", "f(_BitInt(8))")]
    [InlineData("_ZZ1fvE1x.1", "f()::x [clone .1]")]
    [InlineData("_ZZ1fvENKUlTyT_E_clIiEEDaS_", "auto f()::{lambda<typename $T0>($T0)#1}::operator()<int>(int) const")]
    [InlineData("_ZN1AF3barEv", "A::bar[friend]()")]
    public void Are_told_where_cxxfilt_is_silent(string symbol, string expected)
    {
        Assert.True(Demangler.TryDemangle(symbol, out Demangled? name));
        Assert.Equal(expected, name.Full);
    }

    [Theory]
    [InlineData("")]
    [InlineData("main")]
    [InlineData("_")]
    [InlineData("_Z")]
    [InlineData("_ZN")]
    [InlineData("_ZN3fooE3")]
    [InlineData("_Z3foovXYZ")]
    [InlineData("_Z99foo")]
    [InlineData("_Z1fIiEvT0_")]
    [InlineData("_ZS5_1f")]
    [InlineData("_GLOBAL_OFFSET_TABLE_")]
    [InlineData("_GLOBAL__N_foo")]
    [InlineData("_start")]
    [InlineData("_Z3foov_suffix")]
    [InlineData("_Z1fT_")]
    public void Other_names_are_left_alone(string symbol)
    {
        Assert.False(Demangler.TryDemangle(symbol, out Demangled? name));
        Assert.Null(name);
    }
}
