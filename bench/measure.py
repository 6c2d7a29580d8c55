"""What the benchmarks share: starting a specimen, and running a tool while measuring it."""

import os
import pathlib
import platform
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BLINDSPOT = ROOT / "artifacts" / "blindspot"
TIERS = ("watch", "proc", "stop")


def say(text):
    print(text, file=sys.stderr, flush=True)


def fail(text):
    say(text)
    sys.exit(2)


class Specimen:
    """A specimen that has reached its shape; ends with the block."""

    def __init__(self, name, go, kind, arguments=()):
        built = subprocess.run([ROOT / "specimens" / "build", name, "--go", go, "--kind", kind], stdout=subprocess.PIPE, text=True)
        if built.returncode != 0:
            fail(f"specimen {name} could not be built")
        self.binary = built.stdout.strip()
        self.process = subprocess.Popen([self.binary, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid
        if self.process.stdout.readline().strip() != "ready":
            fail(f"specimen {name} did not become ready")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def is_alive(self):
        return self.process.poll() is None

    def stall(self):
        """The longest stall in ms that the specimen has seen in C and in Go since it was asked last."""
        os.kill(self.pid, signal.SIGUSR2)
        words = self.process.stdout.readline().replace("=", " ").split()
        return max(int(words[words.index("c") + 1]), int(words[words.index("go") + 1])) / 1000


class Run:
    """One run of a tool: wall seconds, peak resident MiB of the tool and what it started, output, exit code."""

    def __init__(self, command, timeout, stdin=""):
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as source:
            source.write(stdin.encode())
            source.seek(0)
            started = time.perf_counter()
            # time(1) tells the peak of the tool alone; our own child would begin with the peak of this process.
            peak = tempfile.NamedTemporaryFile(mode="r")
            timed = ["/usr/bin/time", "--quiet", "-f", "%M", "-o", peak.name, *command]
            process = subprocess.Popen(timed, stdin=source, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
            self.timed_out = False
            while True:
                pid, status, _ = os.wait4(process.pid, os.WNOHANG)
                self.seconds = time.perf_counter() - started
                if pid != 0:
                    break
                if self.seconds > timeout:
                    self.timed_out = True
                    os.killpg(process.pid, signal.SIGTERM)
                    time.sleep(5)
                    pid, status, _ = os.wait4(process.pid, os.WNOHANG)
                    if pid == 0:
                        os.killpg(process.pid, signal.SIGKILL)
                        pid, status, _ = os.wait4(process.pid, 0)
                    break
                time.sleep(0.002)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.code = process.returncode
            lines = peak.read().split()
            self.peak = int(lines[-1]) / 1024 if lines and lines[-1].isdigit() else float("nan")
            output.seek(0)
            self.output = output.read().decode(errors="replace")


def version_of(*command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def machine():
    with open("/proc/cpuinfo") as cpuinfo:
        model = next((line.split(":")[1].strip() for line in cpuinfo if line.startswith("model name")), platform.machine())
    return f"{model}, {len(os.sched_getaffinity(0))} CPUs, Linux {platform.release()}, {time.strftime('%Y-%m-%d')}"


def table(rows):
    """Markdown; the first row is the head, columns but the first are aligned to the right."""
    print("| " + " | ".join(rows[0]) + " |")
    print("|" + "|".join([" --- "] + [" ---: "] * (len(rows[0]) - 1)) + "|")
    for row in rows[1:]:
        print("| " + " | ".join(row) + " |")
