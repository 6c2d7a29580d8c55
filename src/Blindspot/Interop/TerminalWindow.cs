using System.Runtime.InteropServices;

namespace Blindspot.Interop;

/// <summary>
/// The size of the terminal. <see cref="Console.WindowWidth"/> would tell it too, but switches the terminal's keypad to
/// another mode on the way.
/// </summary>
public static class TerminalWindow
{
    /// <summary>TIOCGWINSZ of asm-generic/ioctls.h.</summary>
    private const nuint GetWindowSize = 0x5413;

    /// <summary>Columns of the terminal behind a file descriptor; null if it is none, or does not know.</summary>
    public static unsafe int? Columns(int descriptor)
    {
        WindowSize size = default;
        return Ioctl(descriptor, GetWindowSize, &size) == 0 && size.Columns > 0 ? size.Columns : null;
    }

    [DllImport("libc", EntryPoint = "ioctl")]
    private static extern unsafe int Ioctl(int descriptor, nuint request, WindowSize* size);

    /// <summary>struct winsize of ioctl_tty(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort PixelsWide;
        public ushort PixelsHigh;
    }
}
