"""Programs of Debian, unpacked with all that they depend on into a root of their own. Nothing is installed."""

import os
import pathlib
import shutil
import subprocess
import tempfile

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "blindspot" / "distributions"

# What the shell lines of programs.py use.
BASE = ("dash", "coreutils", "grep", "sed", "mount")

CONFIGURATION = """
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "{folder}/empty";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "{folder}/empty";
Dir::State "{folder}/state";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Acquire::Languages "none";
Acquire::Retries "2";
APT::Architecture "amd64";
APT::Architectures {{ "amd64"; }};
APT::Install-Recommends "false";
APT::Sandbox::User "";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"""


class Unavailable(Exception):
    """A package cannot be had here; says why."""


def _run(what, *command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise Unavailable(f"{what}: {' '.join(done.stdout.split()[-30:])}")
    return done.stdout


def _mirror():
    """The mirror that the machine uses already."""
    listing = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)", "Created-By: Packages"], stdout=subprocess.PIPE, text=True
    ).stdout
    for line in listing.splitlines():
        release, _, uri = line.partition(" ")
        if release in ("bookworm", "trixie", "forky", "sid", "stable", "testing"):
            return uri
    return "http://deb.debian.org/debian/"


def _apt(suite):
    """An APT that knows one suite, and no installed package, so that it brings everything."""
    folder = CACHE / f"apt-{suite}"
    configuration = folder / "apt.conf"
    if not (folder / "ready").exists():
        for name in ("state/lists/partial", "cache/archives/partial", "empty"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "status").touch()
        keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
        (folder / "sources.list").write_text(f"deb [arch=amd64 signed-by={keyring}] {_mirror()} {suite} main\n")
        configuration.write_text(CONFIGURATION.format(folder=folder))
        _run(f"the package list of {suite}", "apt-get", "-c", str(configuration), "update")
        (folder / "ready").touch()
    return folder, configuration


def root_of(suite, package, *further):
    """The root that the package was unpacked into, unpacking it first where it is missing."""
    root = CACHE / f"{package}-{suite}"
    if root.exists():
        return root
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise Unavailable("fetching Debian's packages takes apt-get and dpkg-deb")
    CACHE.mkdir(parents=True, exist_ok=True)
    folder, configuration = _apt(suite)
    archives = folder / "cache" / "archives"
    for old in archives.glob("*.deb"):
        old.unlink()
    _run(f"{package} of {suite}", "apt-get", "-c", str(configuration), "install", "--yes", "--download-only", package, *further, *BASE)
    work = pathlib.Path(tempfile.mkdtemp(prefix=".unpack-", dir=CACHE))
    try:
        # Directories that merged systems have below /usr alone; packages may know them by their old names.
        for name in ("bin", "sbin", "lib", "lib64"):
            (work / "usr" / name).mkdir(parents=True, exist_ok=True)
            (work / name).symlink_to(f"usr/{name}")
        for archive in sorted(archives.glob("*.deb")):
            tar = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE)
            done = subprocess.run(["tar", "-C", str(work), "-x", "--keep-directory-symlink"], stdin=tar.stdout, stderr=subprocess.PIPE, text=True)
            if tar.wait() != 0 or done.returncode != 0:
                raise Unavailable(f"{archive.name} could not be unpacked: {done.stderr[-200:]}")
            archive.unlink()
        for name in ("proc", "dev", "sys", "tmp", "run", "work"):
            (work / name).mkdir(exist_ok=True)
        (work / "etc").mkdir(exist_ok=True)
        (work / "etc" / "passwd").write_text("root:x:0:0:root:/work:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n")
        (work / "etc" / "group").write_text("root:x:0:\nnogroup:x:65534:\n")
        (work / "etc" / "hosts").write_text("127.0.0.1 localhost\n")
        work.chmod(0o755)
        work.rename(root)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return root


def version_of(root, package):
    """The package's version by its change log's name in the file system; unknown where it does not tell."""
    changes = next((root / "usr/share/doc" / package).glob("changelog.Debian*.gz"), None)
    if changes is None:
        return "?"
    import gzip

    with gzip.open(changes, "rt", errors="replace") as file:
        words = file.readline().split()
    return words[1].strip("()") if len(words) > 1 else "?"
