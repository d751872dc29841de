"""File names (Dateinamen) made of numbers and names from outside: safe on every file system, never a path."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from ledger.errors import Refused

_FORBIDDEN: Final = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\s]+')
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)  # Windows
_MOST_BYTES: Final = 200  # file systems allow 255; the rest is room for a temporary suffix


def safe_file_name(name: str) -> str:
    """Replace what could leave the folder or trouble a file system; raise Refused when nothing is left."""
    squeezed = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", name)).strip("._ ")
    if not squeezed.strip("_"):
        raise Refused(f"{name!r} is no file name; give the document a number with letters or digits")
    guarded = f"_{squeezed}" if _DEVICES.match(squeezed) else squeezed
    stem, dot, suffix = guarded.rpartition(".")
    if not dot or len(suffix) > 8:
        stem, dot, suffix = guarded, "", ""
    room = _MOST_BYTES - len((dot + suffix).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + suffix
