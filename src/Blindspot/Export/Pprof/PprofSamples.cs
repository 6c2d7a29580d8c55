using Blindspot.Analysis.Profiles;

namespace Blindspot.Export.Pprof;

/// <summary>Reads samples, of which there are many: what they are put together from is used again.</summary>
internal sealed class PprofSamples(PprofStrings strings, PprofIds locationIds)
{
    private readonly List<ulong> _locations = [];
    private readonly List<ulong> _values = [];
    private readonly List<ProfileLabel> _labels = [];

    public PprofIds LocationIds => locationIds;

    public ProfileSample Read(ProtobufReader message, int valueCount)
    {
        _locations.Clear();
        _values.Clear();
        _labels.Clear();
        while (message.MoveNext())
        {
            switch (message.Field)
            {
                case PprofFields.Sample.LocationId:
                    message.ReadNumbers(_locations);
                    break;
                case PprofFields.Sample.Value:
                    message.ReadNumbers(_values);
                    break;
                case PprofFields.Sample.Label:
                    _labels.Add(ReadLabel(message.ReadMessage()));
                    break;
                default:
                    message.SkipValue();
                    break;
            }
        }

        if (_values.Count != valueCount)
        {
            message.ThrowMalformed($"a sample of {_values.Count} values, where the profile has {valueCount} types of them");
        }

        int[] locations = new int[_locations.Count];
        for (int i = 0; i < locations.Length; i++)
        {
            locations[i] = locationIds.IndexOf(_locations[i]);
        }

        long[] values = new long[valueCount];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = unchecked((long)_values[i]);
        }

        return new ProfileSample(locations, values, _labels.Count == 0 ? [] : _labels.ToArray());
    }

    private ProfileLabel ReadLabel(ProtobufReader message)
    {
        ulong key = 0;
        ulong text = 0;
        long number = 0;
        ulong unit = 0;
        while (message.MoveNext())
        {
            switch (message.Field)
            {
                case PprofFields.Label.Key:
                    key = message.ReadNumber();
                    break;
                case PprofFields.Label.Text:
                    text = message.ReadNumber();
                    break;
                case PprofFields.Label.Number:
                    number = message.ReadSigned();
                    break;
                case PprofFields.Label.Unit:
                    unit = message.ReadNumber();
                    break;
                default:
                    message.SkipValue();
                    break;
            }
        }

        // A text is there when it has an index, even an index of an empty text: Go's labels may be empty.
        return text != 0
            ? new ProfileLabel(strings[key], strings[text], 0, "")
            : new ProfileLabel(strings[key], null, number, strings[unit]);
    }
}
