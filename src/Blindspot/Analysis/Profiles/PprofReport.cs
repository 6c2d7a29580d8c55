using Blindspot.Primitives;

namespace Blindspot.Analysis.Profiles;

/// <summary>A profile that somebody had, with the names that could be found, and what it does not show.</summary>
/// <param name="Sources">The files and addresses that it was read from.</param>
/// <param name="Profile">With names.</param>
/// <param name="Value">Index of the value that is shown.</param>
/// <param name="Blindness">For that value.</param>
/// <param name="NamedLocations">Locations that had no name in the files, and have one now.</param>
/// <param name="NamelessLocations">Those that have none still.</param>
public sealed record PprofReport(
    IReadOnlyList<string> Sources,
    Profile Profile,
    int Value,
    ProfileBlindness Blindness,
    int NamedLocations,
    int NamelessLocations,
    IReadOnlyList<Gap> Gaps);
