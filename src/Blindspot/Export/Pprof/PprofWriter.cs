using System.IO.Compression;
using Blindspot.Analysis.Profiles;

namespace Blindspot.Export.Pprof;

/// <summary>
/// Writes a profile in pprof's format (google/pprof, proto/profile.proto; docs/formats/pprof.md). Identifiers count up from 1;
/// functions and texts are written once. It goes out in pieces: only the tables of texts and functions are held.
/// </summary>
public sealed class PprofWriter
{
    private const int FlushAt = 64 * 1024;
    private const long NanosecondsPerTick = 100;

    private readonly Stream _output;
    private readonly CancellationToken _cancel;
    private readonly Dictionary<string, int> _strings = new(StringComparer.Ordinal) { [""] = 0 };
    private readonly List<string> _stringTable = [""];
    private readonly Dictionary<(string Name, string SystemName, string File, long StartLine), int> _functions = [];
    private readonly ProtobufWriter _document = new();
    private readonly ProtobufWriter _message = new();
    private readonly ProtobufWriter _part = new();

    private PprofWriter(Stream output, CancellationToken cancel)
    {
        _output = output;
        _cancel = cancel;
    }

    /// <summary>As profiles are kept: gzipped.</summary>
    /// <exception cref="IOException">The stream did not take it.</exception>
    /// <exception cref="OperationCanceledException">It was called off; the stream holds a part of the profile.</exception>
    public static void Write(Profile profile, Stream output, CancellationToken cancel = default)
    {
        using var packed = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true);
        WriteUncompressed(profile, packed, cancel);
    }

    /// <inheritdoc cref="Write"/>
    public static void WriteUncompressed(Profile profile, Stream output, CancellationToken cancel = default) =>
        new PprofWriter(output, cancel).WriteDocument(profile);

    private void WriteDocument(Profile profile)
    {
        foreach (ProfileValueType type in profile.ValueTypes)
        {
            WriteValueType(PprofFields.Profile.SampleType, type);
        }

        for (int i = 0; i < profile.Samples.Count; i++)
        {
            WriteSample(profile.Samples[i]);
        }

        for (int i = 0; i < profile.Mappings.Count; i++)
        {
            WriteMapping(profile.Mappings[i], i);
        }

        for (int i = 0; i < profile.Locations.Count; i++)
        {
            WriteLocation(profile.Locations[i], i);
        }

        WriteFunctions();
        _document.Number(PprofFields.Profile.DropFrames, Index(profile.DropFrames ?? ""));
        _document.Number(PprofFields.Profile.KeepFrames, Index(profile.KeepFrames ?? ""));
        _document.Number(PprofFields.Profile.TimeNanos, profile.Time is { } time ? unchecked((time - DateTimeOffset.UnixEpoch).Ticks * NanosecondsPerTick) : 0);
        _document.Number(PprofFields.Profile.DurationNanos, unchecked((profile.Duration?.Ticks ?? 0) * NanosecondsPerTick));
        if (profile.PeriodType is { } periodType)
        {
            WriteValueType(PprofFields.Profile.PeriodType, periodType);
        }

        _document.Number(PprofFields.Profile.Period, profile.Period);
        _message.Clear();
        _document.Packed(PprofFields.Profile.Comment, [.. profile.Comments.Select(comment => (long)Index(comment))], _message);
        if (profile.DefaultValue != profile.ValueTypes.Count - 1)
        {
            // Readers take the last unless told otherwise.
            _document.Number(PprofFields.Profile.DefaultSampleType, Index(profile.ValueTypes[profile.DefaultValue].Type));
        }


        // Last: only now they are all known.
        for (int i = 0; i < _stringTable.Count; i++)
        {
            _document.Text(PprofFields.Profile.StringTable, _stringTable[i]);
            Flush(FlushAt);
        }

        Flush(1);
    }

    private void WriteValueType(int field, ProfileValueType type)
    {
        _message.Clear();
        _message.Number(PprofFields.ValueType.Type, Index(type.Type));
        _message.Number(PprofFields.ValueType.Unit, Index(type.Unit));
        EndMessage(field);
    }

    private void WriteSample(ProfileSample sample)
    {
        _message.Clear();
        _message.PackedIds(PprofFields.Sample.LocationId, sample.Locations, _part);
        _message.Packed(PprofFields.Sample.Value, sample.Values, _part);
        for (int i = 0; i < sample.Labels.Count; i++)
        {
            ProfileLabel label = sample.Labels[i];
            _part.Clear();
            _part.Number(PprofFields.Label.Key, Index(label.Key));
            if (label.Text is not null)
            {
                _part.Number(PprofFields.Label.Text, LabelIndex(label.Text));
            }
            else
            {
                _part.Number(PprofFields.Label.Number, label.Number);
                _part.Number(PprofFields.Label.Unit, Index(label.Unit));
            }

            _message.Message(PprofFields.Sample.Label, _part);
        }

        EndMessage(PprofFields.Profile.Sample);
    }

    private void WriteMapping(ProfileMapping mapping, int index)
    {
        _message.Clear();
        _message.Number(PprofFields.Mapping.Id, (ulong)index + 1);
        _message.Number(PprofFields.Mapping.Start, mapping.Start.Value);
        _message.Number(PprofFields.Mapping.Limit, mapping.Limit.Value);
        _message.Number(PprofFields.Mapping.FileOffset, mapping.FileOffset);
        _message.Number(PprofFields.Mapping.File, Index(mapping.File));
        _message.Number(PprofFields.Mapping.BuildId, Index(mapping.BuildId));
        _message.Flag(PprofFields.Mapping.HasFunctions, mapping.HasFunctions);
        _message.Flag(PprofFields.Mapping.HasFileNames, mapping.HasFileNames);
        _message.Flag(PprofFields.Mapping.HasLineNumbers, mapping.HasLineNumbers);
        _message.Flag(PprofFields.Mapping.HasInlineFrames, mapping.HasInlineFrames);
        EndMessage(PprofFields.Profile.Mapping);
    }

    private void WriteLocation(ProfileLocation location, int index)
    {
        _message.Clear();
        _message.Number(PprofFields.Location.Id, (ulong)index + 1);
        _message.Number(PprofFields.Location.MappingId, (ulong)(location.Mapping + 1));
        _message.Number(PprofFields.Location.Address, location.Address.Value);
        for (int i = 0; i < location.Lines.Count; i++)
        {
            ProfileLine line = location.Lines[i];
            _part.Clear();
            _part.Number(PprofFields.Line.FunctionId, FunctionId(line));
            _part.Number(PprofFields.Line.Number, line.Line);
            _part.Number(PprofFields.Line.Column, line.Column);
            _message.Message(PprofFields.Location.Line, _part);
        }

        _message.Flag(PprofFields.Location.IsFolded, location.IsFolded);
        EndMessage(PprofFields.Profile.Location);
    }

    private void WriteFunctions()
    {
        foreach (((string name, string systemName, string file, long startLine), int id) in _functions)
        {
            _message.Clear();
            _message.Number(PprofFields.Function.Id, (ulong)id);
            _message.Number(PprofFields.Function.Name, Index(name));
            _message.Number(PprofFields.Function.SystemName, Index(systemName));
            _message.Number(PprofFields.Function.File, Index(file));
            _message.Number(PprofFields.Function.StartLine, startLine);
            EndMessage(PprofFields.Profile.Function);
        }
    }

    private ulong FunctionId(ProfileLine line)
    {
        (string, string, string, long) key = (line.Function, line.SystemName, line.File, line.StartLine);
        if (!_functions.TryGetValue(key, out int id))
        {
            id = _functions.Count + 1;
            _functions.Add(key, id);
        }

        return (ulong)id;
    }

    private ulong Index(string text)
    {
        if (!_strings.TryGetValue(text, out int index))
        {
            index = _stringTable.Count;
            _strings.Add(text, index);
            _stringTable.Add(text);
        }

        return (ulong)index;
    }

    /// <summary>An empty text gets an entry of its own in the table: index 0 would make the label one of a number.</summary>
    private ulong LabelIndex(string text)
    {
        if (text.Length > 0)
        {
            return Index(text);
        }

        if (_emptyLabel == 0)
        {
            _emptyLabel = _stringTable.Count;
            _stringTable.Add("");
        }

        return (ulong)_emptyLabel;
    }

    private int _emptyLabel;

    private void EndMessage(int field)
    {
        _document.Message(field, _message);
        Flush(FlushAt);
    }

    private void Flush(int atLeast)
    {
        if (_document.Length >= atLeast)
        {
            _cancel.ThrowIfCancellationRequested();
            _output.Write(_document.Written);
            _document.Clear();
        }
    }
}
