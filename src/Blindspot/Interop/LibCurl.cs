using System.Runtime.InteropServices;

namespace Blindspot.Interop;

/// <summary>
/// The functions of libcurl (curl/curl.h), loaded when the first download is wanted: .NET's own client would add four
/// megabytes to the executable and a fifth to its start. It is the library that elfutils downloads with.
/// </summary>
internal sealed unsafe class LibCurl
{
    private const int GlobalAll = 3;

    /// <summary>The same interface, over OpenSSL or over GnuTLS.</summary>
    private static readonly string[] _names = ["libcurl.so.4", "libcurl-gnutls.so.4"];

    private static readonly Lazy<LibCurl?> _loaded = new(Load);

    private readonly delegate* unmanaged<nint, int, nint, int> _setOption;
    private readonly delegate* unmanaged<nint, int, nint*, int> _getInfo;

    private LibCurl(nint library)
    {
        Create = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "curl_easy_init");
        Perform = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "curl_easy_perform");
        Clean = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "curl_easy_cleanup");
        Append = (delegate* unmanaged<nint, byte*, nint>)NativeLibrary.GetExport(library, "curl_slist_append");
        FreeList = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "curl_slist_free_all");
        Describe = (delegate* unmanaged<int, nint>)NativeLibrary.GetExport(library, "curl_easy_strerror");
        _setOption = (delegate* unmanaged<nint, int, nint, int>)NativeLibrary.GetExport(library, "curl_easy_setopt");
        _getInfo = (delegate* unmanaged<nint, int, nint*, int>)NativeLibrary.GetExport(library, "curl_easy_getinfo");
    }

    /// <summary>Null where the machine has no libcurl.</summary>
    public static LibCurl? Loaded => _loaded.Value;

    public delegate* unmanaged<nint> Create { get; }

    public delegate* unmanaged<nint, int> Perform { get; }

    public delegate* unmanaged<nint, void> Clean { get; }

    public delegate* unmanaged<nint, byte*, nint> Append { get; }

    public delegate* unmanaged<nint, void> FreeList { get; }

    /// <summary>Words for an error; they live as long as the library.</summary>
    public delegate* unmanaged<int, nint> Describe { get; }

    /// <summary>
    /// curl_easy_setopt takes its value as a variable argument: on Linux those of integers and pointers are passed like
    /// any other, on x86-64 and arm64 alike.
    /// </summary>
    public bool Set(nint handle, int option, nint value) => _setOption(handle, option, value) == 0;

    /// <summary>A number about the last transfer.</summary>
    public long Get(nint handle, int info)
    {
        nint value = 0;
        return _getInfo(handle, info, &value) == 0 ? value : 0;
    }

    private static LibCurl? Load()
    {
        foreach (string name in _names)
        {
            if (NativeLibrary.TryLoad(name, out nint library))
            {
                try
                {
                    var initialize = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "curl_global_init");
                    var loaded = new LibCurl(library);
                    return initialize(GlobalAll) == 0 ? loaded : null;
                }
                catch (EntryPointNotFoundException)
                {
                    // Another library of that name.
                }
            }
        }

        return null;
    }
}
