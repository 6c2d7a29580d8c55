using System.Globalization;
using Blindspot.Analysis;
using Blindspot.Analysis.Doctor;
using Blindspot.Export.Json;
using Blindspot.Symbols;

namespace Blindspot.Cli.Terminal;

/// <summary>What is wrong with a process, the worst first, then which profiles can be trusted, then what was checked.</summary>
internal sealed class DoctorText
{
    private const int Indent = 2;
    private const int LabelWidth = 12;
    private const int MaxEvidence = 3;

    private readonly DoctorReport _report;
    private readonly bool _showsAll;
    private readonly StyledWriter _writer;
    private readonly TargetText _target;

    private DoctorText(DoctorReport report, bool showsAll, StyledWriter writer)
    {
        _report = report;
        _showsAll = showsAll;
        _writer = writer;
        _target = new TargetText(report.Target, writer);
    }

    public static void Write(DoctorReport report, bool showsAll, StyledWriter writer) => new DoctorText(report, showsAll, writer).Write();

    private void Write()
    {
        _target.WriteTitle();
        _writer.EndLine();
        WriteVerdict();
        _target.WriteOrigin();
        List<StyledText> capture = _target.CaptureParts();
        if (_report.Interval > TimeSpan.Zero)
        {
            capture.Add($"looked at twice, {Quantity.OfMilliseconds(_report.Interval.TotalMilliseconds)} apart");
        }

        _target.WriteField("capture", capture);
        foreach (Finding finding in _report.Findings)
        {
            Write(finding);
        }

        WriteProfiles();
        WriteChecked();
        GapsText.Write(_report.Gaps, _writer);
    }

    private void WriteVerdict()
    {
        Finding[] serious = [.. _report.Findings.Where(static finding => finding.Severity > Severity.Info)];
        int missing = _report.Checked.Count(static rule => rule.Missing is not null);
        var parts = new List<StyledText>();
        if (serious.Length == 0)
        {
            parts.Add(new StyledText($"nothing wrong was found by {Quantity.Of(_report.Checked.Count - missing, "rule")}", Style.Strong));
        }
        else
        {
            foreach (IGrouping<Severity, Finding> group in serious.GroupBy(static finding => finding.Severity))
            {
                parts.Add(new StyledText($"{Quantity.Of(group.Count())} {FindingWords.Of(group.Key)}", Style.Alarm));
            }
        }

        if (missing > 0)
        {
            parts.Add($"{Quantity.Of(missing, "rule")} could not be checked");
        }

        _target.WriteField("verdict", parts);
    }

    private void Write(Finding finding)
    {
        _writer.EndLine();
        Style style = finding.Severity >= Severity.Error ? Style.Alarm : finding.Severity == Severity.Warning ? Style.Strong : Style.Plain;
        _writer.Write(new StyledText(FindingWords.Of(finding.Severity).ToUpperInvariant(), style));
        _writer.Write("  ");
        _writer.WriteWords(Indent, TerminalText.Safe(finding.Title), style);
        _target.WriteWords("means", finding.Consequence, Style.Plain);
        if (finding.Culprit is { } culprit && Describe(culprit) is { Length: > 0 } who)
        {
            _target.WriteWords("by", who, Style.Native);
        }

        int shown = _showsAll ? finding.Evidence.Count : Math.Min(MaxEvidence, finding.Evidence.Count);
        for (int i = 0; i < shown; i++)
        {
            Evidence evidence = finding.Evidence[i];
            _target.WriteWords(i == 0 ? "seen" : "", $"{TerminalText.Safe(evidence.What)}: {TerminalText.Safe(evidence.Value)} [{TerminalText.Safe(evidence.Source)}]", Style.Plain);
        }

        if (shown < finding.Evidence.Count)
        {
            _target.WriteWords("", $"… {finding.Evidence.Count - shown} more: --all", Style.Faint);
        }

        if (finding.Advice is { } advice)
        {
            _target.WriteWords("do", TerminalText.Safe(advice), Style.Strong);
        }

        _target.WriteWords("rule", $"{finding.Rule}, {FindingWords.Of(finding.Certainty)}", Style.Faint);
    }

    private static string Describe(Culprit culprit)
    {
        var words = new List<string>();
        if (culprit.Code is { } code)
        {
            words.Add(Place(code));
        }

        if (culprit.Thread is { } thread)
        {
            words.Add(string.Create(CultureInfo.InvariantCulture, $"thread {thread}"));
        }

        if (culprit.Task is { } task)
        {
            words.Add(string.Create(CultureInfo.InvariantCulture, $"task {task}"));
        }

        return string.Join(", ", words);
    }

    private static string Place(SymbolFrame code)
    {
        // Of a function that is on no stack, as a task's creator, the source alone is known.
        if (code.Module is null && code.Function is not null && code.File is { } source)
        {
            return $"{TerminalText.Safe(code.ShortFunction ?? code.Function)} ({SourcePlace.Of(source, code.Line)})";
        }

        string place = code.File is { } file ? $", {SourcePlace.Of(file, code.Line)}" : "";
        return $"{TerminalText.Safe(code.ShortFunction ?? "a function without symbol")} ({TerminalText.Safe(code.Module ?? "code of no file")}{place})";
    }

    private void WriteProfiles()
    {
        if (_report.Profiles.Count == 0)
        {
            return;
        }

        _writer.EndLine();
        _writer.Write(new StyledText("Can I trust pprof here?", Style.Strong));
        _writer.EndLine();
        foreach (ProfileTrust profile in _report.Profiles)
        {
            Style style = profile.Trust is Trust.No or Trust.Dangerous ? Style.Alarm : Style.Plain;
            _writer.PadTo(Indent);
            _writer.Write(profile.Name);
            _writer.PadTo(Indent + LabelWidth + 2);
            _writer.Write(new StyledText(FindingWords.Of(profile.Trust), style));
            _writer.PadTo(Indent + LabelWidth + 13);
            _writer.WriteWords(Indent + LabelWidth + 13, TerminalText.Safe(profile.Reason), Style.Plain);
        }
    }

    private void WriteChecked()
    {
        _writer.EndLine();
        if (!_showsAll)
        {
            _target.WriteWords("checked", string.Join(' ', _report.Checked.Where(static rule => rule.Missing is null).Select(static rule => rule.Id)) + " (docs/rules; --all names them)", Style.Faint);
            foreach (IGrouping<string, CheckedRule> group in _report.Checked.Where(static rule => rule.Missing is not null).GroupBy(static rule => rule.Missing!))
            {
                _target.WriteWords("not checked", $"{string.Join(' ', group.Select(static rule => rule.Id))}: {group.Key}", Style.Plain);
            }

            return;
        }

        foreach (CheckedRule rule in _report.Checked)
        {
            string result = rule.Missing is { } missing ? "could not be checked: " + missing
                : rule.Findings == 0 ? "nothing found" : Quantity.Of(rule.Findings, "finding");
            _target.WriteWords(rule.Id, $"{rule.Title}: {result}", rule.Missing is null && rule.Findings == 0 ? Style.Faint : Style.Plain);
        }
    }
}
