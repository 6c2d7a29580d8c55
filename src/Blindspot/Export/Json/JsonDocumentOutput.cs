using System.Text.Encodings.Web;
using System.Text.Json;

namespace Blindspot.Export.Json;

/// <summary>How all of Blindspot's JSON goes out.</summary>
internal static class JsonDocumentOutput
{
    // Readable names ("std::vector<int>") matter more than safety inside an HTML page, which this never is part of.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <exception cref="IOException">The stream did not take it.</exception>
    /// <exception cref="OperationCanceledException">It was called off; the stream holds a part of the document.</exception>
    public static void Write(Stream output, Action<Utf8JsonWriter, JsonFields> write, CancellationToken cancel)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        write(writer, new JsonFields(writer, cancel));
        writer.Flush();
        output.WriteByte((byte)'\n');
    }
}
