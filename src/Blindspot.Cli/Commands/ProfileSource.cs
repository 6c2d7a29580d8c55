using System.Globalization;
using System.Text;
using Blindspot.Analysis.Profiles;
using Blindspot.Export.Pprof;
using Blindspot.Interop;
using Blindspot.Primitives;

namespace Blindspot.Cli.Commands;

/// <summary>Reads a profile from wherever the command line says.</summary>
internal static class ProfileSource
{
    private const string StandardInput = "-";
    private const string StandardInputPath = "/dev/stdin";

    public static bool IsAddress(string source) =>
        source.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || source.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="BlindspotException">It cannot be had, or is no profile.</exception>
    public static Profile Read(string source, TimeSpan timeLimit, IProgress<string> progress, CancellationToken cancel)
    {
        progress.Report("reading " + source);
        return Parse(source, IsAddress(source) ? Download(source, timeLimit, progress, cancel) : ReadFile(source, cancel));
    }

    private static Profile Parse(string source, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            throw new BlindspotException($"'{source}' is empty.");
        }

        if (!bytes.Span[..Math.Min(8, bytes.Length)].ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            // "goroutine profile: total 3", "heap profile: …", "<!DOCTYPE html>".
            string line = Encoding.Latin1.GetString(bytes.Span[..Math.Min(60, bytes.Length)]).Split('\n')[0];
            throw new BlindspotException($"'{source}' is a text (\"{line}\"), not a profile in pprof's binary format: an address gives that without 'debug='.");
        }

        try
        {
            return PprofReader.Read(bytes, source, Limits.Default);
        }
        catch (MalformedDataException malformed)
        {
            throw new BlindspotException($"'{source}' is no profile in pprof's format, or a damaged one ({malformed.Message}).", malformed);
        }
    }

    private static ReadOnlyMemory<byte> ReadFile(string path, CancellationToken cancel)
    {
        try
        {
            using var file = new FileStream(path == StandardInput ? StandardInputPath : path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream(file.CanSeek ? (int)Math.Min(file.Length, Limits.Default.MaxProfileBytes) : 0);
            byte[] block = new byte[1 << 20];
            for (int read = file.Read(block); read > 0; read = file.Read(block))
            {
                cancel.ThrowIfCancellationRequested();
                bytes.Write(block, 0, read);
                if (bytes.Length > Limits.Default.MaxProfileBytes)
                {
                    throw new BlindspotException($"'{path}' is no profile that can be read: it has more than {Limits.Default.MaxProfileBytes} bytes.");
                }
            }

            return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BlindspotException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    private static ReadOnlyMemory<byte> Download(string address, TimeSpan timeLimit, IProgress<string> progress, CancellationToken cancel)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri))
        {
            throw new BlindspotException($"'{address}' is no address of a profile.");
        }

        // A server that profiles for half a minute sends nothing for so long.
        TimeSpan silence = timeLimit + SecondsOf(uri);
        using var bytes = new MemoryStream();
        HttpAnswer answer = HttpDownload.Run(
            new HttpRequest(uri, [], silence, silence + silence, Limits.Default.MaxProfileBytes),
            bytes,
            (_, _) => !cancel.IsCancellationRequested);
        cancel.ThrowIfCancellationRequested();
        return answer.Outcome switch
        {
            HttpOutcome.Done => bytes.GetBuffer().AsMemory(0, (int)bytes.Length),
            HttpOutcome.TooLarge => throw new BlindspotException($"'{address}' gives more than {Limits.Default.MaxProfileBytes} bytes."),
            _ => throw new BlindspotException($"'{address}' gives no profile: {answer.Problem}."),
        };
    }

    /// <summary>How long the address asks to be profiled (net/http/pprof: seconds=30).</summary>
    private static TimeSpan SecondsOf(Uri address)
    {
        const string Key = "seconds=";
        foreach (string part in address.Query.TrimStart('?').Split('&'))
        {
            if (part.StartsWith(Key, StringComparison.Ordinal)
                && int.TryParse(part.AsSpan(Key.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds))
            {
                return TimeSpan.FromSeconds(Math.Min(seconds, 24 * 3600));
            }
        }

        // Without it a CPU profile takes 30 seconds.
        return address.AbsolutePath.EndsWith("/profile", StringComparison.Ordinal) ? TimeSpan.FromSeconds(30) : TimeSpan.Zero;
    }
}
