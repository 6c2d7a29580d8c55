using Blindspot.Interop;
using Blindspot.Target.Live;

namespace Blindspot.Tests.Target.Live;

public sealed class RestartableWaitTests
{
    private const ulong SomeAddress = 0x7ffc00001000;

    [Theory]
    [InlineData(202UL, 128UL, 0UL, 0UL, true)] // FUTEX_WAIT, private, without an end
    [InlineData(202UL, 0UL, 0UL, SomeAddress, false)] // for some time
    [InlineData(202UL, 9UL | 256, 0UL, SomeAddress, true)] // FUTEX_WAIT_BITSET until a time
    [InlineData(202UL, 6UL, 0UL, 0UL, false)] // FUTEX_LOCK_PI
    [InlineData(7UL, 1UL, 0xffffffffUL, 0UL, true)] // poll without an end
    [InlineData(7UL, 1UL, 300UL, 0UL, false)]
    [InlineData(271UL, 1UL, SomeAddress, 0UL, true)] // ppoll: the kernel writes what remains
    [InlineData(270UL, 0UL, 0UL, 0UL, true)]
    [InlineData(230UL, 1UL, SomeAddress, 0UL, true)] // clock_nanosleep until a time
    [InlineData(230UL, 0UL, SomeAddress, 0UL, false)]
    [InlineData(35UL, 0UL, 0UL, 0UL, false)] // nanosleep
    [InlineData(219UL, 0UL, 0UL, 0UL, false)] // restart_syscall: of what, only the kernel knows
    [InlineData(232UL, SomeAddress, 1UL, ulong.MaxValue, false)] // epoll_wait
    [InlineData(34UL, 0UL, 0UL, 0UL, false)] // pause
    [InlineData(128UL, 0UL, 0UL, 8UL, false)] // rt_sigtimedwait
    [InlineData(45UL, SomeAddress, 1UL, 0UL, false)] // recvfrom
    [InlineData(ulong.MaxValue, 0UL, 0UL, 0UL, false)]
    public void Only_waits_that_can_be_begun_anew_will_do(ulong number, ulong second, ulong third, ulong fourth, bool expected) =>
        Assert.Equal(expected, RestartableWait.IsIn(0, 0, number, SomeAddress, second, third, fourth));

    [Theory]
    [InlineData(-512, -512)]
    [InlineData(-514, -514)]
    [InlineData(-516, -514)]
    public void What_the_kernel_would_restart_by_its_note_is_restarted_by_its_arguments(long result, long expected)
    {
        UserRegisters registers = new() { OriginalRax = 7, Rdx = uint.MaxValue, Rax = unchecked((ulong)result) };
        Assert.True(RestartableWait.IsInterrupted(0, 0, ref registers));
        Assert.Equal(expected, (long)registers.Rax);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-4)]
    [InlineData(-11)]
    public void A_call_that_has_ended_is_no_wait_any_more(long result)
    {
        UserRegisters registers = new() { OriginalRax = 7, Rdx = uint.MaxValue, Rax = unchecked((ulong)result) };
        Assert.False(RestartableWait.IsInterrupted(0, 0, ref registers));
    }
}
