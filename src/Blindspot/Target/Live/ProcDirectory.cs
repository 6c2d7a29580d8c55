using System.Globalization;
using System.Text;
using Blindspot.Interop;
using Blindspot.Primitives;
using Microsoft.Win32.SafeHandles;

namespace Blindspot.Target.Live;

/// <summary>
/// Texts of /proc/PID, by a reference to that directory: it stays that of this process, and what is opened through it
/// fails once that has ended, whoever has the number then.
/// </summary>
internal sealed class ProcDirectory : IDisposable
{
    private readonly TargetProcess _process;
    private readonly GapLog _gaps;
    private readonly Limits _limits;
    private readonly SafeFileHandle? _directory;
    private readonly Errno _error;

    /// <remarks>Who makes one checks afterwards that the process is still there: until then the number is all there is.</remarks>
    internal ProcDirectory(TargetProcess process, GapLog gaps, Limits limits)
    {
        _process = process;
        _gaps = gaps;
        _limits = limits;
        _directory = RawFile.TryRefer($"/proc/{process.MemoryThread}", out _error);
    }

    /// <summary>Null, with a gap, where it cannot be had.</summary>
    internal byte[]? Read(ProcFile file)
    {
        Errno error = _error;
        byte[]? text = _directory is null
            ? null
            : file == ProcFile.SignalDescriptors ? ReadDescriptors(out error) : ReadWhole(file.NameOf(), out error);
        if (text is null)
        {
            _gaps.Add("target", "proc-file-unavailable", Explain(file, error));
        }

        return text;
    }

    public void Dispose() => _directory?.Dispose();

    private byte[]? ReadWhole(string name, out Errno error)
    {
        byte[]? text = RawFile.ReadWhole(PathOf(name), _limits.MaxProcFileBytes, out error);
        if (text?.Length >= _limits.MaxProcFileBytes)
        {
            _gaps.Add("target", "proc-file-cut", $"/proc/{_process.Pid}/{name} was cut at {text.Length} bytes: what it says behind that is missing.");
        }

        return text;
    }

    /// <summary>
    /// Asks what each descriptor is by its link, which touches nothing of the target's, and opens the fdinfo of those alone
    /// that take signals. The directory that is listed has plain files; that of the links must not be listed with .NET,
    /// which follows them.
    /// </summary>
    private byte[]? ReadDescriptors(out Errno error)
    {
        if (ListDescriptors(out error) is not { } descriptors)
        {
            return null;
        }

        using MemoryStream text = new();
        foreach (int descriptor in descriptors)
        {
            if (RawFile.ReadLink(PathOf(string.Create(CultureInfo.InvariantCulture, $"fd/{descriptor}")), out Errno failure) is not { } link)
            {
                if (failure is Errno.AccessDenied or Errno.NotPermitted)
                {
                    error = failure;
                    return null;
                }

                continue;
            }

            byte[] kind = Encoding.UTF8.GetBytes(link);
            byte[]? fields = DescriptorTexts.KindOf(kind) == DescriptorKind.Other
                ? null
                : RawFile.ReadWhole(PathOf(string.Create(CultureInfo.InvariantCulture, $"fdinfo/{descriptor}")), 4096, out _);
            if (fields is null)
            {
                continue;
            }

            if (text.Length + fields.Length + 256 > _limits.MaxProcFileBytes)
            {
                _gaps.Add("target", "descriptors-cut", $"Process {_process.Pid} has so many descriptors for signals and processes that those from {descriptor} on are missing.");
                break;
            }

            text.Write(DescriptorTexts.Heading);
            text.Write(Encoding.ASCII.GetBytes(descriptor.ToString(CultureInfo.InvariantCulture)));
            text.WriteByte((byte)'\t');
            text.Write(kind);
            text.WriteByte((byte)'\n');
            text.Write(fields);
        }

        return text.ToArray();
    }

    private List<int>? ListDescriptors(out Errno error)
    {
        error = Errno.None;
        List<int> descriptors = [];
        try
        {
            foreach (string path in Directory.EnumerateFiles(PathOf("fdinfo")))
            {
                if (descriptors.Count >= _limits.MaxDescriptors)
                {
                    _gaps.Add("target", "descriptors-cut", $"Process {_process.Pid} has more than {descriptors.Count} descriptors; the others were not looked at.");
                    break;
                }

                if (int.TryParse(path.AsSpan(path.LastIndexOf('/') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor))
                {
                    descriptors.Add(descriptor);
                }
            }
        }
        catch (UnauthorizedAccessException)
        {
            error = Errno.AccessDenied;
            return null;
        }
        catch (IOException)
        {
            error = Errno.NoEntry;
            return null;
        }

        descriptors.Sort();
        return descriptors;
    }

    private string PathOf(string name) => string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{_directory!.DangerousGetHandle()}/{name}");

    private string Explain(ProcFile file, Errno error)
    {
        string path = $"/proc/{_process.Pid}/{file.NameOf()}";
        return error switch
        {
            Errno.AccessDenied or Errno.NotPermitted => $"{path} may not be read ({error.Describe()}): it takes the right to trace the process. Run as root or with CAP_SYS_PTRACE (sudo).",
            Errno.NoProcess => $"{path} cannot be read: the process has ended.",
            Errno.NoEntry when file == ProcFile.Timers => $"{path} cannot be read: this kernel does not have it (CONFIG_CHECKPOINT_RESTORE), or the process has ended.",
            _ => $"{path} cannot be read: {error.Describe()}.",
        };
    }
}
