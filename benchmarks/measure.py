"""How a figure is taken: processor seconds, the best of several runs, in a process of its own."""

from __future__ import annotations

import math
import resource
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER: Final = """\
| what | how much | seconds | per second | MB/s | against | growth | peak MB |
|---|---:|---:|---:|---:|---|---:|---:|"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure. ``floor`` is the same work done by the least code that could do it, in the same run."""

    what: str
    count: int
    unit: str
    cpu_seconds: float  # of one core; wall seconds where ``what`` says so
    peak_megabytes: int
    floor: str = ""
    floor_seconds: float | None = None
    bytes_read: int = 0
    smaller: Figure | None = None  # the same work on less, for the growth

    def line(self) -> str:
        """Write the figure as a row of the table in README.md."""
        rate = self.count / self.cpu_seconds
        ratio = self._against()
        speed = f"{self.bytes_read / self.cpu_seconds / 1e6:.1f}" if self.bytes_read else "–"
        return (
            f"| {self.what} | {self.count:,} {self.unit} | {self.cpu_seconds:.2f} | {rate:,.0f} | {speed} | {ratio} "
            f"| {self._growth()} | {self.peak_megabytes} |"
        )

    def _against(self) -> str:
        if not self.floor_seconds:
            return "–"
        ratio = self.cpu_seconds / self.floor_seconds
        return f"{ratio:.1f} × {self.floor}" if ratio >= 1 else f"{1 / ratio:.1f} times as fast as {self.floor}"

    def _growth(self) -> str:
        """Give the exponent with which time grows with size: 1 is in proportion, 2 is too much."""
        if self.smaller is None:
            return "–"
        return f"{math.log(self.cpu_seconds / self.smaller.cpu_seconds, self.count / self.smaller.count):.2f}"


def cpu_seconds(work: Callable[[], object], *, runs: int = 3) -> float:
    """Give the least processor time of several runs; other programs on the machine disturb that least."""
    best = float("inf")
    for _ in range(runs):
        begin = time.process_time()
        work()
        best = min(best, time.process_time() - begin)
    return best


def peak_megabytes() -> int:
    """Give the most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
