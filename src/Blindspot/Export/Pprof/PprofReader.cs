using Blindspot.Analysis.Profiles;
using Blindspot.Primitives;

namespace Blindspot.Export.Pprof;

/// <summary>
/// Reads a profile in pprof's format (google/pprof, proto/profile.proto), gzipped or not. Tables may stand in any order, and
/// Go writes its texts last: the file is walked once for each table.
/// </summary>
public sealed class PprofReader
{
    private const long NanosecondsPerTick = 100;

    private readonly ReadOnlyMemory<byte> _file;
    private readonly string _name;
    private readonly Limits _limits;
    private readonly PprofStrings _strings;
    private readonly PprofIds _mappingIds;
    private readonly PprofIds _functionIds;
    private readonly List<ProfileValueType> _valueTypes = [];
    private readonly List<ProfileMapping> _mappings = [];
    private readonly List<ProfileLine> _functions = [];
    private readonly List<string> _comments = [];
    private readonly PprofSamples _samples;
    private ProfileValueType? _periodType;
    private long _period;
    private long _time;
    private long _duration;
    private ulong _dropFrames;
    private ulong _keepFrames;
    private ulong _defaultType;

    private PprofReader(ReadOnlyMemory<byte> file, string name, Limits limits)
    {
        _file = file;
        _name = name;
        _limits = limits;
        _strings = new PprofStrings(file, name);
        _mappingIds = new PprofIds(name, "mapping");
        _functionIds = new PprofIds(name, "function");
        _samples = new PprofSamples(_strings, new PprofIds(name, "location"));
    }

    /// <param name="file">All bytes of the file.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="limits">Bounds of reading.</param>
    /// <exception cref="MalformedDataException">It is something else, is damaged, or larger than the limits.</exception>
    public static Profile Read(ReadOnlyMemory<byte> file, string name, Limits limits)
    {
        ReadOnlyMemory<byte> bytes = PprofContainer.Unpack(file, name, limits);
        if (bytes.Length > limits.MaxProfileBytes)
        {
            throw new MalformedDataException(name, 0, $"{bytes.Length} bytes, more than the limit of {limits.MaxProfileBytes}");
        }

        return new PprofReader(bytes, name, limits).ReadAll();
    }

    private Profile ReadAll()
    {
        ReadStrings();
        ReadSmallTables();
        var locations = new List<ProfileLocation>();
        Walk(PprofFields.Profile.Location, message => locations.Add(ReadLocation(message)));
        var samples = new List<ProfileSample>();
        Walk(PprofFields.Profile.Sample, message => samples.Add(_samples.Read(message, _valueTypes.Count)));
        if (_valueTypes.Count == 0)
        {
            throw new MalformedDataException(_name, 0, "no profile: nothing says what its samples count");
        }

        string defaultType = _strings[_defaultType];
        int defaultValue = _valueTypes.FindIndex(type => type.Type == defaultType);
        return new Profile
        {
            ValueTypes = _valueTypes,
            DefaultValue = defaultValue >= 0 ? defaultValue : _valueTypes.Count - 1,
            Mappings = _mappings,
            Locations = locations,
            Samples = samples,
            PeriodType = _periodType,
            Period = _period,
            Time = _time == 0 ? null : DateTimeOffset.UnixEpoch.AddTicks(_time / NanosecondsPerTick),
            Duration = _duration == 0 ? null : TimeSpan.FromTicks(_duration / NanosecondsPerTick),
            Comments = _comments,
            DropFrames = TextOrNull(_dropFrames),
            KeepFrames = TextOrNull(_keepFrames),
        };
    }

    private delegate void MessageReader(ProtobufReader message);

    private void Walk(int field, MessageReader read)
    {
        var reader = new ProtobufReader(_file.Span, _name);
        int count = 0;
        while (reader.MoveNext())
        {
            if (reader.Field == field)
            {
                Count(ref count, reader);
                read(reader.ReadMessage());
            }
            else
            {
                reader.SkipValue();
            }
        }
    }

    private void ReadStrings()
    {
        var reader = new ProtobufReader(_file.Span, _name);
        int count = 0;
        while (reader.MoveNext())
        {
            if (reader.Field == PprofFields.Profile.StringTable)
            {
                Count(ref count, reader);
                _strings.Add(reader.ReadTextPlace());
            }
            else
            {
                reader.SkipValue();
            }
        }

        if (_strings.Count > 0 && _strings[0].Length > 0)
        {
            throw new MalformedDataException(_name, 0, "the first text of its table is not empty");
        }
    }

    private void ReadSmallTables()
    {
        var comments = new List<ulong>();
        var reader = new ProtobufReader(_file.Span, _name);
        int count = 0;
        while (reader.MoveNext())
        {
            switch (reader.Field)
            {
                case PprofFields.Profile.SampleType:
                    Count(ref count, reader);
                    _valueTypes.Add(ReadValueType(reader.ReadMessage()));
                    break;
                case PprofFields.Profile.Mapping:
                    Count(ref count, reader);
                    _mappings.Add(ReadMapping(reader.ReadMessage()));
                    break;
                case PprofFields.Profile.Function:
                    Count(ref count, reader);
                    _functions.Add(ReadFunction(reader.ReadMessage()));
                    break;
                case PprofFields.Profile.PeriodType:
                    _periodType = ReadValueType(reader.ReadMessage());
                    break;
                case PprofFields.Profile.Comment:
                    reader.ReadNumbers(comments);
                    break;
                case PprofFields.Profile.Period:
                    _period = reader.ReadSigned();
                    break;
                case PprofFields.Profile.TimeNanos:
                    _time = reader.ReadSigned();
                    break;
                case PprofFields.Profile.DurationNanos:
                    _duration = reader.ReadSigned();
                    break;
                case PprofFields.Profile.DropFrames:
                    _dropFrames = reader.ReadNumber();
                    break;
                case PprofFields.Profile.KeepFrames:
                    _keepFrames = reader.ReadNumber();
                    break;
                case PprofFields.Profile.DefaultSampleType:
                    _defaultType = reader.ReadNumber();
                    break;
                default:
                    reader.SkipValue();
                    break;
            }
        }

        foreach (ulong comment in comments)
        {
            _comments.Add(_strings[comment]);
        }

        // An empty one says as much as none.
        if (_periodType is { Type: "", Unit: "" })
        {
            _periodType = null;
        }
    }

    private ProfileValueType ReadValueType(ProtobufReader message)
    {
        ulong type = 0;
        ulong unit = 0;
        while (message.MoveNext())
        {
            switch (message.Field)
            {
                case PprofFields.ValueType.Type:
                    type = message.ReadNumber();
                    break;
                case PprofFields.ValueType.Unit:
                    unit = message.ReadNumber();
                    break;
                default:
                    message.SkipValue();
                    break;
            }
        }

        return new ProfileValueType(_strings[type], _strings[unit]);
    }

    private ProfileMapping ReadMapping(ProtobufReader message)
    {
        // By field number; the last has the number 10.
        Span<ulong> values = stackalloc ulong[PprofFields.Mapping.HasInlineFrames + 1];
        while (message.MoveNext())
        {
            if (message.Field < values.Length)
            {
                values[message.Field] = message.ReadNumber();
            }
            else
            {
                message.SkipValue();
            }
        }

        _mappingIds.Add(values[PprofFields.Mapping.Id]);
        return new ProfileMapping(
            new TargetAddress(values[PprofFields.Mapping.Start]),
            new TargetAddress(values[PprofFields.Mapping.Limit]),
            values[PprofFields.Mapping.FileOffset],
            _strings[values[PprofFields.Mapping.File]],
            _strings[values[PprofFields.Mapping.BuildId]])
        {
            HasFunctions = values[PprofFields.Mapping.HasFunctions] != 0,
            HasFileNames = values[PprofFields.Mapping.HasFileNames] != 0,
            HasLineNumbers = values[PprofFields.Mapping.HasLineNumbers] != 0,
            HasInlineFrames = values[PprofFields.Mapping.HasInlineFrames] != 0,
        };
    }

    /// <summary>A function, as a line of it whose number is not known yet.</summary>
    private ProfileLine ReadFunction(ProtobufReader message)
    {
        Span<ulong> values = stackalloc ulong[PprofFields.Function.StartLine + 1];
        while (message.MoveNext())
        {
            if (message.Field < values.Length)
            {
                values[message.Field] = message.ReadNumber();
            }
            else
            {
                message.SkipValue();
            }
        }

        _functionIds.Add(values[PprofFields.Function.Id]);
        string function = _strings[values[PprofFields.Function.Name]];
        string file = _strings[values[PprofFields.Function.File]];
        return new ProfileLine(
            function,
            _strings[values[PprofFields.Function.SystemName]],
            file,
            unchecked((long)values[PprofFields.Function.StartLine]),
            0,
            ProfileLanguage.Of(function, file),
            false);
    }

    private ProfileLocation ReadLocation(ProtobufReader message)
    {
        ulong id = 0;
        ulong mapping = 0;
        ulong address = 0;
        bool isFolded = false;
        List<ProfileLine>? lines = null;
        while (message.MoveNext())
        {
            switch (message.Field)
            {
                case PprofFields.Location.Id:
                    id = message.ReadNumber();
                    break;
                case PprofFields.Location.MappingId:
                    mapping = message.ReadNumber();
                    break;
                case PprofFields.Location.Address:
                    address = message.ReadNumber();
                    break;
                case PprofFields.Location.Line:
                    (lines ??= new List<ProfileLine>(1)).Add(ReadLine(message.ReadMessage()));
                    if (lines.Count > _limits.MaxFrames)
                    {
                        message.ThrowMalformed($"more than {_limits.MaxFrames} functions at one address");
                    }

                    break;
                case PprofFields.Location.IsFolded:
                    isFolded = message.ReadNumber() != 0;
                    break;
                default:
                    message.SkipValue();
                    break;
            }
        }

        _samples.LocationIds.Add(id);
        return new ProfileLocation(new TargetAddress(address), mapping == 0 ? -1 : _mappingIds.IndexOf(mapping), lines is null ? [] : lines.ToArray())
        {
            IsFolded = isFolded,
        };
    }

    private ProfileLine ReadLine(ProtobufReader message)
    {
        ulong function = 0;
        long line = 0;
        long column = 0;
        while (message.MoveNext())
        {
            switch (message.Field)
            {
                case PprofFields.Line.FunctionId:
                    function = message.ReadNumber();
                    break;
                case PprofFields.Line.Number:
                    line = message.ReadSigned();
                    break;
                case PprofFields.Line.Column:
                    column = message.ReadSigned();
                    break;
                default:
                    message.SkipValue();
                    break;
            }
        }

        // pprof allows a line without a function.
        ProfileLine known = function == 0 ? new ProfileLine("", "", "", 0, 0, "", false) : _functions[_functionIds.IndexOf(function)];
        return known with { Line = line, Column = column };
    }

    private string? TextOrNull(ulong index) => _strings[index] is { Length: > 0 } text ? text : null;

    private void Count(ref int count, in ProtobufReader reader)
    {
        if (++count > _limits.MaxProfileEntries)
        {
            reader.ThrowMalformed($"a table of more than {_limits.MaxProfileEntries} entries");
        }
    }
}
