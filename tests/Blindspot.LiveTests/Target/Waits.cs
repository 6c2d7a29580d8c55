using System.Buffers.Binary;
using System.Text;

namespace Blindspot.LiveTests.Target;

/// <summary>Programs/waits.c while it runs, and the board on which it counts.</summary>
internal sealed class Waits : IDisposable
{
    private readonly string _board = Path.GetTempFileName();
    private readonly CProgram _program;

    internal Waits(string kind, string extra = "")
    {
        _program = CProgram.Start("waits", $"{kind} {_board} {extra}");
        Waiter = int.Parse(_program.ReadyWords[1]);
    }

    internal int Pid => _program.Pid;

    /// <summary>The only thread that system calls can be put into.</summary>
    internal int Waiter { get; }

    internal ulong Count => Read(0);

    /// <summary>Nobody traces the program, the thread has come out of a wait or two with all as it should be, and no signal is lost.</summary>
    internal void AssertUndisturbed(string when)
    {
        foreach (string task in Directory.GetDirectories($"/proc/{Pid}/task"))
        {
            int tid = int.Parse(Path.GetFileName(task));
            Assert.True(Shell.StatusField(tid, "TracerPid") == "0", $"{when}: thread {tid} is traced");
            Assert.True(Shell.StatusField(tid, "State")[0] is 'R' or 'S' or 'D', $"{when}: thread {tid} is {Shell.StatusField(tid, "State")}");
        }

        ulong before = Count;
        Shell.Until(() => Count > before + 1, $"{when}: the thread does not go on");
        Assert.True(Read(1) == 0, $"{when}: {Read(1)} faults, the first: {Encoding.UTF8.GetString(File.ReadAllBytes(_board).AsSpan(32, 64)).TrimEnd('\0')}");
        ulong sent = Read(2);
        Shell.Until(() => Read(3) >= sent, $"{when}: a signal was lost");
    }

    public void Dispose()
    {
        _program.Dispose();
        File.Delete(_board);
    }

    private ulong Read(int index) => BinaryPrimitives.ReadUInt64LittleEndian(File.ReadAllBytes(_board).AsSpan(index * 8));
}
