"""Dunning blocks (Mahnsperren) of DATEV, for good or until a day: whether one holds."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def is_blocked(posting: Mapping[str, Any], today: date | None) -> bool:
    """Whether a posting must not be dunned, for good or until a day; what cannot be read counts as blocked."""
    return posting.get("has_dunning_block") not in (None, False) or lasts(posting.get("temp_dunning_block"), today)


def lasts(until: object, today: date | None) -> bool:
    """Whether a passing block (temporäre Mahnsperre) holds, its last day included; where no clock tells, it does."""
    if not until:
        return False
    try:
        last = date.fromisoformat(str(until)[:10])
    except ValueError:
        return True  # of a block whose end cannot be read nobody knows that it is over
    return today is None or today <= last
