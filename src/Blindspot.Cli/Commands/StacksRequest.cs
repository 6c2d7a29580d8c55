namespace Blindspot.Cli.Commands;

/// <summary>What to look at, and how.</summary>
/// <param name="Target">A PID, a process name or a core file.</param>
/// <param name="ExecutablePath">Where the executable is, if it can't be found.</param>
/// <param name="How">"watch", "proc" or "stop"; null for the least disturbing that works.</param>
/// <param name="Exact">Stop the threads that run, one at a time, so that their stacks are exact.</param>
internal sealed record StacksRequest(string Target, string? ExecutablePath, string? How, bool Exact);
