using System.Text.Json;
using Blindspot.Analysis.Profiles;
using Blindspot.Export.Json;

namespace Blindspot.Export.Speedscope;

/// <summary>Writes a profile as speedscope takes it (jlfwong/speedscope, src/lib/file-format-spec.ts), with each of its values.</summary>
public static class SpeedscopeWriter
{
    private const string Schema = "https://www.speedscope.app/file-format-schema.json";
    private const int FlushAt = 64 * 1024;

    /// <exception cref="IOException">The stream did not take it.</exception>
    /// <exception cref="OperationCanceledException">It was called off; the stream holds a part of the document.</exception>
    public static void Write(Profile profile, string name, Stream output, CancellationToken cancel = default) =>
        JsonDocumentOutput.Write(output, (writer, json) => Write(profile, name, writer, json, cancel), cancel);

    private static void Write(Profile profile, string name, Utf8JsonWriter writer, JsonFields json, CancellationToken cancel)
    {
        List<ProfileTreeFrame> frames = [];
        int[][] stacks = StacksOf(profile, frames);
        writer.WriteStartObject();
        json.Text("$schema"u8, Schema);
        json.Text("name"u8, name);
        json.Text("exporter"u8, "blindspot");
        writer.WriteNumber("activeProfileIndex"u8, profile.DefaultValue);
        writer.WriteStartObject("shared"u8);
        json.Each("frames"u8, frames, frame =>
        {
            json.Text("name"u8, frame.Name);
            if (frame.File.Length > 0)
            {
                json.Text("file"u8, frame.File);
                if (frame.StartLine > 0)
                {
                    writer.WriteNumber("line"u8, frame.StartLine);
                }
            }
            else if (frame.Module.Length > 0)
            {
                json.Text("file"u8, frame.Module);
            }
        });
        writer.WriteEndObject();
        writer.WriteStartArray("profiles"u8);
        for (int i = 0; i < profile.ValueTypes.Count; i++)
        {
            WriteValues(profile, i, stacks, writer, json, cancel);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteValues(Profile profile, int value, int[][] stacks, Utf8JsonWriter writer, JsonFields json, CancellationToken cancel)
    {
        // Weights of less than nothing have no place there.
        long[] weights = [.. profile.Samples.Select(sample => Math.Max(0, sample.Values[value]))];
        ProfileValueType type = profile.ValueTypes[value];
        writer.WriteStartObject();
        json.Text("type"u8, "sampled");
        json.Text("name"u8, type.Type);
        json.Text("unit"u8, type.Unit is "nanoseconds" or "microseconds" or "milliseconds" or "seconds" or "bytes" ? type.Unit : "none");
        writer.WriteNumber("startValue"u8, 0);
        writer.WriteNumber("endValue"u8, weights.Sum(static weight => (decimal)weight));
        writer.WriteStartArray("samples"u8);
        foreach (int[] stack in stacks)
        {
            writer.WriteStartArray();
            foreach (int frame in stack)
            {
                writer.WriteNumberValue(frame);
            }

            writer.WriteEndArray();
            Flush();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("weights"u8);
        foreach (long weight in weights)
        {
            writer.WriteNumberValue(weight);
            Flush();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();

        void Flush()
        {
            if (writer.BytesPending >= FlushAt)
            {
                cancel.ThrowIfCancellationRequested();
                writer.Flush();
            }
        }
    }

    /// <summary>Of each sample the indexes of its frames, root first.</summary>
    private static int[][] StacksOf(Profile profile, List<ProfileTreeFrame> frames)
    {
        var table = new ProfileFrameTable(profile);
        var indexes = new Dictionary<ProfileTreeFrame, int>();
        var known = new Dictionary<ProfileFrame, int>(ReferenceEqualityComparer.Instance);
        var stack = new List<ProfileFrame>();
        int[][] stacks = new int[profile.Samples.Count][];
        for (int i = 0; i < stacks.Length; i++)
        {
            table.Expand(profile.Samples[i], stack);
            stacks[i] = new int[stack.Count];
            for (int k = 0; k < stack.Count; k++)
            {
                stacks[i][stack.Count - 1 - k] = IndexOf(stack[k]);
            }
        }

        return stacks;

        int IndexOf(ProfileFrame frame)
        {
            if (!known.TryGetValue(frame, out int index))
            {
                // Speedscope takes frames that differ in a line for different functions.
                var distinct = new ProfileTreeFrame(frame.Name, frame.ModuleName, frame.File, frame.Line?.StartLine ?? 0, "");
                if (!indexes.TryGetValue(distinct, out index))
                {
                    index = frames.Count;
                    frames.Add(distinct);
                    indexes.Add(distinct, index);
                }

                known.Add(frame, index);
            }

            return index;
        }
    }
}
