namespace Blindspot.Tests;

/// <summary>Seeded damage of a valid file: bits flipped, numbers replaced by telling ones, pieces cut, moved or repeated.</summary>
internal static class MutationSeeds
{
    private static readonly ulong[] _telling =
    [
        0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff, 0x8000000000000000,
        0xfffffffffffffff0, ulong.MaxValue,
    ];

    /// <param name="original">A valid file.</param>
    /// <param name="seed">The same seed gives the same damage.</param>
    /// <param name="places">Offsets worth damaging (headers, tables), which half of the changes go to; empty for anywhere.</param>
    public static byte[] Mutate(byte[] original, int seed, params (int Start, int Length)[] places)
    {
        var random = new Random(seed);
        byte[] bytes = (byte[])original.Clone();
        int changes = random.Next(1, 6);
        for (int i = 0; i < changes; i++)
        {
            int at = random.Next(bytes.Length);
            if (places.Length > 0 && random.Next(4) != 0)
            {
                (int start, int length) = places[random.Next(places.Length)];
                at = Math.Min(bytes.Length - 1, start + random.Next(Math.Max(1, length)));
            }

            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    int size = 1 << random.Next(4);
                    ulong value = _telling[random.Next(_telling.Length)] + (ulong)random.Next(-2, 3);
                    for (int b = 0; b < size && at + b < bytes.Length; b++)
                    {
                        bytes[at + b] = (byte)(value >> (8 * b));
                    }

                    break;
                case 2:
                    random.NextBytes(bytes.AsSpan(at, Math.Min(8, bytes.Length - at)));
                    break;
                case 3:
                    int from = random.Next(bytes.Length);
                    int count = Math.Min(random.Next(64), bytes.Length - Math.Max(from, at));
                    bytes.AsSpan(from, count).ToArray().CopyTo(bytes, at);
                    break;
                default:
                    if (random.Next(4) == 0 && bytes.Length > 64)
                    {
                        bytes = bytes[..random.Next(32, bytes.Length)];
                    }

                    break;
            }
        }

        return bytes;
    }
}
