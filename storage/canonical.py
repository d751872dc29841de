"""JSON with exactly one way to write a value, so that equal decisions have equal hashes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def canonical(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """Write a value of texts, whole numbers, probabilities, lists and mappings; everything else is refused."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def parsed(text: str) -> Any:
    """Read back what ``canonical`` wrote."""
    return json.loads(text)
