using Blindspot.Cli.Terminal;

namespace Blindspot.Tests.Cli.Terminal;

public sealed class FittingTests
{
    [Theory]
    [InlineData("main.main", 20, "main.main")]
    [InlineData("github.com/acme/ledger/internal/store.(*Store).Flush.func1", 40, "…/internal/store.(*Store).Flush.func1")]
    [InlineData("github.com/acme/ledger/internal/store.(*Store).Flush.func1", 30, "…/store.(*Store).Flush.func1")]
    [InlineData("github.com/acme/ledger/internal/store.(*Store).Flush.func1", 20, "…*Store).Flush.func1")]
    [InlineData("slices.SortFunc[go.shape.[]string,go.shape.string]", 30, "slices.SortFunc[…]")]
    [InlineData("json::Walker<json::Node, std::allocator<json::Node> >::visit(json::Node const&, int)", 63, "json::Walker<json::Node, std::allocator<json::Node> >::visit(…)")]
    [InlineData("json::Walker<json::Node, std::allocator<json::Node> >::visit(json::Node const&, int)", 30, "json::Walker<…>::visit(…)")]
    [InlineData("json::Walker<json::Node, std::allocator<json::Node> >::visit(json::Node const&, int)", 20, "…::visit(…)")]
    [InlineData("std::map<int, std::vector<int> >::operator()(int, std::string const&) const", 55, "std::map<int, std::vector<int> >::operator()(…) const")]
    [InlineData("std::foo<int>::operator<<(std::ostream&, int)", 32, "std::foo<int>::operator<<(…)")]
    [InlineData("core::ops::function::FnOnce<fn(i32) -> i32>::call_once", 41, "core::ops::function::FnOnce<…>::call_once")]
    public void FunctionNamesKeepTheirEnd(string name, int width, string expected) =>
        Assert.Equal(expected, FunctionName.Fit(name, width));

    [Theory]
    [InlineData("/srv/ledger/src/store/flush.go:214", 40, "/srv/ledger/src/store/flush.go:214")]
    [InlineData("/srv/ledger/src/store/flush.go:214", 26, "…/src/store/flush.go:214")]
    [InlineData("/srv/ledger/src/store/flush.go:214", 15, "…/flush.go:214")]
    [InlineData("/srv/ledger/src/store/flush.go:214", 12, "flush.go:214")]
    [InlineData("/srv/ledger/src/store/flush.go:214", 8, "….go:214")]
    [InlineData("x.c:1", 0, "")]
    public void PlacesKeepTheLine(string place, int width, string expected) => Assert.Equal(expected, SourcePlace.Fit(place, width));

    [Theory]
    [InlineData(0.5, "500 ms")]
    [InlineData(59.9, "59 s")]
    [InlineData(180, "3 min")]
    [InlineData(7500, "2 h 5 min")]
    [InlineData(90000, "1 d 1 h")]
    [InlineData(double.NaN, "?")]
    public void Times(double seconds, string expected) => Assert.Equal(expected, Quantity.OfSeconds(seconds));

    [Theory]
    [InlineData("中文", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("→…≥", 3)]
    public void Widths(string text, int width) => Assert.Equal(width, DisplayWidth.Of(text));

    [Theory]
    [InlineData(0UL, "blocks no signal")]
    [InlineData(0x4000000UL, "blocks SIGPROF")]
    [InlineData(ulong.MaxValue & ~0x4000000UL, "blocks all signals but SIGPROF")]
    [InlineData(1UL << 33, "blocks SIGRTMIN")]
    public void SignalMasks(ulong mask, string expected) => Assert.Equal(expected, SignalMask.Describe(mask));
}
