using Blindspot.Primitives;

namespace Blindspot.Target;

/// <summary>
/// Memory read through a few windows that remember, since a walk up a stack asks for many small neighbouring pieces
/// and each would be a system call. Forgotten between walks. For one thread at a time.
/// </summary>
public sealed class WindowedMemory(TargetMemory inner) : TargetMemory
{
    private const int WindowBytes = 2048;
    private const int WindowCount = 8;

    private readonly Window[] _windows = CreateWindows();
    private int _next;

    /// <summary>Forgets what was read, so that the next walk sees the target anew.</summary>
    public void Forget()
    {
        foreach (Window window in _windows)
        {
            window.Length = 0;
        }
    }

    /// <summary>Puts bytes that were read in a batch into a window.</summary>
    public void Preload(TargetAddress address, ReadOnlySpan<byte> bytes)
    {
        Window window = Take();
        int length = Math.Min(bytes.Length, WindowBytes);
        bytes[..length].CopyTo(window.Bytes);
        window.Start = address;
        window.Length = length;
    }

    public override int Read(TargetAddress address, Span<byte> destination)
    {
        if (destination.Length > WindowBytes / 2)
        {
            return inner.Read(address, destination);
        }

        foreach (Window window in _windows)
        {
            ulong offset = address - window.Start;
            if (offset < (ulong)window.Length && destination.Length <= window.Length - (int)offset)
            {
                window.Bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);
                return destination.Length;
            }
        }

        Window fresh = Take();
        fresh.Start = address;
        fresh.Length = inner.Read(address, fresh.Bytes);
        int count = Math.Min(fresh.Length, destination.Length);
        fresh.Bytes.AsSpan(0, count).CopyTo(destination);
        return count;
    }

    public override void ReadMany(Span<ReadRequest> requests, Span<byte> buffer) => inner.ReadMany(requests, buffer);

    private static Window[] CreateWindows()
    {
        var windows = new Window[WindowCount];
        for (int i = 0; i < windows.Length; i++)
        {
            windows[i] = new Window();
        }

        return windows;
    }

    private Window Take()
    {
        Window window = _windows[_next];
        _next = (_next + 1) % WindowCount;
        return window;
    }

    private sealed class Window
    {
        public byte[] Bytes { get; } = new byte[WindowBytes];

        public TargetAddress Start { get; set; }

        public int Length { get; set; }
    }
}
