"""The generated part of docs/benchmarks.md: every table, and the plots between them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.matching import tables
from benchmarks.matching.rivals import LEFT_OUT, RIVALS
from benchmarks.measure import HEADER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.matching.measures import Judged

PAGE: Final = Path(__file__).parents[2] / "docs" / "benchmarks.md"
PICTURES: Final = PAGE.parent / "pictures"

_BEGIN: Final = "<!-- begin of what `python -m benchmarks.matching --report` writes; do not edit -->"
_END: Final = "<!-- end of what `python -m benchmarks.matching --report` writes -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All decisions of one run, from which the page is made."""

    command: str
    seeds: range
    is_trial: bool  # companies that rules and weights were fitted on
    kinds: Mapping[str, Sequence[Judged]]  # by kind of company and history
    usual: str  # which of them is looked at in detail
    against: Mapping[str, Sequence[Judged]]  # incoming payments of the same companies; ours first, then each rival
    speed: Sequence[str]  # rows under the usual header


def write(report: Report, pictures: Mapping[str, Path], page: Path = PAGE) -> None:
    """Replace what stands between the two marks; everything around them is written by hand and stays."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"{page}: the marks are missing between which the figures stand: {_BEGIN} … {_END}")
    inside = "\n".join(_lines(report, {name: _link(path, page) for name, path in pictures.items()}))
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
    yield from _section("Speed and memory")
    yield HEADER
    yield from report.speed


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
