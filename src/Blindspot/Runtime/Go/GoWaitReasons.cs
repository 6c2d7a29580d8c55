using Blindspot.Image;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Runtime.Go;

/// <summary>
/// The runtime's words for why a goroutine waits (Go: src/runtime/runtime2.go, waitReasonStrings): by the generated
/// table of the version, else as the target itself has them.
/// </summary>
internal sealed class GoWaitReasons
{
    /// <summary>More than any version has (1.27: about 50).</summary>
    private const int MaxReasons = 128;
    private const int MaxLength = 128;

    private readonly string[] _reasons;

    private GoWaitReasons(string[] reasons)
    {
        _reasons = reasons;
    }

    /// <summary>The text for a reason; null for none (0) and for numbers that are not known.</summary>
    public string? this[byte reason] => reason != 0 && reason < _reasons.Length ? _reasons[reason] : null;

    public static GoWaitReasons Open(int? minor, GoGlobals globals, GoModule module, TargetMemory memory)
    {
        string[] known = minor is { } version ? GoLayoutTable.WaitReasons(version) : [];
        return new GoWaitReasons(known.Length > 0 || globals.WaitReasonStrings.IsZero ? known : Read(globals.WaitReasonStrings, module, memory));
    }

    /// <summary>An array of string headers; its end shows by what is no header of a short text in the module.</summary>
    private static string[] Read(TargetAddress array, GoModule owner, TargetMemory memory)
    {
        List<string> reasons = [];
        Module module = owner.Module;
        Span<byte> text = stackalloc byte[MaxLength];
        for (int i = 0; i < MaxReasons; i++)
        {
            TargetAddress header = array + (ulong)(i * 16);
            if (!memory.TryReadAddress(header, out TargetAddress start) || !memory.TryReadUInt64(header + 8, out ulong length) || length > MaxLength)
            {
                break;
            }

            if (length == 0)
            {
                if (i > 0)
                {
                    break;
                }

                reasons.Add("");
                continue;
            }

            Span<byte> bytes = text[..(int)length];
            if (start < module.Start || start >= module.End
                || (owner.Image.Read(module.ToImage(start), bytes) != bytes.Length && !memory.TryReadExactly(start, bytes))
                || bytes.IndexOfAnyExceptInRange((byte)' ', (byte)'~') >= 0)
            {
                break;
            }

            reasons.Add(System.Text.Encoding.ASCII.GetString(bytes));
        }

        return [.. reasons];
    }
}
