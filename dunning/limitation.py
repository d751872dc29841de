"""Limitation (Verjährung): the last day on which a claim can still be enforced (§§ 195, 199 BGB)."""

from __future__ import annotations

from datetime import date


def limitation_end(due_date: date) -> date:
    """Give 31 December of the third year after the year in which the claim fell due.

    The due date as printed counts, not the one shifted under § 193 BGB: a shift over New Year would add a year.
    Suspension (§§ 203 ff. BGB) and acknowledgement (§ 212 BGB) only make it later, so this day is the safe one.
    """
    return date(due_date.year + 3, 12, 31)
