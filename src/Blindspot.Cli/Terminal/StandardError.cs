using System.Text;
using Blindspot.Interop;

namespace Blindspot.Cli.Terminal;

/// <summary>
/// Standard error, past the console class: that switches the terminal's keypad to another mode before it writes the
/// first letter.
/// </summary>
internal static class StandardError
{
    private const int Descriptor = 2;

    /// <summary>Writes sentences, a line each and made safe, behind the program's name.</summary>
    public static void WriteSentences(IReadOnlyList<string> sentences)
    {
        for (int i = 0; i < sentences.Count; i++)
        {
            Write((i == 0 ? "blindspot: " : "           ") + TerminalText.Safe(sentences[i]) + "\n");
        }
    }

    public static void Write(string text)
    {
        try
        {
            using var stream = new DescriptorStream(Descriptor);
            stream.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (IOException)
        {
            // It is closed: nobody is there to be told.
        }
    }
}
