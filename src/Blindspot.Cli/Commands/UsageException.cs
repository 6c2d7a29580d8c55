namespace Blindspot.Cli.Commands;

/// <summary>The command line was not understood.</summary>
/// <param name="problem">What is wrong with it: a sentence.</param>
/// <param name="command">The command whose help tells how it goes.</param>
internal sealed class UsageException(string problem, string command)
    : Exception($"{problem.TrimEnd()} See '{command} --help'.");
