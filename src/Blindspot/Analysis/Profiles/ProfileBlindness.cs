namespace Blindspot.Analysis.Profiles;

/// <summary>How much of what a profile counts it could not tell the place of. In the unit of the value that was looked at.</summary>
public sealed record ProfileBlindness
{
    private const double LostShare = 0.05;
    private const double HiddenShare = 0.9;
    private const double NamelessShare = 0.01;

    public required long Total { get; init; }

    /// <summary>Ends in runtime.cgocall: Go called into C, and what ran there is hidden.</summary>
    public required long InCgocall { get; init; }

    /// <summary>Below runtime._ExternalCode: code that Go does not know, its callers lost.</summary>
    public required long External { get; init; }

    /// <summary>In runtime._LostExternalCode: the buffer was full, not even the address is left.</summary>
    public required long LostExternal { get; init; }

    /// <summary>Ends at an address without a name.</summary>
    public required long Nameless { get; init; }

    /// <summary>The files with the most of it first.</summary>
    public required IReadOnlyList<NamelessModule> NamelessModules { get; init; }

    /// <summary>Processor cores that the samples account for; null where the profile does not count processor time.</summary>
    public required double? Cores { get; init; }

    /// <summary>What follows from it, worst first.</summary>
    public required IReadOnlyList<ProfileFinding> Findings { get; init; }

    /// <param name="profile">A profile.</param>
    /// <param name="value">Index of the value that counts.</param>
    public static ProfileBlindness Of(Profile profile, int value)
    {
        long total = 0;
        long inCgocall = 0;
        long external = 0;
        long lost = 0;
        long nameless = 0;
        var modules = new Dictionary<(string Name, string BuildId), long>();
        foreach (ProfileSample sample in profile.Samples)
        {
            long cost = sample.Values[value];
            total += cost;
            if (sample.Locations.Count == 0)
            {
                continue;
            }

            ProfileLocation leaf = profile.Locations[sample.Locations[0]];
            ProfileLocation root = profile.Locations[sample.Locations[^1]];
            string leafName = leaf.Lines.Count > 0 ? leaf.Lines[0].Function : "";
            inCgocall += leafName == "runtime.cgocall" ? cost : 0;
            external += Has(root, "runtime._ExternalCode") ? cost : 0;
            lost += Has(root, "runtime._LostExternalCode") ? cost : 0;
            if (leafName.Length == 0)
            {
                nameless += cost;
                (string, string) key = (ProfileCosts.NameOf(profile, leaf, 0), leaf.Mapping >= 0 ? profile.Mappings[leaf.Mapping].BuildId : "");
                if (leaf.Mapping < 0)
                {
                    key = ("code of no file", "");
                }

                modules[key] = modules.GetValueOrDefault(key) + cost;
            }
        }

        bool isProcessorTime = profile.ValueTypes[value] is { Type: "cpu", Unit: "nanoseconds" };
        var blindness = new ProfileBlindness
        {
            Total = total,
            InCgocall = inCgocall,
            External = external,
            LostExternal = lost,
            Nameless = nameless,
            NamelessModules =
            [
                .. modules.OrderByDescending(static module => module.Value)
                    .Select(static module => new NamelessModule(module.Key.Name, module.Key.BuildId, module.Value)),
            ],
            Cores = isProcessorTime && profile.Duration is { Ticks: > 0 } duration ? total / duration.TotalNanoseconds : null,
            Findings = [],
        };
        return blindness with { Findings = [.. blindness.Judge(isProcessorTime, profile)] };
    }

    public double ShareOf(long part) => Total > 0 ? (double)part / Total : 0;

    private static bool Has(ProfileLocation location, string function) => location.Lines.Any(line => line.Function == function);

    private IEnumerable<ProfileFinding> Judge(bool isProcessorTime, Profile profile)
    {
        if (isProcessorTime && Total == 0)
        {
            yield return new ProfileFinding(
                "R1",
                Severity.Warning,
                "It has no samples: the process used no processor time, or its SIGPROF does not reach Go.",
                "'blindspot doctor PID' tells which of the two it is.");
        }

        if (ShareOf(InCgocall) >= HiddenShare)
        {
            yield return new ProfileFinding(
                "R12",
                Severity.Warning,
                $"{ShareOf(InCgocall):P1} ends in runtime.cgocall: the time is spent in C, and the profile does not tell where.",
                "No symbol file brings it back: Go recorded no C frames. They take a profiler that follows the C stack.");
        }

        if (ShareOf(LostExternal) > LostShare)
        {
            yield return new ProfileFinding(
                "R11",
                Severity.Warning,
                $"{ShareOf(LostExternal):P1} is lost (runtime._LostExternalCode): C threads ran while Go was idle, and Go's buffer for their samples was full.",
                "Not even the addresses are in the profile: it takes a profiler that does not need Go to run.");
        }

        if (ShareOf(Nameless) > NamelessShare && NamelessModules.Count > 0)
        {
            NamelessModule most = NamelessModules[0];
            yield return new ProfileFinding(
                "R13",
                Severity.Info,
                $"{ShareOf(Nameless):P1} ends at addresses without a name, most of it in {most.Name}{(most.BuildId.Length > 0 ? $" (build ID {most.BuildId})" : "")}.",
                "A package of debug symbols for it, --debug-dir, or a server in DEBUGINFOD_URLS names them.");
        }

        if (isProcessorTime && Total > 0 && profile.Period > 0 && Cores is < 0.01 && profile.Duration is { TotalSeconds: >= 10 })
        {
            yield return new ProfileFinding(
                "R1",
                Severity.Info,
                $"It accounts for {Cores:P1} of one core only.",
                "If the process used more, its SIGPROF is blocked on busy threads: 'blindspot doctor PID' tells.");
        }
    }
}

/// <param name="Name">"[libx.so]".</param>
/// <param name="BuildId">"" where not known.</param>
/// <param name="Cost">What ends there.</param>
public sealed record NamelessModule(string Name, string BuildId, long Cost);

/// <param name="Rule">Its number in docs/rules.</param>
/// <param name="Means">One sentence.</param>
/// <param name="Advice">What to do: one sentence.</param>
public sealed record ProfileFinding(string Rule, Severity Severity, string Means, string Advice);
