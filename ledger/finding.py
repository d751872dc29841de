"""A finding (Feststellung): something wrong with the data, told with place and remedy, never thrown away."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters tomorrow morning."""

    NOTE = "note"  # good to know; nothing waits for it
    WARNING = "warning"  # a person should look; the rest went on
    ERROR = "error"  # something was set aside, and what depends on it waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found in somebody's data, where, and what to do about it.

    It travels beside the result, to the report and to the review desk. ``code`` is stable and machine-readable.
    """

    code: str
    place: str  # file, line and column, or path in the document
    what: str
    what_to_do: str
    severity: Severity = Severity.WARNING
    excerpt: str = ""  # what was actually read, for the eye

    def __str__(self) -> str:
        lines = [f"{self.place}: {self.what}"]
        if self.excerpt:
            lines.append(f"    {self.excerpt}")
        lines.append(f"    {self.what_to_do}")
        return "\n".join(lines)
