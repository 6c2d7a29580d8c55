using Microsoft.Win32.SafeHandles;

namespace Blindspot.Interop;

/// <summary>The first page of a file, mapped into our own address space but not touched, so that maps shows it.</summary>
internal sealed unsafe class MappedPage : IDisposable
{
    private const nuint Bytes = 4096;

    private MappedPage(ulong address) => Address = address;

    internal ulong Address { get; }

    internal static MappedPage? TryMap(SafeFileHandle file)
    {
        const int readable = 1;
        const int isPrivate = 2;
        nint address = (nint)Libc.Map(null, Bytes, readable, isPrivate, (int)file.DangerousGetHandle(), 0);
        return address == -1 ? null : new MappedPage((ulong)address);
    }

    public void Dispose() => _ = Libc.Unmap((void*)Address, Bytes);
}
