namespace Blindspot.Model;

/// <summary>The answer of one way to go up a stack.</summary>
public enum StackStep
{
    /// <summary>This way knows nothing of that frame: ask the next.</summary>
    NotMine,

    /// <summary>The cursor stands in the caller now.</summary>
    Stepped,

    /// <summary>The stack ends here; the cursor says why.</summary>
    End,
}
