using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Blindspot.Analysis.Profiles;
using Blindspot.Export.Json;

namespace Blindspot.Export.Html;

/// <summary>
/// Writes a flame graph as one HTML page that needs nothing else. Names of the target are in it as JSON alone, all of whose
/// signs that mean something to HTML are escaped, and the page shows them as text.
/// </summary>
public static class FlameGraphPage
{
    private const int FlushAt = 64 * 1024;
    private const string Style = "{{style}}";
    private const string Data = "{{data}}";
    private const string Script = "{{script}}";

    // Unlike that of other documents, this JSON is part of an HTML page: the default encoder escapes < > & and quotes.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.Default, SkipValidation = true };

    /// <param name="tree">Of one profile, or of two that are compared.</param>
    /// <param name="title">What was profiled.</param>
    /// <param name="notes">Short sentences beside the total: how long, how complete.</param>
    /// <param name="output">Takes UTF-8.</param>
    /// <exception cref="IOException">The stream did not take it.</exception>
    /// <exception cref="OperationCanceledException">It was called off; the stream holds a part of the page.</exception>
    public static void Write(ProfileTree tree, string title, IReadOnlyList<string> notes, Stream output, CancellationToken cancel = default)
    {
        string page = Resource("flamegraph.html");
        int style = page.IndexOf(Style, StringComparison.Ordinal);
        int data = page.IndexOf(Data, StringComparison.Ordinal);
        int script = page.IndexOf(Script, StringComparison.Ordinal);
        WriteText(output, page.AsSpan(0, style));
        WriteText(output, Resource("flamegraph.css"));
        WriteText(output, page.AsSpan(style + Style.Length, data - style - Style.Length));
        using (var writer = new Utf8JsonWriter(output, Options))
        {
            WriteData(tree, title, notes, writer, new JsonFields(writer, cancel), cancel);
            writer.Flush();
        }

        WriteText(output, page.AsSpan(data + Data.Length, script - data - Data.Length));
        WriteText(output, Resource("flamegraph.js"));
        WriteText(output, page.AsSpan(script + Script.Length));
    }

    private static void WriteData(
        ProfileTree tree, string title, IReadOnlyList<string> notes, Utf8JsonWriter writer, JsonFields json, CancellationToken cancel)
    {
        var strings = new List<string>();
        var indexes = new Dictionary<string, int>(StringComparer.Ordinal);
        writer.WriteStartObject();
        json.Text("title"u8, title);
        json.Texts("notes"u8, notes);
        json.Text("type"u8, tree.Value.Type);
        json.Text("unit"u8, tree.Value.Unit);
        writer.WriteStartObject("frames"u8);
        Column("name"u8, tree.Frames, frame => IndexOf(frame.Name));
        Column("module"u8, tree.Frames, frame => IndexOf(frame.Module));
        Column("file"u8, tree.Frames, frame => IndexOf(frame.File));
        Column("line"u8, tree.Frames, static frame => frame.StartLine);
        Column("language"u8, tree.Frames, frame => IndexOf(frame.Language));
        writer.WriteEndObject();
        writer.WriteStartObject("nodes"u8);
        Column("frame"u8, tree.Nodes, static node => node.Frame);
        Column("depth"u8, tree.Nodes, static node => node.Depth);
        Column("line"u8, tree.Nodes, static node => node.Line);
        Column("self"u8, tree.Nodes, static node => node.Self);
        if (tree.IsComparison)
        {
            Column("old"u8, tree.Nodes, static node => node.OldSelf);
        }

        writer.WriteEndObject();
        json.Texts("strings"u8, strings);
        writer.WriteEndObject();

        void Column<T>(ReadOnlySpan<byte> name, IReadOnlyList<T> items, Func<T, double> number)
        {
            writer.WriteStartArray(name);
            for (int i = 0; i < items.Count; i++)
            {
                writer.WriteNumberValue(Math.Round(number(items[i]), 3));
                if (writer.BytesPending >= FlushAt)
                {
                    cancel.ThrowIfCancellationRequested();
                    writer.Flush();
                }
            }

            writer.WriteEndArray();
        }

        int IndexOf(string text)
        {
            if (!indexes.TryGetValue(text, out int index))
            {
                index = strings.Count;
                strings.Add(text);
                indexes.Add(text, index);
            }

            return index;
        }
    }

    private static void WriteText(Stream output, ReadOnlySpan<char> text)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        output.Write(bytes, 0, Encoding.UTF8.GetBytes(text, bytes));
    }

    private static string Resource(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(typeof(FlameGraphPage), name)
            ?? throw new InvalidOperationException($"{name} is not in the assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
