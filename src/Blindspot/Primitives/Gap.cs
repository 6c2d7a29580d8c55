namespace Blindspot.Primitives;

/// <summary>Something that was not read, was cut short or had to be guessed; part of every report.</summary>
/// <param name="Stage">The stage that met it: "target", "image", "runtime", "unwind", "symbols", "analysis".</param>
/// <param name="Kind">A stable word for programs, such as "debug-info-missing".</param>
/// <param name="Address">Where, if it has a place.</param>
/// <param name="Message">One sentence for people: what is missing and what follows from it.</param>
public sealed record Gap(string Stage, string Kind, TargetAddress? Address, string Message);
