using System.Globalization;
using System.Text;
using Blindspot.Analysis.Profiles;

namespace Blindspot.Export.FlameGraph;

/// <summary>
/// Writes stacks as Brendan Gregg's flamegraph.pl and its kin take them: a line for each stack, frames from the root on with
/// semicolons between, then a space and what it cost.
/// </summary>
public static class FoldedWriter
{
    /// <param name="value">Index of the value; the profile's default unless given.</param>
    /// <exception cref="IOException">The stream did not take it.</exception>
    /// <exception cref="OperationCanceledException">It was called off; the stream holds a part.</exception>
    public static void Write(Profile profile, Stream output, int? value = null, CancellationToken cancel = default)
    {
        int index = value ?? profile.DefaultValue;
        var frames = new ProfileFrameTable(profile);
        var names = new Dictionary<ProfileFrame, string>(ReferenceEqualityComparer.Instance);
        var costs = new Dictionary<string, long>(StringComparer.Ordinal);
        var stack = new List<ProfileFrame>();
        var line = new StringBuilder();
        foreach (ProfileSample sample in profile.Samples)
        {
            cancel.ThrowIfCancellationRequested();
            frames.Expand(sample, stack);
            line.Clear();
            for (int i = stack.Count - 1; i >= 0; i--)
            {
                if (!names.TryGetValue(stack[i], out string? name))
                {
                    name = Safe(stack[i].Name);
                    names.Add(stack[i], name);
                }

                line.Append(name).Append(i > 0 ? ";" : "");
            }

            string folded = stack.Count == 0 ? ProfileTree.NoFrames : line.ToString();
            costs[folded] = costs.GetValueOrDefault(folded) + sample.Values[index];
        }

        using var text = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        foreach ((string folded, long cost) in costs.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            cancel.ThrowIfCancellationRequested();
            text.Write(folded);
            text.Write(' ');
            text.Write(cost.ToString(CultureInfo.InvariantCulture));
            text.Write('\n');
        }
    }

    /// <summary>What would end a frame or a line is replaced.</summary>
    private static string Safe(string name)
    {
        foreach (char c in name)
        {
            if (c == ';' || char.IsControl(c))
            {
                return string.Create(name.Length, name, static (safe, original) =>
                {
                    for (int i = 0; i < safe.Length; i++)
                    {
                        safe[i] = original[i] == ';' ? ':' : char.IsControl(original[i]) ? ' ' : original[i];
                    }
                });
            }
        }

        return name;
    }
}
