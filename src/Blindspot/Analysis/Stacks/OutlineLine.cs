namespace Blindspot.Analysis.Stacks;

/// <summary>What a line of a <see cref="StackOutline"/> stands for.</summary>
public enum OutlineKind
{
    /// <summary>One frame.</summary>
    Frame,

    /// <summary>A run of the runtime's own frames between the languages.</summary>
    Plumbing,

    /// <summary>The frames just before, again and again.</summary>
    Repetition,

    /// <summary>Frames left out of a very long stack.</summary>
    Omission,
}

/// <param name="Kind">What it stands for.</param>
/// <param name="Frame">Index of the frame in the report; the first of them where the line stands for several.</param>
/// <param name="Count">Frames that the line stands for.</param>
/// <param name="Period">For a repetition: lines of one round.</param>
/// <param name="Rounds">For a repetition: how often they come again.</param>
/// <param name="Callee">For plumbing: the language on its leaf side; null at the leaf.</param>
/// <param name="Caller">For plumbing: the language on its root side; null at the root.</param>
public readonly record struct OutlineLine(
    OutlineKind Kind,
    int Frame,
    int Count,
    int Period = 0,
    int Rounds = 0,
    string? Callee = null,
    string? Caller = null);
