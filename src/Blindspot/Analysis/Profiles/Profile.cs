using Blindspot.Primitives;

namespace Blindspot.Analysis.Profiles;

/// <summary>
/// Stacks with what each of them cost. The shape is pprof's (google/pprof, proto/profile.proto), so that profiles go in and out
/// without loss: a sample is a list of locations, a location an address with the functions inlined there. Immutable; views
/// and filters make new ones that share tables.
/// </summary>
public sealed record Profile
{
    /// <summary>What each sample's values count; a sample has as many.</summary>
    public required IReadOnlyList<ProfileValueType> ValueTypes { get; init; }

    /// <summary>Index of the value that is shown unless another is asked for.</summary>
    public int DefaultValue { get; init; }

    public required IReadOnlyList<ProfileMapping> Mappings { get; init; }

    public required IReadOnlyList<ProfileLocation> Locations { get; init; }

    public required IReadOnlyList<ProfileSample> Samples { get; init; }

    /// <summary>What is counted between two samples; null where there is no such.</summary>
    public ProfileValueType? PeriodType { get; init; }

    public long Period { get; init; }

    /// <summary>When it began; null where not known.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>How long it took; null where not known.</summary>
    public TimeSpan? Duration { get; init; }

    public IReadOnlyList<string> Comments { get; init; } = [];

    /// <summary>Regular expressions by which its maker would have frames dropped, and kept all the same; null for none.</summary>
    public string? DropFrames { get; init; }

    public string? KeepFrames { get; init; }

    /// <summary>Which value has this name.</summary>
    /// <param name="type">"alloc_space"; null for the one that is shown unless another is asked for.</param>
    /// <exception cref="BlindspotException">None has.</exception>
    public int IndexOfValue(string? type)
    {
        if (type is null)
        {
            return DefaultValue;
        }

        for (int i = 0; i < ValueTypes.Count; i++)
        {
            if (ValueTypes[i].Type == type)
            {
                return i;
            }
        }

        string known = string.Join(", ", ValueTypes.Select(static known => known.Type));
        throw new BlindspotException($"The profile has no values '{type}'; it has {known}.");
    }
}

/// <param name="Type">"samples", "cpu", "alloc_space".</param>
/// <param name="Unit">"count", "nanoseconds", "bytes".</param>
public sealed record ProfileValueType(string Type, string Unit);

/// <summary>A file that was mapped as code.</summary>
/// <param name="BuildId">In hexadecimal; "" where not known.</param>
public sealed record ProfileMapping(TargetAddress Start, TargetAddress Limit, ulong FileOffset, string File, string BuildId)
{
    public bool HasFunctions { get; init; }

    public bool HasFileNames { get; init; }

    public bool HasLineNumbers { get; init; }

    public bool HasInlineFrames { get; init; }
}

/// <summary>An address with the functions there.</summary>
/// <param name="Address">In the process; zero where not known.</param>
/// <param name="Mapping">Index into the profile's mappings; -1 for none.</param>
/// <param name="Lines">The innermost inlined function first; empty where nothing names the address.</param>
public sealed record ProfileLocation(TargetAddress Address, int Mapping, IReadOnlyList<ProfileLine> Lines)
{
    public bool IsFolded { get; init; }
}

/// <param name="Function">As people read it.</param>
/// <param name="SystemName">As the linker knows it (mangled); the same where that is not known.</param>
/// <param name="File">"" where not known.</param>
/// <param name="StartLine">Line where the function begins; 0 where not known.</param>
/// <param name="Line">0 where not known.</param>
/// <param name="Language">"go", "c", "c++", "rust", "kernel"; "" where not known (a profile that somebody else made).</param>
/// <param name="IsPlumbing">A runtime's own machinery between the languages, folded unless asked for.</param>
public sealed record ProfileLine(string Function, string SystemName, string File, long StartLine, long Line, string Language, bool IsPlumbing)
{
    /// <summary>0 where not known.</summary>
    public long Column { get; init; }
}

/// <param name="Locations">Indexes into the profile's locations, leaf first.</param>
/// <param name="Values">As many as the profile has value types.</param>
/// <param name="Labels">By key; of text or of numbers. A key may come several times.</param>
public sealed record ProfileSample(IReadOnlyList<int> Locations, IReadOnlyList<long> Values, IReadOnlyList<ProfileLabel> Labels);

/// <param name="Text">Null for a number.</param>
/// <param name="Unit">Of a number; "" for none.</param>
public readonly record struct ProfileLabel(string Key, string? Text, long Number, string Unit);
