"""The rate of a day (Zinssatz): what a table that changes with the half-years and a flat rate have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol


class RateTable(Protocol):
    """A percent per year for every day that is known; it never changes, and is told apart by its hash."""

    def __hash__(self) -> int:
        """Tell tables apart, so that what was computed from one can be remembered."""

    @property
    def known_from(self) -> date:
        """The first day whose rate is known."""

    @property
    def known_until(self) -> date:
        """The last day whose rate is published; later days take the last one, provisionally."""

    def on(self, day: date) -> Decimal:
        """Give the percent of a day."""

    def next_change(self, day: date) -> date:
        """Give the first later day with a different rate; date.max where none is known."""


@dataclass(frozen=True, slots=True)
class FlatRate:
    """A percent per year that never changes: 5 % of § 352 HGB and Art. 104 OR, 4 % of § 246 BGB and § 1000 ABGB."""

    percent: Decimal

    @property
    def known_from(self) -> date:
        """Every day."""
        return date.min

    @property
    def known_until(self) -> date:
        """Every day; nothing is provisional."""
        return date.max

    def on(self, day: date) -> Decimal:
        """Give the percent."""
        return self.percent

    def next_change(self, day: date) -> date:
        """Give date.max: there is none."""
        return date.max


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How a claim bears interest: percentage points above a table, and the paragraph that says so."""

    points: Decimal = Decimal(0)
    table: RateTable
    law: str
