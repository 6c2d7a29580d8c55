using Blindspot.Target;

namespace Blindspot.LiveTests.Target;

/// <summary>Options whose time limits no test machine reaches, however busy it is.</summary>
internal static class CaptureForTests
{
    internal static CaptureOptions Default { get; } = new() { StopWait = TimeSpan.FromSeconds(20), StopBudget = TimeSpan.FromSeconds(20) };

    internal static CaptureOptions By(CaptureTier tier) => Default with { Tier = tier };
}
