using System.Text;
using Blindspot.Interop;
using Blindspot.Primitives;

namespace Blindspot.Cli.Terminal;

/// <summary>
/// Where a report goes: standard output, or a file that appears whole under its name when it is committed, and not at
/// all before.
/// </summary>
internal sealed class ReportOutput : IDisposable
{
    private const int BufferSize = 64 * 1024;
    private const int StandardOutput = 1;

    private readonly string? _path;
    private readonly string? _temporary;
    private readonly bool _noColour;
    private readonly Stream _stream;
    private bool _isCommitted;

    /// <param name="path">The file; null for standard output.</param>
    /// <param name="noColour">Never any colour.</param>
    public ReportOutput(string? path, bool noColour)
    {
        _noColour = noColour || path is not null;
        if (path is null)
        {
            _stream = new BufferedStream(new DescriptorStream(StandardOutput), BufferSize);
            return;
        }

        try
        {
            if (OpenInPlace(path) is { } device)
            {
                _stream = new BufferedStream(device, BufferSize);
                return;
            }

            if (Directory.Exists(path))
            {
                throw new IOException("it is a directory.");
            }

            _path = Path.GetFullPath(new FileInfo(path).LinkTarget is null
                ? path
                : File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
            string directory = Path.GetDirectoryName(_path) ?? "/";
            if (!Directory.Exists(directory))
            {
                throw new IOException($"there is no directory '{directory}'.");
            }

            _temporary = Path.Combine(directory, $".{Path.GetFileName(_path)}.{Path.GetRandomFileName()}.tmp");

            // CreateNew (O_EXCL): in a directory that others may write to, a link of theirs is not followed.
            _stream = new FileStream(_temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, BufferSize);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BlindspotException($"'{path}' cannot be written: {exception.Message}", exception);
        }

        // Environment.Exit runs no finally block.
        AppDomain.CurrentDomain.ProcessExit += RemoveTemporary;
    }

    public void WriteText(Action<StyledWriter> write)
    {
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        using var text = new StreamWriter(_stream, encoding, BufferSize, leaveOpen: true);
        bool isTerminal = _path is null && _temporary is null && !Console.IsOutputRedirected;
        write(new StyledWriter(text, TerminalSettings.IsColoured(isTerminal, _noColour), TerminalSettings.Width(isTerminal)));
    }

    public void WriteBytes(Action<Stream> write) => write(_stream);

    public void Commit()
    {
        if (_stream is FileStream file)
        {
            // So that after a crash of the machine the name does not stand for an empty file.
            file.Flush(flushToDisk: true);
        }
        else
        {
            _stream.Flush();
        }

        if (_path is { } path && _temporary is { } temporary)
        {
            _stream.Dispose();
            if (File.Exists(path))
            {
                File.SetUnixFileMode(temporary, File.GetUnixFileMode(path));
            }

            File.Move(temporary, path, overwrite: true);
        }

        _isCommitted = true;
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= RemoveTemporary;
        if (_path is null && !_isCommitted)
        {
            // What is buffered of an unfinished report is better not written; and disposing would write it.
            return;
        }

        _stream.Dispose();
        RemoveTemporary(null, EventArgs.Empty);
    }

    /// <summary>
    /// Opens a file that is there already if it must not be replaced: a device, a pipe, a descriptor of ours
    /// (<c>/dev/stdout</c>). Null for a regular file, which so is known to be writable.
    /// </summary>
    private static FileStream? OpenInPlace(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        string full = Path.GetFullPath(path);
        var existing = new FileStream(full, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        bool isSpecial = !existing.CanSeek
            || full.StartsWith("/dev/", StringComparison.Ordinal)
            || full.StartsWith("/proc/", StringComparison.Ordinal);
        if (isSpecial)
        {
            return existing;
        }

        existing.Dispose();
        return null;
    }

    private void RemoveTemporary(object? sender, EventArgs e)
    {
        if (_temporary is not null && !_isCommitted)
        {
            try
            {
                File.Delete(_temporary);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The directory went away or was made read-only: there is nothing left to tidy with.
            }
        }
    }
}
