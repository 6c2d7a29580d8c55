using Blindspot.Collect;

namespace Blindspot.Tests.Collect;

public sealed class BpfConditionsTests
{
    private static readonly BpfConditions Good = new()
    {
        KernelRelease = "6.1.0-50-cloud-amd64",
        HasTypeInformation = true,
        Lockdown = "[none] integrity confidentiality",
        Capabilities = ~0UL,
        IsFiltered = false,
    };

    [Theory]
    [InlineData("4.19.0-27-amd64", true)]
    [InlineData("5.4.0-216-generic", true)]
    [InlineData("5.7", true)]
    [InlineData("5.8.0", false)]
    [InlineData("5.10.0-32-cloud-amd64", false)]
    [InlineData("6.0-rc1", false)]
    [InlineData("7.2.13+deb14-cloud-amd64", false)]
    [InlineData("", false)]
    [InlineData("unknown", false)]
    public void A_kernel_without_iterators_is_named(string release, bool isNamed)
    {
        string said = (Good with { KernelRelease = release }).Explain("EINVAL");
        Assert.Equal(isNamed ? $"kernel {release} is older than 5.8, the first that shows its threads to BPF programs" : "EINVAL", said);
    }

    [Fact]
    public void A_kernel_that_does_not_describe_its_types_is_named() =>
        Assert.Contains("/sys/kernel/btf/vmlinux", (Good with { HasTypeInformation = false }).Explain("ESRCH"), StringComparison.Ordinal);

    [Theory]
    [InlineData("none [integrity] confidentiality", false)]
    [InlineData("none integrity [confidentiality]", true)]
    [InlineData("", false)]
    public void Only_the_strictest_lockdown_forbids_it(string lockdown, bool isNamed) =>
        Assert.Equal(isNamed, (Good with { Lockdown = lockdown }).Explain("EINVAL").Contains("locked down", StringComparison.Ordinal));

    [Theory]
    [InlineData(0UL, true)]
    [InlineData(1UL << 21, false)]
    [InlineData(1UL << 38, true)]
    [InlineData(1UL << 39, true)]
    [InlineData(1UL << 38 | 1UL << 39, false)]
    public void The_capabilities_that_are_missing_are_named(ulong held, bool isNamed) =>
        Assert.Equal(isNamed, (Good with { Capabilities = held }).Explain("EPERM").Contains("CAP_BPF", StringComparison.Ordinal));

    [Fact]
    public void A_filter_is_suspected_where_nothing_else_is_known()
    {
        Assert.Equal(
            "EPERM, most likely by the filter of system calls (seccomp) that we run behind", (Good with { IsFiltered = true }).Explain("EPERM"));
        Assert.DoesNotContain("seccomp", (Good with { IsFiltered = true, Capabilities = 0 }).Explain("EPERM"), StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_stands_in_the_way_is_named()
    {
        string said = (Good with { KernelRelease = "5.4.0", HasTypeInformation = false, Capabilities = 0 }).Explain("EPERM");
        Assert.Equal(3, said.Split("; ").Length);
        Assert.DoesNotContain("EPERM", said, StringComparison.Ordinal);
    }
}
