using System.Text.Json;
using System.Text.Json.Nodes;

namespace Blindspot.LiveTests.Support;

/// <summary>A way to build specimens (specimens/build), and what it changes in what is to be seen of them (specimens/kinds.json).</summary>
internal sealed class BuildKind(string name)
{
    private static readonly JsonObject s_differences =
        JsonNode.Parse(File.ReadAllText(Repository.InRoot("specimens", "kinds.json")))!.AsObject();

    /// <summary>C functions of the executable and of its libraries have names.</summary>
    public bool HasNativeSymbols { get; } = !name.Contains("strip", StringComparison.Ordinal);

    private string Bare { get; } = name.EndsWith("-stripped", StringComparison.Ordinal) ? name[..^"-stripped".Length] : name;

    /// <summary>The expected stacks of a specimen as they are in this kind.</summary>
    public IReadOnlyList<JsonElement> Adapt(string specimen, JsonElement stacks)
    {
        JsonObject? difference = s_differences[Bare]?.AsObject();
        var adapted = new List<JsonElement>();
        foreach (JsonElement stack in stacks.EnumerateArray())
        {
            JsonObject changed = JsonNode.Parse(stack.GetRawText())!.AsObject();
            if (difference is not null)
            {
                MoveMain(changed, difference, specimen);
            }

            if (changed["kinds"]?[Bare] is JsonObject own)
            {
                foreach ((string field, JsonNode? value) in own)
                {
                    changed[field] = value?.DeepClone();
                }
            }

            adapted.Add(JsonDocument.Parse(changed.ToJsonString()).RootElement);
        }

        return adapted;
    }

    private static void MoveMain(JsonObject stack, JsonObject difference, string specimen)
    {
        string package = difference["package"]?.GetValue<string>().Replace("NAME", specimen, StringComparison.Ordinal) ?? "main";
        var frames = new JsonArray();
        bool isMain = false;
        foreach (JsonNode? frame in stack["frames"]!.AsArray())
        {
            string function = frame!["function"]!.GetValue<string>();
            if (isMain)
            {
                continue;
            }

            isMain = function == "main.main";
            frames.Add(Named(frame, InPackage(function, package)));
        }

        if (isMain)
        {
            foreach (JsonNode? frame in difference["belowMain"]!.AsArray())
            {
                frames.Add(Named(frame!, frame!["function"]!.GetValue<string>().Replace("NAME", specimen, StringComparison.Ordinal)));
            }

            if (difference["mainIsLocked"] is { } locked)
            {
                stack["locked"] = locked.DeepClone();
            }
        }

        stack["frames"] = frames;
        if (stack["createdBy"]?.GetValue<string>() is { } creator)
        {
            stack["createdBy"] = InPackage(creator, package);
        }
    }

    private static string InPackage(string function, string package) =>
        function.StartsWith("main.", StringComparison.Ordinal) ? package + function["main".Length..] : function;

    private static JsonNode Named(JsonNode frame, string function)
    {
        JsonNode named = frame.DeepClone();
        named["function"] = function;
        return named;
    }
}
