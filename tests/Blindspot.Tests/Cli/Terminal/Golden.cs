namespace Blindspot.Tests.Cli.Terminal;

/// <summary>
/// Compares text with a file in Golden/ that somebody has looked at. BLINDSPOT_UPDATE_GOLDEN=1 writes the files anew,
/// to be looked at in the diff.
/// </summary>
internal static class Golden
{
    public static void Matches(string name, string actual)
    {
        string path = RepositoryFiles.PathOf("tests/Blindspot.Tests/Cli/Terminal/Golden/" + name);
        if (Environment.GetEnvironmentVariable("BLINDSPOT_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.Equal(File.ReadAllText(path), actual);
    }
}
