"""Fetching (Abholen): what every way of getting statements by wire shares, and what it says of what it got."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from connectors.wire.settings import Part


class FetchSettings(Part):
    """What the settings of every way have: its name, and the inbox that what it fetches is laid into."""

    kind: str
    name: str = Field(pattern=r"^[a-z0-9_-]{1,40}$")
    inbox: Path  # of one of the company's bank accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One file as it was when it was fetched: whatever differs is fetched again."""

    name: str  # as the other side calls it
    size_bytes: int
    modified_at: int  # seconds since 1970, by the clock of the other side
    sha256: str


# Told of each file as soon as it lies in the inbox, so that it is not fetched again.
Remember = Callable[[Fetched], None]
