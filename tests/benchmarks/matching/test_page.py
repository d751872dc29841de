"""The page of figures: what is generated replaces what was generated, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.matching import page
from benchmarks.matching.measures import Judged, Verdict
from benchmarks.matching.rivals import RIVALS
from benchmarks.matching.seeds import FIT_SEEDS, TEST_SEEDS

if TYPE_CHECKING:
    from pathlib import Path

_JUDGED = Judged(
    entry_id="e",
    payment_class="separators_lost",
    modifiers=("mt940",),
    is_ours=True,
    bookable=True,
    verdict=Verdict.RIGHT,
    rank=1,
    probability=0.99,
    reasons=(),
)


def _report(seeds: range) -> page.Report:
    return page.Report(
        command="python -m benchmarks.matching --report",
        seeds=seeds,
        is_trial=seeds[0] not in TEST_SEEDS,
        kinds={"default": [_JUDGED]},
        usual="default",
        against={"Kontorist": [_JUDGED], "token rule": [_JUDGED]},
    )


def _written(tmp_path: Path, seeds: range, times: int = 1) -> str:
    written = tmp_path / "benchmarks.md"
    written.write_text(f"before\n\n{page._BEGIN}\nold figures\n{page._END}\n\nafter\n", encoding="utf-8")
    pictures = {name: tmp_path / "pictures" / f"{name}.svg" for name in ("thresholds", "reliability", "classes")}
    for _ in range(times):
        page.write(_report(seeds), pictures, written)
    return written.read_text(encoding="utf-8")


def test_prose_stays_and_old_figures_go(tmp_path: Path) -> None:
    text = _written(tmp_path, TEST_SEEDS[:9])
    assert text.startswith("before\n\n")
    assert text.endswith("\n\nafter\n")
    assert "old figures" not in text


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    assert _written(tmp_path, TEST_SEEDS[:9], times=2) == _written(tmp_path, TEST_SEEDS[:9])


def test_the_page_holds_every_table_plot_and_method(tmp_path: Path) -> None:
    text = _written(tmp_path, TEST_SEEDS[:9])
    for part in ("| separators lost |", "| mt940 |", "| token rule |", "Brier score"):
        assert part in text
    assert text.count("](pictures/") == 3
    assert all(f"| {rival.name} | {rival.how} |" in text for rival in RIVALS)


@pytest.mark.parametrize(("seeds", "says_trial"), [(TEST_SEEDS[:9], False), (FIT_SEEDS[:2], True)])
def test_a_trial_says_that_it_is_one(tmp_path: Path, seeds: range, says_trial: bool) -> None:
    assert ("not to be quoted" in _written(tmp_path, seeds)) is says_trial


def test_speed_is_measured_and_written_on_its_own(tmp_path: Path) -> None:
    written = tmp_path / "benchmarks.md"
    written.write_text(f"before\n{page._BEGIN_SPEED}\nold\n{page._END_SPEED}\nafter\n", encoding="utf-8")
    page.write_speed(["| payments |"], "make it", written)
    text = written.read_text(encoding="utf-8")
    assert "| payments |\n\nMade by `make it`" in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    lost = tmp_path / "benchmarks.md"
    lost.write_text("only prose", encoding="utf-8")
    with pytest.raises(ValueError, match="the marks are missing"):
        page.write(_report(TEST_SEEDS[:9]), {}, lost)
    assert lost.read_text(encoding="utf-8") == "only prose"


def test_the_page_of_the_documentation_has_the_marks() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert text.count(page._BEGIN) == text.count(page._END) == 1
    assert text.count(page._BEGIN_SPEED) == text.count(page._END_SPEED) == 1
