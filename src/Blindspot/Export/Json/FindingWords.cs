using Blindspot.Analysis;
using Blindspot.Analysis.Doctor;

namespace Blindspot.Export.Json;

/// <summary>Words that several schemas share. They are part of them: a name in the code may change, they may not.</summary>
public static class FindingWords
{
    public static string Of(Severity severity) => severity switch
    {
        Severity.Critical => "critical",
        Severity.Error => "error",
        Severity.Warning => "warning",
        _ => "info",
    };

    public static string Of(Certainty certainty) => certainty switch
    {
        Certainty.Proved => "proved",
        Certainty.Likely => "likely",
        _ => "possible",
    };

    public static string Of(Trust trust) => trust switch
    {
        Trust.Yes => "yes",
        Trust.Partly => "partly",
        Trust.No => "no",
        _ => "dangerous",
    };
}
