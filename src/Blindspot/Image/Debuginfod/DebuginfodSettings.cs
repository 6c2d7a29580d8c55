using System.Globalization;

namespace Blindspot.Image.Debuginfod;

/// <summary>What the environment says of debuginfod (debuginfod-client-config(7)), with smaller time-outs than there.</summary>
public sealed record DebuginfodSettings
{
    private static readonly TimeSpan _longest = TimeSpan.FromDays(1);

    /// <summary>Servers in the order in which they are asked; http and https alone.</summary>
    public required IReadOnlyList<Uri> Servers { get; init; }

    /// <summary>The directory of the cache, shared with other clients; null without one (and without a home).</summary>
    public string? CachePath { get; init; }

    /// <summary>A server that sends nothing for so long is not asked again (DEBUGINFOD_TIMEOUT).</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>All waiting of one run together (DEBUGINFOD_MAXTIME).</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Larger files are not downloaded (DEBUGINFOD_MAXSIZE).</summary>
    public long MaxBytes { get; init; } = 2L << 30;

    /// <summary>Null when DEBUGINFOD_URLS names no server.</summary>
    /// <param name="variable">An environment variable's value; null when it is not set.</param>
    public static DebuginfodSettings? FromEnvironment(Func<string, string?> variable)
    {
        var servers = new List<Uri>();
        foreach (string word in (variable("DEBUGINFOD_URLS") ?? "").Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            // Other words are there too: "ima:enforcing" rules what follows it.
            if (Uri.TryCreate(word.TrimEnd('/') + "/", UriKind.Absolute, out Uri? server) && (server.Scheme == Uri.UriSchemeHttp || server.Scheme == Uri.UriSchemeHttps))
            {
                servers.Add(server);
            }
        }

        if (servers.Count == 0)
        {
            return null;
        }

        var defaults = new DebuginfodSettings { Servers = servers };
        return defaults with
        {
            CachePath = CachePathOf(variable),
            Timeout = Seconds(variable("DEBUGINFOD_TIMEOUT")) ?? defaults.Timeout,
            MaxTime = Seconds(variable("DEBUGINFOD_MAXTIME")) ?? defaults.MaxTime,
            MaxBytes = Number(variable("DEBUGINFOD_MAXSIZE")) ?? defaults.MaxBytes,
        };
    }

    private static string? CachePathOf(Func<string, string?> variable)
    {
        if (variable("DEBUGINFOD_CACHE_PATH") is { Length: > 0 } named)
        {
            return named;
        }

        string? parent = variable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
            : variable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".cache")
            : null;
        return parent is null ? null : Path.Combine(parent, "debuginfod_client");
    }

    /// <summary>Zero and what is no number leave the default, so that nothing waits without end.</summary>
    private static TimeSpan? Seconds(string? text) =>
        Number(text) is { } seconds ? TimeSpan.FromSeconds(Math.Min(seconds, (long)_longest.TotalSeconds)) : null;

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number > 0 ? number : null;
}
