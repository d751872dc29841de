"""A table of the law as CSV text (Gesetzestabelle): its rows, and the checksum that tells a spoiled file."""

from __future__ import annotations

import hashlib
import re
from typing import Final

_CHECKSUM: Final = re.compile(r"^# sha256 of the rows: ([0-9a-f]{64})\s*$", re.MULTILINE)


def rows_of(text: str) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Give the rows with their line numbers: comment lines start with #, columns are parted by commas."""
    return tuple(
        (number, tuple(cell.strip() for cell in line.split(",")))
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.startswith("#")
    )


def checksum(text: str) -> str:
    """Compute the checksum of the rows; comments, empty lines and blanks at the ends do not count."""
    rows = "\n".join(",".join(row) for _, row in rows_of(text))
    return hashlib.sha256(rows.encode()).hexdigest()


def verify_checksum(text: str) -> None:
    """Raise ValueError where the text states a checksum that its rows do not have; a text without one passes."""
    stated = _CHECKSUM.search(text)
    if stated and stated[1] != checksum(text):
        raise ValueError(
            f"the rows were changed since the table was made: their checksum is {checksum(text)}, and the file says "
            f"{stated[1]}; restore the file, and put rows of your own into a file of your own"
        )
