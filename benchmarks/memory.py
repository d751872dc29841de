"""The memory (Arbeitsspeicher) of a process and of everything it started, watched from outside.

What several processes share is counted once: Linux tells of each its proportional share (PSS, see proc(5)).
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final, Self

_EVERY_SECONDS: Final = 0.25


class PeakMemory:
    """Knows, after a ``with`` block, the most megabytes that were held in it, helpers included."""

    megabytes = 0

    def __enter__(self) -> Self:
        # A process and not a thread: a thread would have to wait for what it watches.
        command = [sys.executable, "-m", "benchmarks.memory", str(os.getpid())]
        self._watcher = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        told, _nothing = self._watcher.communicate()  # closes its input, and so it ends
        self.megabytes = int(told)


def megabytes_of(pid: int, besides: int = 0) -> int:
    """Add up a process and everything it started; what ended meanwhile holds nothing."""
    return sum(_kilobytes(one) for one in _family(pid) if one != besides) // 1024


def _family(pid: int) -> list[int]:
    family = [pid]
    for one in family:  # grows while it is walked
        try:
            family += [int(child) for task in Path(f"/proc/{one}/task").iterdir() for child in _children(task)]
        except FileNotFoundError:
            continue
    return family


def _children(task: Path) -> list[str]:
    return (task / "children").read_text(encoding="ascii").split()


def _kilobytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _watch(pid: int) -> int:
    """Look again and again until nobody holds our input any more."""
    ended = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    peak = 0
    while not ended.wait(_EVERY_SECONDS):
        peak = max(peak, megabytes_of(pid, besides=os.getpid()))
    return max(peak, megabytes_of(pid, besides=os.getpid()))


if __name__ == "__main__":
    print(_watch(int(sys.argv[1])))
