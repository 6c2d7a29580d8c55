using Blindspot.Cli.Terminal;
using Blindspot.Interop;
using Blindspot.Primitives;

namespace Blindspot.Cli.Commands;

/// <summary>Every error becomes one sentence on standard error and an exit code; nobody is shown a stack trace who did not ask for it.</summary>
internal static class ErrorBoundary
{
    private const string DebugVariable = "BLINDSPOT_DEBUG";

    public static int Run(Func<int> command)
    {
        AppDomain.CurrentDomain.UnhandledException += static (_, failure) =>
        {
            Environment.Exit(Report(failure.ExceptionObject as Exception));
        };
        try
        {
            return command();
        }
        catch (Exception exception)
        {
            return Report(exception);
        }
    }

    private static int Report(Exception? exception)
    {
        switch (exception)
        {
            case OperationCanceledException when Interruption.ExitCode is { } code:
                return code;
            case BrokenPipeException:
                return ExitCode.Done;
            case BlindspotException or UsageException:
                Say(exception.Message);
                break;
            case IOException or UnauthorizedAccessException:
                Say(exception.Message);
                break;
            case OutOfMemoryException:
                Say("There is not enough memory for this process; try it on a machine with more, or on a core file there.");
                break;
            default:
                Say($"Unexpected error, a bug of blindspot ({exception?.GetType().Name}: {exception?.Message}). Please report it to the project's issue tracker, with what {DebugVariable}=1 shows.");
                break;
        }

        if (Environment.GetEnvironmentVariable(DebugVariable) == "1")
        {
            StandardError.Write(exception + "\n");
        }

        return ExitCode.Failed;
    }

    private static void Say(string sentence) => StandardError.Write(CommandLine.Name + ": " + TerminalText.Safe(sentence) + "\n");
}
