using System.Diagnostics.CodeAnalysis;

namespace Blindspot.Target;

/// <summary>What the texts of /proc/PID are called there, and in a saved snapshot.</summary>
internal static class ProcFileNames
{
    private static readonly string[] s_names = ["timers", "status", "stat", "smaps_rollup", "limits", "cgroup", "fdinfo"];

    public static string NameOf(this ProcFile file) => s_names[(int)file];

    public static bool TryParse([NotNullWhen(true)] string? name, out ProcFile file)
    {
        int index = Array.IndexOf(s_names, name);
        file = (ProcFile)index;
        return index >= 0;
    }
}
