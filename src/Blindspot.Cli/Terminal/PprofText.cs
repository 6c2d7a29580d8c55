using System.Globalization;
using Blindspot.Analysis;
using Blindspot.Analysis.Profiles;

namespace Blindspot.Cli.Terminal;

/// <summary>A profile as a table of its functions, and what it does not show.</summary>
internal static class PprofText
{
    private const int CostWidth = 10;
    private const int ShareWidth = 6;
    private const int Indent = 2;

    public static void Write(PprofReport report, int limit, StyledWriter writer)
    {
        Profile profile = report.Profile;
        ProfileValueType type = profile.ValueTypes[report.Value];
        ProfileBlindness blindness = report.Blindness;
        var parts = new List<StyledText>
        {
            new(TerminalText.Safe(type.Type), Style.Strong),
            new($"{Cost(blindness.Total, type.Unit)} in all"),
            new(Quantity.Of(profile.Samples.Count, "sample")),
        };
        if (profile.Duration is { } duration)
        {
            parts.Add($"over {Quantity.OfSeconds(duration.TotalSeconds)}");
        }

        if (blindness.Cores is { } cores)
        {
            parts.Add($"{cores.ToString("0.##", CultureInfo.InvariantCulture)} cores busy");
        }

        if (report.NamedLocations > 0)
        {
            parts.Add($"{Quantity.Of(report.NamedLocations, "place")} in code named");
        }

        writer.WriteParts(Indent, parts);
        writer.EndLine();
        WriteTop(report, limit, type.Unit, writer);
        WriteBlindness(blindness, type.Unit, writer);
        GapsText.Write(report.Gaps, writer);
    }

    private static void WriteTop(PprofReport report, int limit, string unit, StyledWriter writer)
    {
        IReadOnlyList<FunctionCost> costs = ProfileCosts.Of(report.Profile, report.Value);
        var list = new ListText(writer);
        list.AddColumn("flat", CostWidth, isNumber: true);
        list.AddColumn("flat%", ShareWidth, isNumber: true);
        list.AddColumn("cum", CostWidth, isNumber: true);
        list.AddColumn("cum%", ShareWidth, isNumber: true);
        list.WriteTitles("function");
        int shown = limit > 0 ? Math.Min(limit, costs.Count) : costs.Count;
        for (int i = 0; i < shown; i++)
        {
            FunctionCost cost = costs[i];
            list.WriteRow(
                Cost(cost.Flat, unit),
                Share(report.Blindness, cost.Flat),
                Cost(cost.Cumulative, unit),
                Share(report.Blindness, cost.Cumulative),
                FunctionName.Fit(TerminalText.Safe(cost.Name), list.LastWidth));
        }

        list.WriteRest(costs.Count - shown, "function");
    }

    private static void WriteBlindness(ProfileBlindness blindness, string unit, StyledWriter writer)
    {
        (string What, long Cost)[] parts =
        [
            ("in runtime.cgocall: in C, hidden", blindness.InCgocall),
            ("below runtime._ExternalCode: C without its callers", blindness.External),
            ("in runtime._LostExternalCode: nothing is known", blindness.LostExternal),
            ("ends at an address without a name", blindness.Nameless),
        ];
        if (parts.All(static part => part.Cost == 0) && blindness.Findings.Count == 0)
        {
            return;
        }

        writer.EndLine();
        writer.Write(new StyledText("What the profile does not show:", Style.Strong));
        writer.EndLine();
        foreach ((string what, long cost) in parts)
        {
            if (cost != 0)
            {
                writer.PadTo(Indent);
                writer.Write(Share(blindness, cost));
                writer.PadTo(Indent + ShareWidth + Indent);
                writer.WriteWords(Indent + ShareWidth + Indent, $"{what} ({Cost(cost, unit)})", Style.Plain);
            }
        }

        foreach (ProfileFinding finding in blindness.Findings)
        {
            writer.PadTo(Indent);
            writer.Write(new StyledText("! ", Style.Faint));
            writer.WriteWords(Indent + 2, TerminalText.Safe(finding.Means), finding.Severity >= Severity.Warning ? Style.Alarm : Style.Plain);
            writer.PadTo(Indent + 2);
            writer.WriteWords(Indent + 2, TerminalText.Safe(finding.Advice), Style.Plain);
        }
    }

    private static string Share(ProfileBlindness blindness, long cost) =>
        (blindness.ShareOf(cost) * 100).ToString("0.0", CultureInfo.InvariantCulture) + "%";

    private static string Cost(long cost, string unit) => unit switch
    {
        "nanoseconds" => OfNanoseconds(cost),
        "bytes" => cost < 0 ? "-" + Quantity.OfBytes(-cost) : Quantity.OfBytes(cost),
        _ => Quantity.Of(cost),
    };

    private static string OfNanoseconds(long cost) => Math.Abs((double)cost) switch
    {
        < 1e3 => cost.ToString(CultureInfo.InvariantCulture) + " ns",
        < 1e6 => Of(cost / 1e3, "us"),
        < 1e9 => Of(cost / 1e6, "ms"),
        _ => Of(cost / 1e9, "s"),
    };

    private static string Of(double value, string unit) => value.ToString("#,0.##", CultureInfo.InvariantCulture) + " " + unit;
}
