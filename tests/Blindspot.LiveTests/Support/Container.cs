using Blindspot.LiveTests.Target;

namespace Blindspot.LiveTests.Support;

/// <summary>
/// A program in mount and PID namespaces of its own, as container engines make them: its root an overlay file system,
/// the host's out of reach, and its files at /app, which the host does not have.
/// </summary>
internal sealed class Container : IDisposable
{
    private const string Enter =
        """
        set -e
        base=$1 prepare=$2; shift 2
        mount --make-rprivate /
        mount -t tmpfs none "$base"
        mkdir "$base/upper" "$base/work" "$base/root"
        mount -t overlay overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" "$base/root"
        mkdir "$base/root/app" "$base/root/old"
        cp $FILES "$base/root/app"
        mount -t proc proc "$base/root/proc"
        cd "$base/root"
        pivot_root . old
        umount -l old
        exec chroot . sh -c "$prepare"' exec "$@"' sh "$@"
        """;

    private readonly string _base;
    private readonly LaunchedTarget _target;

    private Container(string folder, LaunchedTarget target)
    {
        _base = folder;
        _target = target;
    }

    public int Pid => _target.Pid;

    public bool IsRunning => _target.IsRunning;

    /// <param name="program">Copied to /app and started there.</param>
    /// <param name="prepare">Commands that are run inside before; with a ; at their end.</param>
    /// <param name="files">Further files for /app.</param>
    public static Container Start(string program, string prepare = "", params string[] files)
    {
        Needs.Root();
        string folder = Directory.CreateTempSubdirectory("blindspot-test-").FullName;
        string name = Path.GetFileName(program);
        return new Container(folder, LaunchedTarget.Start(
            name,
            "env", $"FILES={string.Join(' ', [program, Repository.Executable, .. files])}",
            "unshare", "--mount", "--pid", "--fork", "--kill-child",
            "sh", "-c", Enter, "sh", folder, prepare, "/app/" + name));
    }

    /// <summary>Runs Blindspot inside, in the namespaces that are named ("--mount --pid").</summary>
    public ToolRun RunInside(string namespaces, params string[] arguments) =>
        ToolRun.Start("nsenter", ["--target", $"{Pid}", .. namespaces.Split(' '), "/app/blindspot", .. arguments]);

    public void Dispose()
    {
        _target.Dispose();
        Directory.Delete(_base);
    }
}
