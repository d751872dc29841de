"""The plots: the same figures give the same bytes, and every word in them can be read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from benchmarks.matching.measures import Judged, Verdict

pytest.importorskip("matplotlib")

from benchmarks.matching import plots

if TYPE_CHECKING:
    from pathlib import Path

_RIGHT = Judged(
    entry_id="e",
    payment_class="separators_lost",
    modifiers=(),
    is_ours=True,
    bookable=True,
    verdict=Verdict.RIGHT,
    rank=1,
    probability=0.99,
    reasons=(),
)
_WRONG = replace(_RIGHT, verdict=Verdict.WRONG_ITEM, rank=None, payment_class="typo", probability=0.62)
_WAITS = replace(_RIGHT, verdict=Verdict.WAITS, rank=2, payment_class="range", probability=0.3)
_NOBODY = replace(
    _RIGHT, verdict=Verdict.WAITS, rank=None, payment_class="duplicate", bookable=False, probability=None
)
_OURS = [_RIGHT] * 90 + [_WRONG] + [_WAITS] * 5 + [_NOBODY] * 2
_AGAINST = {"Kontorist": _OURS, "token rule": [_RIGHT] * 50 + [_WRONG] * 9, "says nothing": [_WAITS] * 9}


def _drawn(folder: Path) -> dict[str, str]:
    return {name: path.read_text(encoding="utf-8") for name, path in plots.draw_all(_OURS, _AGAINST, folder).items()}


def test_the_same_figures_give_the_same_bytes(tmp_path: Path) -> None:
    assert _drawn(tmp_path / "once") == _drawn(tmp_path / "again")


def test_no_plot_tells_the_day_it_was_made_or_by_which_version(tmp_path: Path) -> None:
    for text in _drawn(tmp_path).values():
        assert "dc:date" not in text
        assert "Matplotlib v" not in text


def test_words_are_text_and_name_every_method_and_class(tmp_path: Path) -> None:
    drawn = _drawn(tmp_path)
    assert all(f">{name}<" in drawn["thresholds"] for name in ("token rule", "says nothing", "Kontorist, as it is"))
    assert ">separators lost (90)<" in drawn["classes"]
    assert ">stated probability<" in drawn["reliability"]


def test_a_class_of_which_nothing_is_bookable_has_no_bar(tmp_path: Path) -> None:
    assert "duplicate" not in _drawn(tmp_path)["classes"]


def test_there_are_plots_even_where_nothing_was_decided(tmp_path: Path) -> None:
    drawn = plots.draw_all([_NOBODY], {"Kontorist": [_NOBODY]}, tmp_path)
    assert all(path.stat().st_size for path in drawn.values())
