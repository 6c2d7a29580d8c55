using Blindspot.Runtime.Go;

namespace Blindspot.Tests.Runtime.Go;

public sealed class GoVersionTests
{
    [Theory]
    [InlineData("go1.27.4", 27, false, null)]
    [InlineData("go1.19", 19, false, null)]
    [InlineData("go1.22rc1", 22, false, null)]
    [InlineData("go1.25.1 X:nodwarf5,greenteagc", 25, false, "nodwarf5,greenteagc")]
    [InlineData("devel go1.28-0123abcd Mon Nov 23 10:00:00 2026 +0000", 28, true, null)]
    [InlineData("devel +a1b2c3", null, true, null)]
    [InlineData("go1.", null, false, null)]
    [InlineData("go1.99999999999", null, false, null)]
    [InlineData("", null, false, null)]
    public void Versions_are_told_apart(string text, int? minor, bool isDevelopment, string? experiments)
    {
        GoVersion version = GoVersion.Parse(text);
        Assert.Equal((minor, isDevelopment, experiments), (version.Minor, version.IsDevelopment, version.Experiments));
        Assert.Equal(text, version.ToString());
    }
}
