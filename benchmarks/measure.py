"""How a figure is taken: processor seconds, the best of several runs, in a process of its own."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure. ``floor`` is the same work done by the least code that could do it, in the same run."""

    what: str
    count: int
    unit: str
    cpu_seconds: float
    peak_megabytes: int
    floor: str = ""
    floor_seconds: float | None = None

    def line(self) -> str:
        """Write the figure as a row of the table in README.md."""
        rate = self.count / self.cpu_seconds
        ratio = f"{self.cpu_seconds / self.floor_seconds:.1f} × {self.floor}" if self.floor_seconds else "–"
        return (
            f"| {self.what} | {self.count:,} {self.unit} | {self.cpu_seconds:.2f} | {rate:,.0f} | {ratio} "
            f"| {self.peak_megabytes} |"
        )


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
