using Blindspot.LiveTests.Target;

namespace Blindspot.LiveTests.Support;

/// <summary>What a machine may lack; a test that needs it is skipped, and says so.</summary>
internal static class Needs
{
    public static void Root()
    {
        Assert.SkipUnless(Environment.UserName == "root" || Shell.StatusField(Environment.ProcessId, "Uid").StartsWith('0'), "this takes root");
        Assert.SkipUnless(Shell.StatusField(Environment.ProcessId, "CapEff") is var held && (Convert.ToUInt64(held, 16) >> 21 & 1) != 0, "this takes CAP_SYS_ADMIN");
        Assert.SkipUnless(
            File.ReadAllText("/proc/self/uid_map").Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["0", "0", ..], "this takes the initial user namespace");
    }

    public static string Writable(string path, string what)
    {
        Assert.SkipUnless(File.Exists(path) || Directory.Exists(path), $"{path} is not there: {what}");
        return path;
    }
}
