using System.Text;
using Blindspot.Target;

namespace Blindspot.Tests.Target;

public sealed class SignalDescriptorTests
{
    private static readonly byte[] s_text = Encoding.ASCII.GetBytes(
        """
        descriptor:	5	anon_inode:[signalfd]
        pos:	0
        flags:	02
        mnt_id:	17
        ino:	1038
        sigmask:	0000000004000800
        descriptor:	6	anon_inode:[pidfd]
        pos:	0
        flags:	02000002
        mnt_id:	4
        ino:	1338371
        Pid:	14094
        NSpid:	14094
        descriptor:	70	pidfd:[4711]
        Pid:	-1
        NSpid:	-1

        """);

    [Fact]
    public void Descriptors_are_told_apart()
    {
        Assert.Equal([new SignalDescriptor(5, (1UL << 26) | (1UL << 11))], SignalDescriptor.Parse(s_text));
        Assert.Equal([new ProcessDescriptor(6, 14094), new ProcessDescriptor(70, null)], ProcessDescriptor.Parse(s_text));
    }

    [Fact]
    public void None_are_an_empty_text()
    {
        Assert.Empty(SignalDescriptor.Parse([]));
        Assert.Empty(ProcessDescriptor.Parse([]));
    }

    [Fact]
    public void Any_damage_is_survived()
    {
        for (int seed = 0; seed < 5000; seed++)
        {
            byte[] damaged = MutationSeeds.Mutate(s_text, seed);
            Assert.True(SignalDescriptor.Parse(damaged).Count + ProcessDescriptor.Parse(damaged).Count <= damaged.Length / 12);
        }
    }
}
