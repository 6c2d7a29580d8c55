using Blindspot.Image.Elf;
using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Frames;

/// <summary>
/// Call frame information of one image: .eh_frame first, and .debug_frame for what that does not cover. Thread-safe;
/// indexes are built when first needed. No method throws for malformed sections.
/// </summary>
public sealed class CallFrameTable
{
    private readonly CallFrameSection? _ehFrame;
    private readonly CallFrameSection? _debugFrame;
    private readonly Lazy<CallFrameIndex>? _ehFrameIndex;
    private readonly Lazy<CallFrameIndex>? _debugFrameIndex;
    private readonly CallFrameRowCache _cache = new();
    private EhFrameHeader? _header;

    private CallFrameTable(CallFrameSections sections)
    {
        Problem = sections.Problem;
        ulong? text = sections.TextAddress?.Value;
        ulong? data = sections.DataAddress?.Value;
        if (!sections.EhFrame.IsEmpty)
        {
            var bases = new PointerBases(sections.EhFrameAddress.Value, text, data);
            CallFrameSection section = new(sections.EhFrame, bases, isEhFrame: true, sections.EhFrameEndsAtTerminator, sections.EhFrameUse);
            _ehFrame = section;
            _ehFrameIndex = new Lazy<CallFrameIndex>(() => CallFrameIndex.Build(section));
            _header = sections.EhFrameHeader.IsEmpty
                ? null
                : EhFrameHeader.TryOpen(sections.EhFrameHeader, sections.EhFrameHeaderAddress.Value);
        }

        if (!sections.DebugFrame.IsEmpty)
        {
            CallFrameSection section = new(sections.DebugFrame, new PointerBases(0, text, data), isEhFrame: false, endsAtTerminator: false);
            _debugFrame = section;
            _debugFrameIndex = new Lazy<CallFrameIndex>(() => CallFrameIndex.Build(section));
        }
    }

    /// <summary>A section is there and could not be read: why. Null when all is well.</summary>
    public string? Problem { get; }

    /// <summary>Null where the image has nothing that tells how to unwind it.</summary>
    /// <param name="image">The image that is mapped.</param>
    /// <param name="debugImage">Its separate debug file, if it was found.</param>
    public static CallFrameTable? Open(ElfImage image, ElfImage? debugImage) => Open(CallFrameSections.Read(image, debugImage));

    /// <summary>Null where all sections are empty and nothing is wrong with them.</summary>
    public static CallFrameTable? Open(CallFrameSections sections) =>
        sections.EhFrame.IsEmpty && sections.DebugFrame.IsEmpty && sections.Problem is null ? null : new CallFrameTable(sections);

    /// <summary>
    /// The row for <paramref name="pc"/>. For a return address ask with the address of the byte before it
    /// (<see cref="FrameAddress.LookupAddress"/>), unless the frame it returns from is a signal frame.
    /// </summary>
    public CallFrameLookup FindRow(ImageOffset pc, out CallFrameRow row)
    {
        if (_cache.TryGet(pc.Value, out CallFrameLookup outcome, out row))
        {
            return outcome;
        }

        outcome = Find(pc.Value, out row);
        _cache.Add(pc.Value, outcome, row);
        return outcome;
    }

    /// <summary>As <see cref="FindRow"/>, for those who need not tell missing from malformed.</summary>
    public bool TryFindRow(ImageOffset pc, out CallFrameRow row) => FindRow(pc, out row) == CallFrameLookup.Found;

    /// <summary>
    /// Hands every row of every description to <paramref name="visitor"/>, in the order of the sections. Returns the
    /// number of entries that were malformed and left out, from where they were wrong.
    /// </summary>
    public int VisitRows<TVisitor>(ref TVisitor visitor)
        where TVisitor : ICallFrameRowVisitor
    {
        int malformed = 0;
        if (_ehFrame is not null)
        {
            malformed += VisitSection(_ehFrame, ref visitor);
        }

        if (_debugFrame is not null)
        {
            malformed += VisitSection(_debugFrame, ref visitor);
        }

        return malformed;
    }

    private static int VisitSection<TVisitor>(CallFrameSection section, ref TVisitor visitor)
        where TVisitor : ICallFrameRowVisitor
    {
        int malformed = 0;
        for (int offset = 0, next = 0; offset < section.Bytes.Length; offset = next)
        {
            try
            {
                if (!section.TryReadDescription(offset, out FrameDescription description, out next) || description.IsDiscarded)
                {
                    continue;
                }

                CallFrameProgram program = section.Run(description);
                while (program.MoveNext())
                {
                    visitor.Visit(new CallFrameRow(program.State, section.Bytes, description, program.RowStart, program.RowEnd));
                }
            }
            catch (MalformedDataException)
            {
                malformed++;
            }
        }

        return malformed;
    }

    private CallFrameLookup Find(ulong pc, out CallFrameRow row)
    {
        CallFrameLookup outcome = Problem is null ? CallFrameLookup.NotFound : CallFrameLookup.Malformed;
        row = default;
        if (_ehFrame is not null)
        {
            CallFrameLookup first = FindInEhFrame(pc, out row);
            outcome = first == CallFrameLookup.NotFound ? outcome : first;
        }

        if (outcome != CallFrameLookup.Found && _debugFrame is not null)
        {
            CallFrameLookup second = FindByIndex(_debugFrame, _debugFrameIndex!.Value, pc, out row);
            outcome = second == CallFrameLookup.NotFound ? outcome : second;
        }

        return outcome;
    }

    private CallFrameLookup FindInEhFrame(ulong pc, out CallFrameRow row)
    {
        CallFrameSection section = _ehFrame!;
        EhFrameHeader? header = Volatile.Read(ref _header);
        if (header is not null)
        {
            row = default;
            if (!header.TryFind(pc, out ulong start, out ulong descriptionAddress))
            {
                return CallFrameLookup.NotFound;
            }

            if (TryReadListed(section, start, unchecked(descriptionAddress - section.Bases.Section), out FrameDescription description))
            {
                return description.Contains(pc) ? FindInDescription(section, description, pc, out row) : CallFrameLookup.NotFound;
            }

            // The table does not fit the section (a tool rewrote one of them): trust the section.
            Volatile.Write(ref _header, null);
        }

        return FindByIndex(section, _ehFrameIndex!.Value, pc, out row);
    }

    private static bool TryReadListed(CallFrameSection section, ulong start, ulong offset, out FrameDescription description)
    {
        description = default;
        if (offset >= (ulong)section.Bytes.Length)
        {
            return false;
        }

        try
        {
            return section.TryReadDescription((int)offset, out description, out _) && description.Start == start;
        }
        catch (MalformedDataException)
        {
            return false;
        }
    }

    private static CallFrameLookup FindByIndex(CallFrameSection section, CallFrameIndex index, ulong pc, out CallFrameRow row)
    {
        row = default;
        if (!index.TryFind(pc, out int offset))
        {
            return index.IsIncomplete ? CallFrameLookup.Malformed : CallFrameLookup.NotFound;
        }

        try
        {
            return section.TryReadDescription(offset, out FrameDescription description, out _)
                ? FindInDescription(section, description, pc, out row)
                : CallFrameLookup.Malformed;
        }
        catch (MalformedDataException)
        {
            return CallFrameLookup.Malformed;
        }
    }

    private static CallFrameLookup FindInDescription(CallFrameSection section, in FrameDescription description, ulong pc, out CallFrameRow row)
    {
        row = default;
        try
        {
            CallFrameProgram program = section.Run(description);
            while (program.MoveNext())
            {
                if (pc < program.RowEnd)
                {
                    if (program.State.CfaKind == CfaRuleKind.None)
                    {
                        return CallFrameLookup.Malformed;
                    }

                    row = new CallFrameRow(program.State, section.Bytes, description, program.RowStart, program.RowEnd);
                    return CallFrameLookup.Found;
                }
            }

            return CallFrameLookup.NotFound;
        }
        catch (MalformedDataException)
        {
            return CallFrameLookup.Malformed;
        }
    }
}
