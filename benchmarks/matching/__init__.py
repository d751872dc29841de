"""How well payments are matched: invented companies with the truth beside every payment; and how fast it goes."""

from __future__ import annotations

from benchmarks.matching.figures import figures

__all__ = ["figures"]
