using Blindspot.Analysis.Signals;
using Blindspot.Analysis.Stacks;

namespace Blindspot.Analysis.Doctor;

/// <summary>Which of the runtime's own profiles tell the truth here, by what was found.</summary>
internal static class ProfileTrusts
{
    private const string Go = "go";

    public static IReadOnlyList<ProfileTrust> Of(DoctorEvidence evidence, IReadOnlyList<Finding> findings)
    {
        if (evidence.Stacks.Target.RuntimeKind != Go)
        {
            return [];
        }

        Finding? hang = findings.FirstOrDefault(static finding => finding.Rule == "R18" && finding.Severity >= Severity.Error);
        return
        [
            Heap(evidence, findings, hang),
            Cpu(evidence, findings),
            StopsTheWorld("goroutine", hang, evidence.Stacks.Threads.Count(static thread => thread.Kind is ThreadKind.Foreign) is var foreign and > 0
                ? new ProfileTrust("goroutine", Trust.Partly, $"{(foreign == 1 ? "1 thread made by C is" : $"{foreign} threads made by C are")} not in it, and of calls into C only the Go side")
                : evidence.HasForeignCode ? new ProfileTrust("goroutine", Trust.Partly, "of calls into C it shows only the Go side")
                : new ProfileTrust("goroutine", Trust.Yes, "every goroutine is in it")),
            WithoutC("block", evidence, "it knows only Go's own waiting; waiting in C is not in it"),
            WithoutC("mutex", evidence, "it knows only Go's own locks; C's are not in it"),
            new ProfileTrust("threadcreate", Trust.Partly, "most threads have no creator in it"),
            StopsTheWorld("trace", hang, WithoutC("trace", evidence, "calls into C are in it as system calls, without what happens there")),
        ];
    }

    private static ProfileTrust Heap(DoctorEvidence evidence, IReadOnlyList<Finding> findings, Finding? hang)
    {
        if (hang is not null)
        {
            return new ProfileTrust("heap", Trust.Dangerous, $"with ?gc=1 it may hang for ever: {hang.Title}");
        }

        Finding? native = findings.FirstOrDefault(static finding => finding.Rule == "R21");
        return evidence.RuntimeMemory is { HeapProfileRate: 0 } ? new ProfileTrust("heap", Trust.No, "runtime.MemProfileRate is 0: nothing is sampled (no code of the program asks for heap profiles, or it was switched off)")
            : native is not null ? new ProfileTrust("heap", Trust.Partly, $"it holds Go's allocations only: {native.Title}")
            : evidence.HasForeignCode ? new ProfileTrust("heap", Trust.Partly, "it holds Go's allocations only: memory of C is not in it")
            : new ProfileTrust("heap", Trust.Yes, "all of the program's allocations are Go's");
    }

    private static ProfileTrust Cpu(DoctorEvidence evidence, IReadOnlyList<Finding> findings)
    {
        ReportSignal signal = evidence.Signals.Signals[26];
        Finding? hidden = findings.FirstOrDefault(static finding => finding.Rule is "R6" or "R7" or "R10");
        return signal.Verdict switch
        {
            SignalVerdict.Default or SignalVerdict.ChainedWithoutOnStack or SignalVerdict.AltStackDisabled or SignalVerdict.AltStackTooSmall when signal.Expected is not null =>
                new ProfileTrust("cpu", Trust.Dangerous, "asking for it may end the process: " + Short(signal)),
            SignalVerdict.Replaced or SignalVerdict.Ignored => new ProfileTrust("cpu", Trust.No, "it will be empty, with no error: " + Short(signal)),
            SignalVerdict.Unknown when signal.Expected is not null => new ProfileTrust("cpu", Trust.Partly, "whether SIGPROF still reaches Go could not be seen"),
            _ when hidden is not null => new ProfileTrust("cpu", Trust.Partly, hidden.Title),
            _ when evidence.HasForeignCode => new ProfileTrust("cpu", Trust.Partly, "time in C is in it as runtime.cgocall, without C's functions"),
            _ => new ProfileTrust("cpu", Trust.Yes, "SIGPROF reaches Go on every thread"),
        };
    }

    private static string Short(ReportSignal signal) => signal.Verdict switch
    {
        SignalVerdict.Default => "SIGPROF has its default action",
        SignalVerdict.Ignored => "SIGPROF is ignored",
        SignalVerdict.Replaced => $"SIGPROF was taken by {signal.Culprit?.ShortFunction ?? "unknown code"} ({signal.Culprit?.Module ?? "no file"})",
        SignalVerdict.ChainedWithoutOnStack => "Go's handler is reached without SA_ONSTACK",
        _ => "threads have no usable alternate stack",
    };

    private static ProfileTrust StopsTheWorld(string name, Finding? hang, ProfileTrust otherwise) =>
        hang is null ? otherwise : new ProfileTrust(name, Trust.Dangerous, $"it stops the world and may hang for ever, and a time-out does not help: {hang.Title}");

    private static ProfileTrust WithoutC(string name, DoctorEvidence evidence, string reason) =>
        evidence.HasForeignCode ? new ProfileTrust(name, Trust.Partly, reason) : new ProfileTrust(name, Trust.Yes, "the program has no C in it");
}
