namespace Blindspot.Export.Pprof;

/// <summary>Field numbers of google/pprof, proto/profile.proto.</summary>
internal static class PprofFields
{
    internal static class Profile
    {
        public const int SampleType = 1;
        public const int Sample = 2;
        public const int Mapping = 3;
        public const int Location = 4;
        public const int Function = 5;
        public const int StringTable = 6;
        public const int DropFrames = 7;
        public const int KeepFrames = 8;
        public const int TimeNanos = 9;
        public const int DurationNanos = 10;
        public const int PeriodType = 11;
        public const int Period = 12;
        public const int Comment = 13;
        public const int DefaultSampleType = 14;
    }

    internal static class ValueType
    {
        public const int Type = 1;
        public const int Unit = 2;
    }

    internal static class Sample
    {
        public const int LocationId = 1;
        public const int Value = 2;
        public const int Label = 3;
    }

    internal static class Label
    {
        public const int Key = 1;
        public const int Text = 2;
        public const int Number = 3;
        public const int Unit = 4;
    }

    internal static class Mapping
    {
        public const int Id = 1;
        public const int Start = 2;
        public const int Limit = 3;
        public const int FileOffset = 4;
        public const int File = 5;
        public const int BuildId = 6;
        public const int HasFunctions = 7;
        public const int HasFileNames = 8;
        public const int HasLineNumbers = 9;
        public const int HasInlineFrames = 10;
    }

    internal static class Location
    {
        public const int Id = 1;
        public const int MappingId = 2;
        public const int Address = 3;
        public const int Line = 4;
        public const int IsFolded = 5;
    }

    internal static class Line
    {
        public const int FunctionId = 1;
        public const int Number = 2;
        public const int Column = 3;
    }

    internal static class Function
    {
        public const int Id = 1;
        public const int Name = 2;
        public const int SystemName = 3;
        public const int File = 4;
        public const int StartLine = 5;
    }
}
