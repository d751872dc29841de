"""What was read in a text (Fundstelle): a document number, how it was written, and where it stands."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Form(StrEnum):
    """How much of a document number was written, the most first."""

    FULL = "full"  # every letter and digit
    DIGITS = "digits"  # the letters are lost, or others
    ZEROS_LOST = "zeros_lost"
    YEAR_CHANGED = "year_changed"  # 26-00471 for 2026-00471, or the reverse
    SWAPPED = "swapped"  # 471/2026
    LISTED = "listed"  # "RE-2026-0712, 713": completed from the number before it
    RANGE = "range"  # "RE-2026-0712 bis 0715": lies between two numbers
    GLUED = "glued"  # other digits follow directly
    RUNNING = "running"  # the running part alone
    DOUBTFUL = "doubtful"  # the digits are ours, and something speaks against it


COMPLETE: Final = frozenset({Form.FULL, Form.DIGITS, Form.ZEROS_LOST, Form.YEAR_CHANGED, Form.SWAPPED, Form.LISTED})


class Found(NamedTuple):
    """A place in a text that reads like a document number of ours; ``item_ids`` is empty for one we do not know."""

    text: str
    squeezed: str  # the number in full, as far as we know it
    form: Form
    item_ids: tuple[str, ...]
    span: tuple[int, int] | None
    doubt: str = ""  # what speaks against it


class Reading(NamedTuple):
    """Everything a text says: numbers of ours, numbers that look like ours, and every other number."""

    known: tuple[Found, ...]
    unknown: tuple[Found, ...]
    windows: Mapping[str, tuple[int, int]]  # squeezed run of words and numbers -> where it stands
    others: tuple[Found, ...] = ()  # about as long as ours; with a slip of the finger they may be ours


NOTHING_READ: Final = Reading((), (), MappingProxyType({}))
