using System.Text;

namespace Blindspot.LiveTests.Support;

/// <summary>When a process that is ready has come to rest.</summary>
internal static class ProcessRest
{
    /// <summary>
    /// Behind "ready" the main thread goes to where it waits for the end, and the runtime's monitor, seeing that there is
    /// nothing to watch, to a deeper sleep; on a busy machine both take a while. Waits until no thread has run for a moment;
    /// if that does not come, the comparison will tell.
    /// </summary>
    public static void Await(int pid)
    {
        const int Looks = 100;
        const int StillLooks = 3;
        string before = "";
        for (int look = 0, still = 0; look < Looks && still < StillLooks; look++)
        {
            Thread.Sleep(50);
            string now = Switches(pid);
            still = now == before ? still + 1 : 0;
            before = now;
        }
    }

    private static string Switches(int pid)
    {
        var text = new StringBuilder();
        foreach (string thread in Directory.EnumerateDirectories($"/proc/{pid}/task"))
        {
            try
            {
                text.AppendLine(thread).AppendJoin('\n', File.ReadLines(thread + "/status").Where(line => line.Contains("_switches", StringComparison.Ordinal)));
            }
            catch (IOException)
            {
                text.Append("ended");
            }
        }

        return text.ToString();
    }
}
