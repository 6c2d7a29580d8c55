using System.Text;

namespace Blindspot.Cli.Terminal;

/// <summary>
/// Standard error, past <see cref="Console.Error"/>: that switches the terminal's keypad to another mode before it
/// writes the first letter.
/// </summary>
internal static class StandardError
{
    public static void Write(string text)
    {
        try
        {
            using Stream stream = Console.OpenStandardError();
            stream.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is closed: nobody is there to be told.
        }
    }
}
