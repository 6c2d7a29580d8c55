namespace Blindspot.Cli.Commands;

/// <summary>What <c>pprof</c> is to do.</summary>
/// <param name="Sources">Files and addresses; "-" for standard input.</param>
/// <param name="Value">The type of value that is shown ("cpu"); null for what the profile itself prefers.</param>
/// <param name="TimeLimit">How long a server may be silent, beyond what the address itself asks for.</param>
/// <param name="Roots">Directories with the files of the machine that was profiled.</param>
/// <param name="DebugFiles">Where debug information is looked for.</param>
internal sealed record PprofRequest(
    IReadOnlyList<string> Sources, string? Value, TimeSpan TimeLimit, IReadOnlyList<string> Roots, DebugFileRequest DebugFiles);
