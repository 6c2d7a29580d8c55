using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Blindspot.Interop;

/// <summary>
/// Writes to a descriptor that is open already (1, 2) with write(2) and nothing else. The console class switches the
/// terminal's keypad to another mode first; a file stream writes past the offset that we share with other programs of
/// a shell script.
/// </summary>
public sealed class DescriptorStream(int descriptor) : Stream
{
    private const int BrokenPipe = 32;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="BrokenPipeException">Nobody reads any more.</exception>
    /// <exception cref="IOException">It was not taken, for another reason.</exception>
    public override unsafe void Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            int written = 0;
            while (written < buffer.Length)
            {
                nint count = Write(descriptor, bytes + written, (nuint)(buffer.Length - written));
                if (count >= 0)
                {
                    written += (int)count;
                    continue;
                }

                int error = Marshal.GetLastPInvokeError();
                switch (error)
                {
                    case (int)Errno.Interrupted:
                        break;
                    case (int)Errno.Again:
                        // A terminal that another program has made non-blocking.
                        Thread.Sleep(1);
                        break;
                    case BrokenPipe:
                        throw new BrokenPipeException();
                    default:
                        throw new IOException($"Writing to {(descriptor == 1 ? "standard output" : "standard error")} failed: {new Win32Exception(error).Message}.");
                }
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    [DllImport("libc", EntryPoint = "write", SetLastError = true)]
    private static extern unsafe nint Write(int descriptor, byte* bytes, nuint count);
}
