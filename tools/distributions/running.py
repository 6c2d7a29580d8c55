"""A program of Debian while it runs: in its own root, and in a network of its own that leads nowhere."""

import os
import pathlib
import signal
import subprocess
import time

ENVIRONMENT = "/usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/work LC_ALL=C.UTF-8"

# Mounts end with their namespace. /work and the like are fresh each time, and /etc is copied so that the root stays as it was unpacked.
START = """
set -e
ip link set lo up
mount --rbind "$ROOT" "$ROOT"
for name in proc dev sys; do mount --rbind /$name "$ROOT/$name"; done
for name in tmp run work etc-copy; do mkdir -p "$ROOT/$name"; done
for name in tmp run work; do mount -t tmpfs none "$ROOT/$name"; done
mount -t tmpfs none "$ROOT/etc-copy"
cp -a "$ROOT/etc/." "$ROOT/etc-copy/"
mount --bind "$ROOT/etc-copy" "$ROOT/etc"
mkdir -p "$ROOT/var/lib" "$ROOT/var/log"
mount -t tmpfs none "$ROOT/var/log"
mkdir -p "$ROOT/work/lib"; cp -a "$ROOT/var/lib/." "$ROOT/work/lib/"; mount --bind "$ROOT/work/lib" "$ROOT/var/lib"
mkdir "$ROOT/run/old"
cd "$ROOT"
pivot_root . run/old
cd /work
exec {environment} sh -c "umount -l /run/old; $PREPARE
exec $COMMAND"
"""


class NotRunning(Exception):
    """It did not start, or ended; says what it wrote last."""


class Running:
    """A started program; ends with the block, and with it all that was started in it."""

    def __init__(self, program, root, log):
        self.program = program
        self.root = root
        self.log = pathlib.Path(log)
        self._load = None
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--net", "--propagation", "private", "sh", "-c", START.format(environment=ENVIRONMENT)],
                env=dict(os.environ, ROOT=str(root), PREPARE=program.prepare, COMMAND=program.command),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        self.pid = self.process.pid
        self._namespace = None

    def __enter__(self):
        try:
            self._wait_until_ready()
            if self.program.load:
                self._load = subprocess.Popen(
                    self._inside(f"while :; do {self.program.load}; done"),
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            return self
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        for process in (self._load, self.process):
            if process is not None:
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                process.wait()
        self._end_the_rest()

    def is_alive(self):
        return self.process.poll() is None

    def inside(self, command):
        """What a command in the program's root and network writes; None where it fails."""
        done = subprocess.run(self._inside(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=60)
        return done.stdout if done.returncode == 0 else None

    def stop_load(self):
        if self._load is not None:
            os.killpg(self._load.pid, signal.SIGKILL)
            self._load.wait()
            self._load = None
            time.sleep(1)

    def quit(self):
        """Ends it by SIGQUIT; what it wrote then."""
        before = self.log.stat().st_size
        os.kill(self.pid, signal.SIGQUIT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            pass
        return self.log.read_bytes()[before:].decode(errors="replace")

    def _inside(self, command):
        return ["nsenter", "--target", str(self.pid), "--mount", "--net", *ENVIRONMENT.split(), "sh", "-c", command]

    def _wait_until_ready(self):
        executable = self.program.command.split()[0]
        for _ in range(300):
            if not self.is_alive():
                break
            try:
                is_it = os.path.basename(os.readlink(f"/proc/{self.pid}/exe")) == executable
            except OSError:
                is_it = False
            if is_it:
                self._namespace = os.readlink(f"/proc/{self.pid}/ns/mnt")
            if is_it and self.inside(self.program.ready) is not None:
                time.sleep(1)
                return
            time.sleep(0.2)
        last = self.log.read_text(errors="replace").splitlines()[-5:]
        raise NotRunning(f"{self.program.name} did not start: {' / '.join(last)}")

    def _end_the_rest(self):
        """What the program started (agents, helpers of mounts) may have left its process group, but not its namespace."""
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if self._namespace and entry.name.isdigit() and os.readlink(entry / "ns" / "mnt") == self._namespace:
                    os.kill(int(entry.name), signal.SIGKILL)
            except OSError:
                pass
