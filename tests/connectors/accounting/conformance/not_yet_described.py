"""Tools that have no ``given_<tool>.py`` yet: the one place where the suite leaves a tool out. Empty it."""

from __future__ import annotations

from typing import Final

NOT_YET_DESCRIBED: Final[frozenset[str]] = frozenset()
