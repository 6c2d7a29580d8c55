using Blindspot.Target.Saved;
using CsCheck;

namespace Blindspot.Tests.Target.Saved;

public sealed class ByteLogTests
{
    /// <summary>Against the plain way: an array in which later reads write over earlier ones, and fillers only where nothing is.</summary>
    [Fact]
    public void Later_reads_win_and_fillers_only_fill()
    {
        var read = Gen.Select(Gen.Int[0, 200], Gen.Int[0, 60], Gen.Byte, Gen.Bool, Gen.Bool, static (at, length, value, a, b) => (at, length, value, IsFiller: a && b));
        read.List[0, 40].Sample(static reads =>
        {
            int[] expected = new int[300];
            Array.Fill(expected, -1);
            var log = new ByteLog();
            foreach ((int at, int length, byte value, bool isFiller) in reads)
            {
                byte[] bytes = new byte[length];
                Array.Fill(bytes, value);
                log.Add((ulong)at, bytes, isFiller);
            }

            foreach ((int at, int length, byte value, bool isFiller) in reads.Where(r => r.IsFiller).Concat(reads.Where(r => !r.IsFiller)))
            {
                for (int i = at; i < at + length; i++)
                {
                    expected[i] = isFiller && expected[i] >= 0 ? expected[i] : value;
                }
            }

            int[] merged = new int[300];
            Array.Fill(merged, -1);
            ulong last = 0;
            foreach (LoggedPiece piece in log.Merge())
            {
                Assert.True(piece.Address >= last, "pieces overlap or are not in order");
                Assert.False(piece.Bytes.IsEmpty);
                last = piece.End;
                for (int i = 0; i < piece.Bytes.Length; i++)
                {
                    merged[(int)piece.Address + i] = piece.Bytes.Span[i];
                }
            }

            Assert.Equal(expected.Select(v => v >= 0), merged.Select(v => v >= 0));
            for (int i = 0; i < expected.Length; i++)
            {
                bool onlyFillers = !reads.Any(r => !r.IsFiller && i >= r.at && i < r.at + r.length);
                Assert.True(onlyFillers || expected[i] == merged[i], $"at {i}: {merged[i]} instead of {expected[i]}");
            }
        });
    }
}
