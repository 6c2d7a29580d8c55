using Blindspot.Analysis.Profiles;
using Blindspot.Export.Pprof;
using Blindspot.Primitives;

namespace Blindspot.Tests.Export.Pprof;

public sealed class PprofReaderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NothingIsLostBetweenWritingAndReading(bool isCompressed)
    {
        byte[] bytes = ForgedProfile.Write(ForgedProfile.Whole, isCompressed);
        Assert.Equal(isCompressed, bytes[0] == 0x1f);
        Assert.Equal(ProfileText.Of(ForgedProfile.Whole), ProfileText.Of(ForgedProfile.Read(bytes)));
    }

    [Fact]
    public void SparseIdentifiersUnpackedNumbersAndUnknownFields()
    {
        var forged = new ProtobufWriter();
        Message(forged, 1, (1, 1), (2, 2));
        var sample = new ProtobufWriter();
        sample.Number(1, 900UL);
        sample.Number(1, 7UL);
        sample.Number(2, 5UL);
        forged.Message(2, sample);
        Message(forged, 3, (1, 44), (2, 0x1000), (3, 0x2000), (5, 3));
        Message(forged, 4, (1, 7), (2, 44), (3, 0x1100));
        Message(forged, 4, (1, 900), (3, 0x10));
        forged.Number(15, 6UL);
        forged.Number(99, 6UL);
        foreach (string text in (string[])["", "samples", "count", "/lib/x"])
        {
            forged.Text(6, text);
        }

        Profile profile = ForgedProfile.Read(forged.Written.ToArray());
        ProfileSample only = Assert.Single(profile.Samples);
        Assert.Equal([5], only.Values);
        Assert.Equal([1, 0], only.Locations);
        Assert.Equal(("/lib/x", 0), (Assert.Single(profile.Mappings).File, profile.Locations[0].Mapping));
        Assert.Equal((-1, 0x10UL), (profile.Locations[1].Mapping, profile.Locations[1].Address.Value));
        Assert.Equal(0, profile.DefaultValue);
    }

    [Fact]
    public void WithoutADefaultTheLastValueCounts()
    {
        Profile several = ForgedProfile.Read(ForgedProfile.Write(ForgedProfile.Whole with { ValueTypes = [new("a", "x"), new("b", "x"), new("", "")], DefaultValue = 2 }));
        Assert.Equal(2, several.DefaultValue);
    }

    [Theory]
    [InlineData("no profile: nothing says what its samples count", "")]
    [InlineData("location 9 is referred to, and is not there", "t1 s9")]
    [InlineData("location 1 is there twice", "t1 l1 l1")]
    [InlineData("a location without an identifier", "t1 l0")]
    [InlineData("mapping 5 is referred to, and is not there", "t1 m5")]
    [InlineData("function 5 is referred to, and is not there", "t1 f5")]
    [InlineData("text 77 is asked for, of a table of 1", "t77")]
    [InlineData("a sample of 1 values, where the profile has 2 types of them", "t0 t0 l1 s1")]
    public void WhatDoesNotFitIsToldInWords(string expected, string parts)
    {
        var forged = new ProtobufWriter();
        forged.Text(6, "");
        foreach (string part in parts.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            ulong number = ulong.Parse(part[1..]);
            switch (part[0])
            {
                case 't':
                    Message(forged, 1, (1, number == 1 ? 0 : number));
                    break;
                case 's':
                    Message(forged, 2, (1, number), (2, 1));
                    break;
                case 'l':
                    Message(forged, 4, (1, number));
                    break;
                case 'm':
                    Message(forged, 4, (1, 1), (2, number));
                    break;
                default:
                    var line = new ProtobufWriter();
                    line.Number(1, number);
                    var location = new ProtobufWriter();
                    location.Number(1, 1UL);
                    location.Message(4, line);
                    forged.Message(4, location);
                    break;
            }
        }

        MalformedDataException malformed = Assert.Throws<MalformedDataException>(() => ForgedProfile.Read(forged.Written.ToArray()));
        Assert.Contains(expected, malformed.Message);
    }

    [Fact]
    public void LimitsHold()
    {
        byte[] bytes = ForgedProfile.Write(ForgedProfile.Whole, isCompressed: true);
        Assert.Throws<MalformedDataException>(() => PprofReader.Read(bytes, "x", Limits.Default with { MaxProfileEntries = 2 }));
        Assert.Throws<MalformedDataException>(() => PprofReader.Read(bytes, "x", Limits.Default with { MaxProfileBytes = 100 }));
        Assert.Throws<MalformedDataException>(() => PprofReader.Read(bytes, "x", Limits.Default with { MaxFrames = 1 }));
    }

    [Fact]
    public void DamageIsAnErrorAndNoCrash()
    {
        byte[] plain = ForgedProfile.Write(ForgedProfile.Whole);
        byte[] packed = ForgedProfile.Write(ForgedProfile.Whole, isCompressed: true);
        for (int seed = 0; seed < 20_000; seed++)
        {
            byte[] mutant = MutationSeeds.Mutate(seed % 8 == 0 ? packed : plain, seed);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Profile profile = ForgedProfile.Read(mutant);
                ForgedProfile.Write(profile);
                _ = ProfileCosts.Of(profile, profile.DefaultValue);
                _ = ProfileBlindness.Of(profile, profile.DefaultValue);
            }
            catch (MalformedDataException)
            {
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < 8 << 20, $"seed {seed}: {allocated} bytes");
        }
    }

    [Fact]
    public void EveryCutIsAnErrorOrASmallerProfile()
    {
        byte[] whole = ForgedProfile.Write(ForgedProfile.Whole);
        for (int length = 0; length < whole.Length; length++)
        {
            try
            {
                ForgedProfile.Read(whole[..length]);
            }
            catch (MalformedDataException malformed)
            {
                Assert.InRange(malformed.Offset, 0, length);
            }
        }
    }

    private static void Message(ProtobufWriter into, int field, params (int Field, ulong Value)[] numbers)
    {
        var message = new ProtobufWriter();
        foreach ((int number, ulong value) in numbers)
        {
            message.Number(number, value);
        }

        into.Message(field, message);
    }
}
