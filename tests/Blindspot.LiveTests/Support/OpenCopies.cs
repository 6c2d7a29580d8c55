using Blindspot.LiveTests.Target;

namespace Blindspot.LiveTests.Support;

/// <summary>Copies of programs in a folder that every user may reach, which a checkout in somebody's home is not.</summary>
internal static class OpenCopies
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, string> Made = [];

    public static string Blindspot => Of(Repository.Executable);

    public static string Of(string path)
    {
        lock (Gate)
        {
            if (!Made.TryGetValue(path, out string? copy))
            {
                copy = Fresh(path);
                Made.Add(path, copy);
            }

            return copy;
        }
    }

    /// <summary>A copy of its own, that may be deleted or replaced.</summary>
    public static string Fresh(string path)
    {
        string folder = Directory.CreateTempSubdirectory("blindspot-test-").FullName;
        string copy = Path.Combine(folder, Path.GetFileName(path));
        File.Copy(path, copy);
        Shell.Run("chmod", $"755 {folder} {copy}");
        return copy;
    }
}
