using System.Globalization;
using Blindspot.Target;

namespace Blindspot.Analysis.Doctor.Rules;

internal sealed class SharedAndFileMemory : MemoryRule
{
    private const long LeastShared = 64 * Mebibyte;
    private const long MuchShared = 256 * Mebibyte;
    private const long LeastOfFiles = 256 * Mebibyte;

    public override string Id => "R25";

    public override string Title => "Shared memory (memfd, tmpfs) and mapped files";

    public override string? WhatIsMissing(DoctorEvidence evidence) =>
        evidence.First.Figures is { AnonymousBytes: not null, SharedBytes: not null, FileBytes: not null } ? null : NoFigures;

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        ProcessFigures figures = evidence.First.Figures;
        if (figures is not { AnonymousBytes: { } anonymous, SharedBytes: { } shared, FileBytes: { } files })
        {
            yield break;
        }

        double share = shared / (double)Math.Max(1, anonymous + shared + files);
        if (shared >= LeastShared)
        {
            yield return new Finding
            {
                Rule = Id,
                Severity = shared >= MuchShared && share > 0.5 ? Severity.Warning : Severity.Info,
                Certainty = Certainty.Proved,
                Title = string.Create(CultureInfo.InvariantCulture, $"{Size(shared)} of resident memory are shared memory ({share:P0})"),
                Consequence = "No heap profile shows it, of a runtime or of malloc, and without swap the kernel can't take it back. It stays for as long as a descriptor or a mapping of it is left, in whatever process.",
                Evidence =
                [
                    Seen("resident shared memory (RssShmem)", shared, Status),
                    .. Change(evidence, "RssShmem", shared, evidence.Second?.Figures.SharedBytes),
                    .. Largest(evidence.Mappings.Where(static mapping => IsSharedMemory(mapping.Path))),
                ],
                Advice = "Count it once for all processes that map it. Look for memfd_create, shm_open and files in tmpfs that are mapped and neither unmapped nor closed.",
                Weight = WeightOf(shared),
            };
        }

        if (files >= LeastOfFiles)
        {
            yield return new Finding
            {
                Rule = Id,
                Severity = Severity.Info,
                Certainty = Certainty.Proved,
                Title = $"{Size(files)} of resident memory are mapped files",
                Consequence = "They count as resident. The kernel drops what was not changed, and writes back what was, when it needs the room: this is no leak.",
                Evidence =
                [
                    Seen("resident memory of files (RssFile)", files, Status),
                    .. Change(evidence, "RssFile", files, evidence.Second?.Figures.FileBytes),
                    .. Largest(evidence.Mappings.Where(static mapping => mapping.IsFile && !IsSharedMemory(mapping.Path))),
                ],
                Advice = "Leave it out when you look for what grows.",
                Weight = WeightOf(files),
            };
        }
    }

    // As the kernel names what lies on its own tmpfs: memfd_create, shm_open, shmget, MAP_SHARED without a file.
    private static bool IsSharedMemory(string path) =>
        path.StartsWith("/memfd:", StringComparison.Ordinal) || path.StartsWith("/dev/shm/", StringComparison.Ordinal)
        || path.StartsWith("/SYSV", StringComparison.Ordinal) || path == "/dev/zero";

    private static IEnumerable<Evidence> Largest(IEnumerable<MemoryMapping> mappings) => mappings
        .GroupBy(static mapping => mapping.Path)
        .Select(static group => (Path: group.Key, Bytes: group.Sum(static mapping => (long)mapping.Size)))
        .OrderByDescending(static file => file.Bytes)
        .Take(3)
        .Select(static file => Seen($"mapped, resident or not, of {file.Path}", file.Bytes, "/proc/PID/maps"));
}
