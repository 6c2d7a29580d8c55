using System.Globalization;

namespace Blindspot.Analysis.Profiles;

/// <summary>Units of values and labels, as pprof knows them (internal/measurement/measurement.go).</summary>
public static class ProfileUnit
{
    private static readonly Family[] Families =
    [
        new("B", 1,
        [
            new("B", ["b", "byte"], 1), new("kB", ["kb", "kbyte", "kilobyte"], 1L << 10), new("MB", ["mb", "mbyte", "megabyte"], 1L << 20),
            new("GB", ["gb", "gbyte", "gigabyte"], 1L << 30), new("TB", ["tb", "tbyte", "terabyte"], 1L << 40), new("PB", ["pb", "pbyte", "petabyte"], 1L << 50),
        ]),
        new("s", 1e9,
        [
            new("ns", ["ns", "nanosecond"], 1), new("us", ["μs", "us", "microsecond"], 1e3), new("ms", ["ms", "millisecond"], 1e6),
            new("s", ["s", "sec", "second"], 1e9), new("hrs", ["hour", "hr"], 3600e9),
        ]),
    ];

    /// <summary>In another unit; the value as it is where the two don't go together.</summary>
    public static (double Value, string Unit) Scale(long value, string from, string to)
    {
        foreach (Family family in Families)
        {
            if (family.Find(from) is { } unit)
            {
                Unit? wanted = family.Find(to);
                return (value * unit.Factor / (wanted?.Factor ?? family.DefaultFactor), wanted?.Name ?? family.DefaultName);
            }
        }

        return (value, to is "count" or "sample" or "unit" or "minimum" or "auto" ? "" : to);
    }

    /// <summary>"1.25s", "3.1MB", "1,204": in the largest unit of which there is one.</summary>
    public static string Text(double value, string unit)
    {
        foreach (Family family in Families)
        {
            if (family.Find(unit) is not { } from)
            {
                continue;
            }

            double size = Math.Abs(value) * from.Factor;
            Unit best = family.Units[0];
            foreach (Unit candidate in family.Units)
            {
                // Hours are rarely what people compare seconds with.
                if (size >= candidate.Factor && candidate.Name != "hrs")
                {
                    best = candidate;
                }
            }

            double scaled = value * from.Factor / best.Factor;
            return scaled.ToString(Math.Abs(scaled) >= 100 ? "0" : Math.Abs(scaled) >= 10 ? "0.#" : "0.##", CultureInfo.InvariantCulture) + best.Name;
        }

        return value.ToString("#,##0.##", CultureInfo.InvariantCulture);
    }

    private sealed record Unit(string Name, string[] Aliases, double Factor);

    private sealed record Family(string DefaultName, double DefaultFactor, Unit[] Units)
    {
        public Unit? Find(string name)
        {
            string lower = name.ToLowerInvariant();
            string single = lower.Length > 2 && lower.EndsWith('s') ? lower[..^1] : lower;
            return Array.Find(Units, unit => unit.Aliases.Contains(single));
        }
    }
}
