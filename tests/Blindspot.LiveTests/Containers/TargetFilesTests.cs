using Blindspot.LiveTests.Support;
using Blindspot.LiveTests.Target;

namespace Blindspot.LiveTests.Containers;

/// <summary>Which files of a target are read: those that it has, by whatever name, and no others.</summary>
public sealed class TargetFilesTests
{
    private const string NoMapFiles = "setpriv --bounding-set=-sys_admin,-checkpoint_restore";

    private static StacksJson Look(string launcher, int pid)
    {
        string[] words = [.. launcher.Split(' ', StringSplitOptions.RemoveEmptyEntries), Repository.Executable, "stacks", $"{pid}", "--json"];
        return StacksJson.Of(ToolRun.Start(words[0], words[1..]), string.Join(' ', words));
    }

    private static string?[] Functions(StacksJson report) => [.. report.Threads[0].Stack.Frames.Select(frame => frame.Function)];

    [Theory]
    [InlineData("rm", "", true)]
    [InlineData("replace", "", true)]
    [InlineData("rm", NoMapFiles, false)]
    [InlineData("replace", NoMapFiles, false)]
    public void A_file_that_is_gone_or_another_is_read_through_map_files_alone(string change, string launcher, bool isNamed)
    {
        Needs.Root();
        string path = OpenCopies.Fresh(CProgram.Compile("registers"));
        using CProgram program = CProgram.StartFile(path, "0");
        File.Delete(path);
        if (change == "replace")
        {
            File.Copy(CProgram.Compile("shapes"), path);
        }

        StacksJson report = Look(launcher, program.Pid);
        Assert.Equal(isNamed, Functions(report).Contains("main"));
        Assert.Equal("", report.Incomplete);
        Assert.Equal(isNamed ? [] : ["mapped-file-unavailable", "file-missing"], report.GapKinds);
        Assert.True(isNamed || report.Gaps.Contains("was deleted or replaced since the target mapped it", StringComparison.Ordinal), report.Gaps);
        Assert.True(isNamed || report.Gaps.Contains("CAP_CHECKPOINT_RESTORE", StringComparison.Ordinal), report.Gaps);
    }

    [Theory]
    [InlineData("")]
    [InlineData(NoMapFiles)]
    public void A_name_that_ends_like_the_kernels_mark_for_deleted_files_is_a_name(string launcher)
    {
        Needs.Root();
        string path = OpenCopies.Fresh(CProgram.Compile("registers"));
        string odd = Path.Combine(Path.GetDirectoryName(path)!, "a \u001b[31mb\nc\" (deleted)");
        File.Move(path, odd);
        using CProgram program = CProgram.StartFile(odd, "0");
        StacksJson report = Look(launcher, program.Pid);
        Assert.Contains("main", Functions(report));
        Assert.Empty(report.Gaps);
        Assert.Equal(odd, report.Root.GetProperty("target").GetProperty("executable").GetString());
        string text = ToolRun.Blindspot("stacks", $"{program.Pid}", "--no-color").Output;
        Assert.DoesNotContain('\u001b', text);
        Assert.StartsWith(odd.Replace("\u001b", "\\x1b", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal) + " ", text);
    }

    [Theory]
    [InlineData("")]
    [InlineData(NoMapFiles)]
    public void In_a_chroot_the_kernel_tells_names_as_we_see_them(string launcher)
    {
        Needs.Root();
        string root = Directory.CreateTempSubdirectory("blindspot-test-").FullName;
        string path = Path.Combine(root, "registers");
        File.Copy(CProgram.Compile("registers", "-O1 -static -pthread -g"), path);
        using LaunchedTarget target = LaunchedTarget.Start("registers", "/usr/sbin/chroot", root, "/registers", "0");
        StacksJson report = Look(launcher, target.Pid);
        Assert.Contains("main", Functions(report));
        Assert.Empty(report.Gaps);
    }

    /// <summary>
    /// On btrfs maps tells another device than stat. Overlay file systems did, too, before Linux 6.8.
    /// </summary>
    [Theory]
    [InlineData("")]
    [InlineData(NoMapFiles)]
    public void On_a_file_system_that_has_two_numbers_for_a_device(string launcher)
    {
        Needs.Root();
        string make = Tests.ExternalTool.Find("mkfs.btrfs");
        string folder = Directory.CreateTempSubdirectory("blindspot-test-").FullName;
        string image = folder + ".image";
        using (FileStream file = File.Create(image))
        {
            file.SetLength(128 << 20);
        }

        Shell.Run(make, $"-q {image}");
        Assert.SkipUnless(ToolRun.Start("mount", ["-o", "loop", image, folder]).ExitCode == 0, "btrfs cannot be mounted here");
        try
        {
            string path = Path.Combine(folder, "registers");
            File.Copy(CProgram.Compile("registers"), path);
            using CProgram program = CProgram.StartFile(path, "0");
            string mapped = File.ReadLines($"/proc/{program.Pid}/maps").First().Split(' ')[3];
            Assert.NotEqual(mapped, Shell.Run("stat", $"-c %Hd:%Ld {path}").Trim());
            StacksJson report = Look(launcher, program.Pid);
            Assert.Contains("main", Functions(report));
            Assert.Empty(report.Gaps);
        }
        finally
        {
            Shell.Run("umount", $"--lazy {folder}");
            File.Delete(image);
        }
    }

    /// <summary>
    /// The program has its debug information in a file of its own, which a link in the container names by its absolute
    /// path; on the host that path holds something else, and one link leads out of the container by "..".
    /// </summary>
    [Theory]
    [InlineData("/debug/real", "/debug/real", true)]
    [InlineData("../../../../../../../../../debug/real", "/debug/real", true)]
    [InlineData("../../../../../../../../../../../../../../../../../../../../..$HOST", "", false)]
    [InlineData("/proc/1/cwd/../../../../../../..$HOST", "", false)]
    public void Debug_files_are_found_by_links_within_the_targets_root_and_not_outside(string link, string place, bool isFound)
    {
        string stripped = Split(out string debug, out string buildId);
        string folder = $"/usr/lib/debug/.build-id/{buildId[..2]}";
        string target = link.Replace("$HOST", debug, StringComparison.Ordinal);
        string prepare = $"mkdir -p /debug {folder}; {(place.Length > 0 ? $"cp /app/{Path.GetFileName(debug)} {place};" : "")} rm -rf /app/*.debug; rm -rf {Path.GetDirectoryName(debug)}; ln -s {target} {folder}/{buildId[2..]}.debug;";
        using Container container = Container.Start(stripped, prepare, debug);
        StacksJson report = Look("", container.Pid);
        Assert.Equal(isFound, report.Threads[0].Stack.Frames.Any(frame => frame.File?.EndsWith("registers.c", StringComparison.Ordinal) == true));
        Assert.Equal("complete", report.Threads[0].Stack.End);
    }

    private static string Split(out string debug, out string buildId)
    {
        string program = OpenCopies.Fresh(CProgram.Compile("registers", "-O1 -g -pthread -Wl,--build-id"));
        debug = Path.Combine(Directory.CreateTempSubdirectory("blindspot-debug-").FullName, "registers.debug");
        Shell.Run("objcopy", $"--only-keep-debug {program} {debug}");
        Shell.Run("strip", program);
        string notes = Shell.Run("readelf", $"-n {program}");
        int at = notes.IndexOf("Build ID: ", StringComparison.Ordinal) + "Build ID: ".Length;
        buildId = notes[at..(at + 40)];
        return program;
    }
}
