"""The accountant's own table: the stages of every track once more, and the base rates, written down by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Rung:
    """A stage of a track, as an accountant's table has it."""

    name: str
    days_overdue: int
    after_previous: int
    minimum: int = 2000
    interest: bool = False
    demands: bool = True  # asks for payment, and so may cause default
    released: bool = False
    lump_sum: bool = False


def _ladder(*rungs: tuple[Any, ...], **names: bool) -> tuple[Rung, ...]:
    return tuple(Rung(*rung[:3], **(rung[3] if len(rung) > 3 else {})) for rung in rungs)


_HINT: Final = {"minimum": 500}
_CALL: Final = {"minimum": 500, "demands": False}
_WITH_INTEREST: Final = {"interest": True}
_FINAL: Final = {"interest": True, "lump_sum": True}
_RELEASED: Final = {**_FINAL, "released": True}
_AGENCY: Final = {"minimum": 5000, "interest": True, "demands": False, "released": True}

# The shortest days between two letters, and the rungs; the simulation asks for the lump sum in the last letter.
TRACKS: Final[dict[str, tuple[int, tuple[Rung, ...]]]] = {
    "standard": (
        7,
        _ladder(
            ("reminder", 7, 0, _HINT),
            ("call", 14, 7, _CALL),
            ("first_dunning", 21, 7),
            ("second_dunning", 35, 14, _WITH_INTEREST),
            ("final_notice", 49, 14, _FINAL),
            ("agency", 64, 15, _AGENCY),
        ),
    ),
    "strict": (
        7,
        _ladder(
            ("reminder", 3, 0, _HINT),
            ("first_dunning", 11, 8, _WITH_INTEREST),
            ("final_notice", 25, 14, _FINAL),
            ("agency", 40, 15, _AGENCY),
        ),
    ),
    "consumer": (
        10,
        _ladder(
            ("reminder", 7, 0, _HINT),
            ("first_dunning", 21, 14),
            ("second_dunning", 42, 21),
            ("final_notice", 63, 21, _FINAL),
            ("agency", 84, 21, _AGENCY),
        ),
    ),
    "public_body": (
        14,
        _ladder(
            ("reminder", 14, 0, _HINT),
            ("first_dunning", 35, 21),
            ("second_dunning", 56, 21, _WITH_INTEREST),
            ("final_notice", 77, 21, _RELEASED),
        ),
    ),
    "direct_debit": (
        7,
        _ladder(
            ("reminder", 5, 0, _HINT),
            ("call", 13, 8, _CALL),
            ("first_dunning", 21, 7),
            ("final_notice", 35, 14, _FINAL),
            ("agency", 50, 15, _AGENCY),
        ),
    ),
    "foreign": (
        14,
        _ladder(
            ("reminder", 10, 0, _HINT),
            ("first_dunning", 30, 20),
            ("second_dunning", 51, 21, _WITH_INTEREST),
            ("final_notice", 72, 21, _RELEASED),
            ("agency", 93, 21, _AGENCY),
        ),
    ),
}
# § 247 BGB; that of 2027 is an invention of the house.
BASE_RATES: Final = ((date(2025, 7, 1), "1.27"), (date(2026, 7, 1), "1.52"), (date(2027, 1, 1), "1.77"))


def demands_payment(stage: str) -> bool:
    """Whether a stage demands payment; that is the same on all tracks."""
    return next(rung.demands for _, ladder in TRACKS.values() for rung in ladder if rung.name == stage)
