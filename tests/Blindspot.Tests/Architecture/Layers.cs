namespace Blindspot.Tests.Architecture;

/// <summary>The order of the folders, as docs/architecture.md draws it: each may name itself and what stands before it.</summary>
internal static class Layers
{
    private const string Root = "Blindspot";

    /// <summary>Names that share a place do not name each other.</summary>
    private static readonly string[][] s_order =
    [
        ["Primitives"], ["Arch"], ["Interop"], ["Target"], ["Collect"], ["Image"], ["Model"], ["Runtime", "Libc"], ["Unwind"],
        ["Symbols"], ["Analysis"], ["Export"], ["Cli"],
    ];

    /// <summary>Why code in one namespace may not name another, or null if it may.</summary>
    /// <param name="from">Namespace of the code.</param>
    /// <param name="file">Its file's name: one class in Runtime/ may name the runtimes.</param>
    /// <param name="to">Namespace of what it names.</param>
    public static string? Objection(string from, string file, string to)
    {
        string[] user = Parts(from);
        string[] used = Parts(to);
        if (user.Length == 0 || used.Length == 0)
        {
            return null;
        }

        int userPlace = Place(user[0]);
        int usedPlace = Place(used[0]);
        if (userPlace < 0 || usedPlace < 0)
        {
            return $"{(userPlace < 0 ? user[0] : used[0])} has no place in the order of the folders";
        }

        if (usedPlace > userPlace)
        {
            return $"{used[0]} stands above {user[0]}";
        }

        if (usedPlace == userPlace && used[0] != user[0])
        {
            return $"{used[0]} and {user[0]} stand side by side";
        }

        if (used is ["Runtime", _, ..] && !(user is ["Runtime", _, ..] && user[1] == used[1]) && !(user is ["Runtime"] && file == "RuntimeDetector.cs"))
        {
            return $"{used[1]} is one of the runtimes: only RuntimeDetector knows which there are";
        }

        bool areSiblings = user is ["Analysis", _, ..] && used is ["Analysis", _, ..] && user[1] != used[1] && user[1] != "Doctor" && used[1] != "Profiles";
        return areSiblings ? $"the analyses {user[1]} and {used[1]} do not use each other" : null;
    }

    private static int Place(string folder) => Array.FindIndex(s_order, place => place.Contains(folder));

    /// <summary>The parts below the root; none for a namespace of somebody else.</summary>
    private static string[] Parts(string name) =>
        name.StartsWith(Root + ".", StringComparison.Ordinal) ? name[(Root.Length + 1)..].Split('.') : [];
}
