"""The generated parts of docs/benchmarks.md: every table, and the plots between them."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.matching import tables
from benchmarks.matching.rivals import LEFT_OUT, RIVALS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from benchmarks.matching.measures import Judged

PAGE: Final = Path(__file__).parents[2] / "docs" / "benchmarks.md"
PICTURES: Final = PAGE.parent / "pictures"

_BEGIN: Final = "<!-- begin of what `python -m benchmarks.matching --report` writes; do not edit -->"
_END: Final = "<!-- end of what `python -m benchmarks.matching --report` writes -->"
_BEGIN_SPEED: Final = "<!-- begin of what `python -m benchmarks.matching.speed` writes; do not edit -->"
_END_SPEED: Final = "<!-- end of what `python -m benchmarks.matching.speed` writes -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All decisions of one run, from which the page is made."""

    command: str
    seeds: range
    is_trial: bool  # companies that rules and weights were fitted on
    kinds: Mapping[str, Sequence[Judged]]  # by kind of company and history
    usual: str  # which of them is looked at in detail
    against: Mapping[str, Sequence[Judged]]  # incoming payments of the same companies; ours first, then each rival


def write(report: Report, pictures: Mapping[str, Path], page: Path = PAGE) -> None:
    """Replace the tables and plots, and nothing else."""
    _replace(page, _BEGIN, _END, _lines(report, {name: _link(path, page) for name, path in pictures.items()}))


def write_speed(table: Iterable[str], command: str, page: Path = PAGE) -> None:
    """Replace the table of speed and memory, which is measured on its own, and nothing else."""
    taken = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    _replace(page, _BEGIN_SPEED, _END_SPEED, (*table, "", f"Made by `{command}` ({taken})."))


def _replace(page: Path, begin: str, end: str, lines: Iterable[str]) -> None:
    """Put lines between two marks; everything around them is written by hand, or by another command, and stays."""
    before, found_begin, rest = page.read_text(encoding="utf-8").partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise ValueError(f"{page}: the marks are missing between which the figures stand: {begin} … {end}")
    inside = "\n".join(lines)
    page.write_text(f"{before}{begin}\n\n{inside}\n\n{end}{after}", encoding="utf-8")


def _lines(report: Report, pictures: Mapping[str, str]) -> Iterator[str]:
    usual = report.kinds[report.usual]
    yield from _provenance(report)
    yield from _section("Against other methods")
    yield f"Incoming payments of the companies of the usual kind ({report.usual}); every method sees the same."
    yield ""
    yield from tables.overview(report.against, "method")
    yield ""
    for rival in LEFT_OUT:
        yield f"**{rival.name}** was left out: its package is not installed."
        yield ""
    yield f"![What is booked alone against what of it is wrong, for each method]({pictures['thresholds']})"
    yield from _section("The methods")
    yield "| method | what it does |"
    yield "| --- | --- |"
    yield from (f"| {rival.name} | {rival.how} |" for rival in (*RIVALS, *LEFT_OUT))
    yield from _section("Kinds of companies, and what is remembered")
    yield from tables.overview(report.kinds)
    yield from _section("By class of payment")
    yield f"![What of each class is booked alone, and what waits]({pictures['classes']})"
    yield ""
    yield from tables.classes(usual)
    yield from _section("By circumstance")
    yield from tables.modifiers(usual)
    yield from _section("What a stated probability means")
    yield f"![How often first proposals were right, by stated probability]({pictures['reliability']})"
    yield ""
    yield from tables.stated_and_true(usual)


def _provenance(report: Report) -> Iterator[str]:
    seeds = f"seeds {report.seeds[0]} to {report.seeds[-1]}"
    if report.is_trial:
        yield f"> **A trial, not to be quoted:** these companies ({seeds}) were used to make the rules better."
        yield ""
    else:
        yield f"Test {seeds}: nothing was fitted on these companies, and nobody has looked at one of their payments."
    yield f"{len(report.seeds)} companies are of the usual kind, a third as many, at least one, of each other kind."
    yield ""
    yield f"Made by `{report.command}`."


def _section(title: str) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""


def _link(picture: Path, page: Path) -> str:
    return picture.relative_to(page.parent).as_posix()
