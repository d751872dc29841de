"""Rivals (Vergleichsverfahren): how others match payments, on the same books and the same nights."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from benchmarks.matching.rivals import exact, fuzzy, known_payer, splink_pairs, token_rule

_WRITTEN_HERE: Final = (exact.RIVAL, token_rule.RIVAL, known_payer.RIVAL, fuzzy.RIVAL)

SPLINK_IS_THERE: Final = find_spec("splink") is not None

RIVALS: Final = (*_WRITTEN_HERE, splink_pairs.RIVAL) if SPLINK_IS_THERE else _WRITTEN_HERE
LEFT_OUT: Final = () if SPLINK_IS_THERE else (splink_pairs.RIVAL,)
