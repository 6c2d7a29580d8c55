using System.Text;
using Blindspot.Target;

namespace Blindspot.Tests.Target;

public sealed class ProcessFiguresTests
{
    // Linux 6.18, shortened.
    private static readonly byte[] s_status = Encoding.ASCII.GetBytes(
        """
        Name:	Threads:	9
        Umask:	0022
        State:	S (sleeping)
        VmRSS:	    1580 kB
        RssAnon:	     108 kB
        RssFile:	    1472 kB
        RssShmem:	       4 kB
        VmPTE:	      44 kB
        VmSwap:	       0 kB
        HugetlbPages:	    2048 kB
        Threads:	2
        SigBlk:	0000000000010000
        SigIgn:	0000000000000006
        SigCgt:	0000000100000000

        """);

    private static readonly byte[] s_rollup = Encoding.ASCII.GetBytes(
        """
        55ba58c8e000-7ffeac661000 ---p 00000000 00:00 0                          [rollup]
        Rss:                1736 kB
        Anonymous:           112 kB
        LazyFree:             16 kB
        AnonHugePages:      2048 kB
        Swap:                  0 kB

        """);

    private static readonly byte[] s_stat = "77 (a) R 1 (b)) S 12 77 77 0 -1 4194560 9 8 7 6 250 50 125 25 20 0 3 0 123456 1000 20 18446744073709551615 1 1"u8.ToArray();

    [Fact]
    public void Figures_are_read_of_the_three_texts()
    {
        Assert.Equal(
            new ProcessFigures
            {
                AnonymousBytes = 108 << 10,
                FileBytes = 1472 << 10,
                SharedBytes = 4 << 10,
                SwapBytes = 0,
                PageTableBytes = 44 << 10,
                HugeTlbBytes = 2 << 20,
                LazyFreeBytes = 16 << 10,
                AnonymousHugeBytes = 2 << 20,
                Threads = 2,
                UserTime = TimeSpan.FromSeconds(2.5),
                SystemTime = TimeSpan.FromSeconds(0.5),
                ChildUserTime = TimeSpan.FromSeconds(1.25),
                ChildSystemTime = TimeSpan.FromSeconds(0.25),
                IgnoredSignals = 6,
                CaughtSignals = 1UL << 32,
            },
            ProcessFigures.Parse(s_status, s_stat, s_rollup));
    }

    [Fact]
    public void What_is_not_told_is_null()
    {
        Assert.Equal(new ProcessFigures(), ProcessFigures.Parse(null, null, null));
        Assert.Equal(new ProcessFigures(), ProcessFigures.Parse("Threads:\t"u8.ToArray(), "77 (a"u8.ToArray(), "LazyFree: kB\n"u8.ToArray()));
    }

    [Fact]
    public void Any_damage_is_survived()
    {
        for (int seed = 0; seed < 5000; seed++)
        {
            ProcessFigures figures = ProcessFigures.Parse(
                MutationSeeds.Mutate(s_status, seed), MutationSeeds.Mutate(s_stat, seed), MutationSeeds.Mutate(s_rollup, seed));
            Assert.True(figures.LazyFreeBytes is null or >= 0);
        }
    }
}
