using System.Buffers.Binary;

namespace Blindspot.LiveTests.Target;

/// <summary>Programs/selfcheck.c while it runs, and the board on which it counts.</summary>
internal sealed class SelfCheck : IDisposable
{
    private const int Kinds = 6;
    private readonly string _board = Path.GetTempFileName();
    private readonly CProgram _program;

    internal SelfCheck() => _program = CProgram.Start("selfcheck", _board);

    internal int Pid => _program.Pid;

    /// <summary>Every thread goes on, none has found a fault, nobody traces or holds any of them, and no signal was lost.</summary>
    internal void AssertUndisturbed(string when)
    {
        // Untraced first of all: what a dead tracer held has to be free at once, and not only later.
        foreach (string task in Directory.GetDirectories($"/proc/{Pid}/task"))
        {
            int tid = int.Parse(Path.GetFileName(task));
            Assert.True(Shell.StatusField(tid, "TracerPid") == "0", $"{when}: thread {tid} is traced");
            Assert.True(Shell.StatusField(tid, "State")[0] is 'R' or 'S' or 'D', $"{when}: thread {tid} is {Shell.StatusField(tid, "State")}");
        }

        ulong[] before = Read();
        Shell.Until(
            () =>
            {
                ulong[] now = Read();
                return Enumerable.Range(0, Kinds).All(kind => now[kind] > before[kind] + 1);
            },
            $"{when}: a thread does not go on");
        Assert.True(Read()[Kinds] == 0, $"{when}: {Read()[Kinds]} faults");
        Shell.Until(
            () =>
            {
                ulong sent = Read()[Kinds + 1];
                Shell.Until(() => Read()[Kinds + 2] >= sent, $"{when}: a signal was lost");
                return true;
            },
            "signals");
    }

    public void Dispose()
    {
        _program.Dispose();
        File.Delete(_board);
    }

    private ulong[] Read()
    {
        byte[] bytes = File.ReadAllBytes(_board);
        ulong[] words = new ulong[Kinds + 3];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(i * 8));
        }

        return words;
    }
}
