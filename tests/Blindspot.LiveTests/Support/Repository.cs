using System.Runtime.CompilerServices;

namespace Blindspot.LiveTests.Support;

/// <summary>Where the checkout under test lies.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The published executable, which live tests run as a user would.</summary>
    public static string Executable => Path.Combine(Root, "artifacts", "blindspot");

    public static string InRoot(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot([CallerFilePath] string path = "")
    {
        string? folder = Path.GetDirectoryName(path);
        while (folder is not null && !File.Exists(Path.Combine(folder, "Blindspot.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("Blindspot.slnx is not above the tests' sources");
    }
}
