"""Time zones (Zeitzonen) in settings: in which of them a tool's moments become days."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator


def _known(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name!r} is no time zone; write Europe/Berlin") from None
    return name


# An IANA name, as Europe/Berlin.
TimeZone = Annotated[str, AfterValidator(_known)]
