"""A whole night of the demo company, from the first file to the report, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Figure
from demo.company import write_demo

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = Path(__file__).resolve().parent.parent


def figures() -> Iterator[Figure]:
    """Measure the first night, and a second one that has nothing left to do."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "demo"
        summary = write_demo(folder)
        for what in ("first night of the demo company", "second night, nothing new"):
            seconds, megabytes = _run(folder)
            yield Figure(
                what=what,
                count=summary.payments,
                unit="entries",
                cpu_seconds=seconds,
                peak_megabytes=megabytes,
            )


def _run(folder: Path) -> tuple[float, int]:
    command = [
        sys.executable, "run_sync.py", "night", "--as-of", "2026-07-01", "--json",
        "--config", str(folder / "kontorist.toml"),
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) in {0, 1}, status
    process.returncode = 0
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024
