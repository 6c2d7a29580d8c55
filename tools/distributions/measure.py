"""What Blindspot sees of a program, counted."""

import dataclasses
import json
import pathlib
import subprocess

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
BLINDSPOT = REPOSITORY / "artifacts" / "blindspot"

WAYS = {"watch": [], "exact": ["--exact"], "proc": ["--how", "proc"], "stop": ["--how", "stop"]}


class Failed(Exception):
    """Blindspot could not do it; has its sentence."""


def stacks(target, *options):
    """The report, as JSON."""
    done = subprocess.run([BLINDSPOT, "stacks", str(target), "--json", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failed(done.stderr.strip())
    return json.loads(done.stdout)


@dataclasses.dataclass
class Tally:
    """Counts over one or more reports."""

    reports: int = 0
    tasks: int = 0
    threads: int = 0
    in_c: int = 0
    settled: int = 0
    settled_complete: int = 0
    moving: int = 0
    moving_complete: int = 0
    go_frames: int = 0
    go_named: int = 0
    go_placed: int = 0
    c_frames: int = 0
    c_named: int = 0
    gaps: dict = dataclasses.field(default_factory=dict)
    cut: dict = dataclasses.field(default_factory=dict)
    unnamed: dict = dataclasses.field(default_factory=dict)

    def add(self, report):
        self.reports += 1
        self.tasks += len(report["tasks"])
        self.threads += len(report["threads"])
        self.in_c += sum(task["inC"] for task in report["tasks"])
        for item in owners(report):
            stack = report["stacks"][item["stack"]]
            complete = stack["end"] == "complete"
            if item["consistency"] == "possibly-torn":
                self.moving += 1
                self.moving_complete += complete
            else:
                self.settled += 1
                self.settled_complete += complete
                if not complete:
                    self._count(self.cut, stack["end"])
            for index in stack["frames"]:
                self._add_frame(report["frames"][index], item["consistency"] != "possibly-torn")
        for gap in report["gaps"]:
            self._count(self.gaps, gap["kind"])

    def _add_frame(self, frame, settled):
        if not settled:
            return
        if frame["language"] == "go":
            self.go_frames += 1
            self.go_named += frame["function"] is not None
            self.go_placed += frame["file"] is not None and frame["line"] > 0
        else:
            self.c_frames += 1
            self.c_named += frame["function"] is not None
            if frame["function"] is None:
                self._count(self.unnamed, f"{frame['module']}")

    @staticmethod
    def _count(into, word):
        into[word] = into.get(word, 0) + 1


def owners(report):
    """What has a stack of its own: threads, and tasks that are on none."""
    on_thread = {thread["task"] for thread in report["threads"] if thread["task"] is not None}
    yield from (thread for thread in report["threads"] if thread["stack"] is not None)
    yield from (task for task in report["tasks"] if task["id"] not in on_thread and task["stack"] is not None)
