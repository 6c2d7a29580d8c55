using Blindspot.Primitives;
using Blindspot.Target;
using Microsoft.Win32.SafeHandles;

namespace Blindspot.LiveTests.Runtime.Go;

/// <summary>The memory of a process by /proc/PID/mem: the plainest way there is, for tests of what stands above it.</summary>
internal sealed class ProcMemory(int pid) : TargetMemory, IDisposable
{
    private readonly SafeFileHandle _handle = File.OpenHandle($"/proc/{pid}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

    public override int Read(TargetAddress address, Span<byte> destination)
    {
        if (address.Value > long.MaxValue)
        {
            return 0;
        }

        int total = 0;
        while (total < destination.Length)
        {
            // A read of the kernel's stops at the first page that can't be read.
            int read;
            try
            {
                read = RandomAccess.Read(_handle, destination[total..], (long)address.Value + total);
            }
            catch (IOException)
            {
                break;
            }

            if (read <= 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    public void Dispose() => _handle.Dispose();
}
