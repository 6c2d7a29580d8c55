namespace Blindspot.Cli.Commands;

/// <summary>What the command line answers to the shell.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>A finding at or above <c>--fail-on</c>.</summary>
    public const int Finding = 1;

    /// <summary>Could not do it; a sentence on standard error says why.</summary>
    public const int Failed = 2;

    /// <summary>As shells count a death by SIGINT (128 + 2).</summary>
    public const int Interrupted = 130;

    /// <summary>As shells count a death by SIGTERM (128 + 15).</summary>
    public const int Terminated = 143;
}
