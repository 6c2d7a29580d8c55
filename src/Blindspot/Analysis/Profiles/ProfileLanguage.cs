namespace Blindspot.Analysis.Profiles;

/// <summary>Guesses what language a function of somebody else's profile is written in, where its source file tells.</summary>
public static class ProfileLanguage
{
    /// <summary>"go", "c", "c++", "rust"; "" where nothing tells.</summary>
    public static string Of(string function, string file) => Path.GetExtension(file.AsSpan()) switch
    {
        ".go" => "go",
        // Go's assembly names its functions by package.
        ".s" when function.Contains('.') => "go",
        ".c" or ".h" => "c",
        ".cc" or ".cpp" or ".cxx" or ".hpp" or ".hh" => "c++",
        ".rs" => "rust",
        // What Go's profiler puts in place of what it cannot see.
        _ => function.StartsWith("runtime._", StringComparison.Ordinal) ? "go" : "",
    };
}
