using System.Text.RegularExpressions;
using Blindspot.Analysis.Doctor;

namespace Blindspot.Tests.Analysis.Doctor;

/// <summary>docs/rules has a page for each rule, and none of a rule that is not there.</summary>
public sealed partial class RulePageTests
{
    private static readonly string s_folder = RepositoryFiles.PathOf("docs/rules");

    [Fact]
    public void EachRuleHasItsPageAndEachPageARule() => Assert.Equal(
        DoctorAnalysis.RuleIds.Order(StringComparer.Ordinal),
        Directory.EnumerateFiles(s_folder, "R*.md").Select(Path.GetFileNameWithoutExtension).Where(static name => name != "README").Order(StringComparer.Ordinal));

    [Fact]
    public void TheIndexNamesEach() => Assert.Equal(
        DoctorAnalysis.RuleIds.Order(StringComparer.Ordinal),
        Link().Matches(File.ReadAllText(Path.Combine(s_folder, "README.md"))).Select(static match => match.Groups[1].Value).Order(StringComparer.Ordinal));

    [Fact]
    public void EachPageSaysWhatItMust()
    {
        foreach (string rule in DoctorAnalysis.RuleIds)
        {
            string page = File.ReadAllText(Path.Combine(s_folder, rule + ".md"));
            Assert.StartsWith($"# {rule}: ", page);
            Assert.All(
                ["## What it means", "## How it is decided", "## How it was verified", "## False alarms", "## What to do"],
                heading => Assert.Contains("\n" + heading + "\n", page));
        }
    }

    [GeneratedRegex(@"\]\((R\d+)\.md\)")]
    private static partial Regex Link();
}
