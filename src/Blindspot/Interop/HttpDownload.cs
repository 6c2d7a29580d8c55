using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Blindspot.Interop;

/// <summary>One download by libcurl.</summary>
public sealed unsafe class HttpDownload
{
    private const int Url = 10002;
    private const int WriteData = 10001;
    private const int WriteFunction = 20011;
    private const int ProgressData = 10057;
    private const int ProgressFunction = 20219;
    private const int ErrorBuffer = 10010;
    private const int UserAgent = 10018;
    private const int HttpHeader = 10023;
    private const int MaxFileSize = 30117;
    private const int LowSpeedLimit = 19;
    private const int LowSpeedTime = 20;
    private const int NoProgress = 43;
    private const int FailOnError = 45;
    private const int FollowLocation = 52;
    private const int MaxRedirections = 68;
    private const int NoSignal = 99;
    private const int TimeoutMilliseconds = 155;
    private const int ConnectTimeoutMilliseconds = 156;
    private const int Protocols = 181;
    private const int RedirectProtocols = 182;

    private const int Http = 1;
    private const int Https = 2;

    private const int ResponseCode = 0x200002;

    private const int ErrorHttpStatus = 22;
    private const int ErrorWrite = 23;
    private const int ErrorAborted = 42;
    private const int ErrorTooManyRedirections = 47;
    private const int ErrorFileSize = 63;
    private const int ErrorBufferSize = 256;
    private const int Redirections = 5;

    private readonly HttpRequest _request;
    private readonly Stream _into;
    private readonly Func<long, long?, bool> _goOn;
    private ExceptionDispatchInfo? _failure;
    private long _sum;
    private bool _isTooLarge;

    private HttpDownload(HttpRequest request, Stream into, Func<long, long?, bool> goOn)
    {
        _request = request;
        _into = into;
        _goOn = goOn;
    }

    /// <param name="request">What to get.</param>
    /// <param name="into">Gets the bytes, also those of an answer that then breaks off. What it throws is thrown on.</param>
    /// <param name="goOn">Told once a second or oftener how many bytes have come, and of how many if that is known; false ends it.</param>
    public static HttpAnswer Run(HttpRequest request, Stream into, Func<long, long?, bool> goOn)
    {
        if (LibCurl.Loaded is not { } curl)
        {
            return new HttpAnswer(HttpOutcome.NotPossible, 0, "it takes libcurl (libcurl.so.4), which is not on this machine");
        }

        var download = new HttpDownload(request, into, goOn);
        HttpAnswer answer = download.Run(curl);
        download._failure?.Throw();
        return answer;
    }

    private HttpAnswer Run(LibCurl curl)
    {
        nint handle = curl.Create();
        if (handle == 0)
        {
            return new HttpAnswer(HttpOutcome.NotPossible, 0, "libcurl does not start");
        }

        nint headers = 0;
        var self = GCHandle.Alloc(this);
        byte* problem = stackalloc byte[ErrorBufferSize];
        *problem = 0;
        try
        {
            fixed (byte* agent = "blindspot\0"u8, address = Encoding.UTF8.GetBytes(_request.Address.AbsoluteUri + "\0"))
            {
                foreach (string line in _request.Headers)
                {
                    fixed (byte* text = Encoding.UTF8.GetBytes(line + "\0"))
                    {
                        nint longer = curl.Append(headers, text);
                        headers = longer != 0 ? longer : headers;
                    }
                }

                if (!SetAll(curl, handle, address, agent, headers, problem, GCHandle.ToIntPtr(self)))
                {
                    return new HttpAnswer(HttpOutcome.NotPossible, 0, "this libcurl lacks something that is needed");
                }

                int error = curl.Perform(handle);
                return AnswerOf(error, (int)curl.Get(handle, ResponseCode), () => Words(curl, error, problem));
            }
        }
        finally
        {
            curl.Clean(handle);
            curl.FreeList(headers);
            self.Free();
        }
    }

    private bool SetAll(LibCurl curl, nint handle, byte* address, byte* agent, nint headers, byte* problem, nint self)
    {
        bool isSecure = _request.Address.Scheme == Uri.UriSchemeHttps;
        return curl.Set(handle, Url, (nint)address)
            && curl.Set(handle, UserAgent, (nint)agent)
            && curl.Set(handle, HttpHeader, headers)
            && curl.Set(handle, ErrorBuffer, (nint)problem)
            && curl.Set(handle, WriteFunction, (nint)(delegate* unmanaged[Cdecl]<byte*, nuint, nuint, nint, nuint>)&Write)
            && curl.Set(handle, WriteData, self)
            && curl.Set(handle, ProgressFunction, (nint)(delegate* unmanaged[Cdecl]<nint, long, long, long, long, int>)&Progress)
            && curl.Set(handle, ProgressData, self)
            && curl.Set(handle, NoProgress, 0)
            && curl.Set(handle, NoSignal, 1)
            && curl.Set(handle, FailOnError, 1)
            && curl.Set(handle, FollowLocation, 1)
            && curl.Set(handle, MaxRedirections, Redirections)
            && curl.Set(handle, Protocols, Http | Https)
            && curl.Set(handle, RedirectProtocols, isSecure ? Https : Http | Https)
            && curl.Set(handle, LowSpeedLimit, 1)
            && curl.Set(handle, LowSpeedTime, Math.Max(1, (nint)_request.IdleTimeout.TotalSeconds))
            && curl.Set(handle, ConnectTimeoutMilliseconds, Math.Max(1, (nint)_request.IdleTimeout.TotalMilliseconds))
            && curl.Set(handle, TimeoutMilliseconds, Math.Max(1, (nint)_request.TotalTimeout.TotalMilliseconds))
            && curl.Set(handle, MaxFileSize, (nint)_request.MaxBytes);
    }

    private HttpAnswer AnswerOf(int error, int status, Func<string> words) => error switch
    {
        0 when status == 200 => new HttpAnswer(HttpOutcome.Done, status, ""),
        0 or ErrorHttpStatus or ErrorTooManyRedirections => new HttpAnswer(HttpOutcome.Refused, status, $"it answered {status}"),
        ErrorFileSize => new HttpAnswer(HttpOutcome.TooLarge, status, ""),
        ErrorWrite when _isTooLarge => new HttpAnswer(HttpOutcome.TooLarge, status, ""),
        ErrorAborted or ErrorWrite => new HttpAnswer(HttpOutcome.Stopped, status, ""),
        _ => new HttpAnswer(HttpOutcome.Failed, status, words()),
    };

    private static string Words(LibCurl curl, int error, byte* problem)
    {
        ReadOnlySpan<byte> text = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(problem);
        return text.IsEmpty ? Marshal.PtrToStringUTF8(curl.Describe(error)) ?? $"error {error} of libcurl" : Encoding.UTF8.GetString(text);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nuint Write(byte* bytes, nuint size, nuint count, nint self)
    {
        var download = (HttpDownload)GCHandle.FromIntPtr(self).Target!;
        long length = (long)(size * count);
        if (length > download._request.MaxBytes - download._sum)
        {
            download._isTooLarge = true;
            return 0;
        }

        try
        {
            // No exception may pass through C.
            download._into.Write(new ReadOnlySpan<byte>(bytes, (int)length));
            download._sum += length;
            return (nuint)length;
        }
        catch (Exception exception)
        {
            download._failure = ExceptionDispatchInfo.Capture(exception);
            return length == 0 ? 1u : 0u;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Progress(nint self, long total, long now, long toSend, long sent)
    {
        var download = (HttpDownload)GCHandle.FromIntPtr(self).Target!;
        try
        {
            return download._goOn(now, total > 0 ? total : null) ? 0 : 1;
        }
        catch (Exception exception)
        {
            download._failure = ExceptionDispatchInfo.Capture(exception);
            return 1;
        }
    }
}
