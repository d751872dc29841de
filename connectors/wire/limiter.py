"""The limiter (Drossel): how fast one credential may be used, by everybody together who uses it."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many questions in so many seconds, spaced evenly; ``burst`` may come at once after a rest."""

    requests: float
    seconds: float
    burst: int = 1

    def __post_init__(self) -> None:
        if not (self.requests > 0 and self.seconds > 0 and self.burst > 0):
            raise ValueError(f"{self} lets nobody through")

    @property
    def interval(self) -> float:
        """Seconds between two questions."""
        return self.seconds / self.requests


class Limiter(Protocol):
    """Gives turns. One for all processes lives in the database; the local one serves a single process."""

    def turn(self, credential: str, rate: Rate) -> float:
        """Take the next turn and give the seconds to wait for it."""

    def pause(self, credential: str, seconds: float) -> None:
        """Give nobody a turn for so long: the tool asked for it."""


@dataclass
class LocalLimiter:
    """Turns of one process, by the generic cell rate algorithm (a virtual clock of the next free turn)."""

    _free_at: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def turn(self, credential: str, rate: Rate) -> float:
        """Take the next turn and give the seconds to wait for it."""
        with self._lock:
            wait, self._free_at[credential] = next_turn(self._free_at[credential], time.monotonic(), rate)
            return wait

    def pause(self, credential: str, seconds: float) -> None:
        """Give nobody a turn for so long."""
        with self._lock:
            self._free_at[credential] = max(self._free_at[credential], time.monotonic() + seconds)


def next_turn(free_at: float, now: float, rate: Rate) -> tuple[float, float]:
    """Give the seconds to wait, and when the turn after this one is free; ``free_at`` is the virtual clock so far."""
    rested = max(free_at, now - (rate.burst - 1) * rate.interval)
    return max(0.0, rested - now), rested + rate.interval
