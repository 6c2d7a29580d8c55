using System.Runtime.InteropServices;

namespace Blindspot.Cli.Commands;

/// <summary>
/// Ctrl-C and SIGTERM: the work is called off and cleans up; if it has not ended after a moment, or at the second
/// signal, the process ends anyway.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static int s_exitCode;

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private Timer? _deadline;

    public Interruption()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    }

    /// <summary>What to exit with after a signal came; null if none did.</summary>
    public static int? ExitCode => s_exitCode == 0 ? null : s_exitCode;

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _deadline?.Dispose();
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        int code = context.Signal == PosixSignal.SIGINT ? Commands.ExitCode.Interrupted : Commands.ExitCode.Terminated;
        if (Interlocked.CompareExchange(ref s_exitCode, code, 0) != 0)
        {
            Environment.Exit(code);
        }

        _deadline = new Timer(static state => Environment.Exit((int)state!), code, Patience, Timeout.InfiniteTimeSpan);
        _source.Cancel();
    }
}
