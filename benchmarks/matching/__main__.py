"""Measures the matching on companies nothing was fitted on, or shows what went wrong on one that may be looked at.

python -m benchmarks.matching                              tables of the test seeds
python -m benchmarks.matching --report                     docs/benchmarks.md: the tables, rivals and plots
python -m benchmarks.matching --seed 1003 --wrong          wrong automatic bookings of one company, with reasons
python -m benchmarks.matching --seed 1003 --review         bookable payments that wait, grouped by reason
python -m benchmarks.matching --seed 1003 --profile dirty  tables of one company
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks.matching import page, tables
from benchmarks.matching.books import invent, month_of
from benchmarks.matching.measures import judge
from benchmarks.matching.profiles import PROFILES
from benchmarks.matching.replay import replay
from benchmarks.matching.rivals import RIVALS
from benchmarks.matching.rivals.playing import play_rivals
from benchmarks.matching.seeds import FIT_SEEDS, TEST_SEEDS
from reconciliation.settings import MatchSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.matching.books import Books
    from benchmarks.matching.measures import Judged
    from benchmarks.matching.replay import Played

_HISTORIES: Final = (0, 3, 12)
_USUAL: Final = f"default, {_HISTORIES[-1]} months of history"
_OURS: Final = "Kontorist"


class Run(NamedTuple):
    """One company to be played: its kind, its seed, and how many months of bookings are remembered at the start."""

    profile: str
    seed: int
    history_months: int


def play(run: Run, items: int | None = None) -> Played:
    """Invent a company and play its last third."""
    books = _books(run, items)
    start = month_of(books, books.profile.months * 2 // 3)
    return replay(books, settings=MatchSettings(), start=start, history_months=run.history_months)


def _books(run: Run, items: int | None) -> Books:
    profile = PROFILES[run.profile]
    return invent(profile.sized(items) if items else profile, run.seed)


def _judged(run: Run, items: int | None) -> tuple[Judged, ...]:
    return judge(play(run, items))


def _judged_rivals(run: Run, items: int | None) -> dict[str, tuple[Judged, ...]]:
    """Let every rival play the same months of the same company."""
    books = _books(run, items)
    start = month_of(books, books.profile.months * 2 // 3)
    played = play_rivals(books, RIVALS, start=start, history_months=run.history_months)
    return {name: judge(one) for name, one in played.items()}


def _runs(seeds: range) -> dict[str, list[Run]]:
    """Give the default kind with three lengths of history, and every other kind with a third of the companies."""
    runs = {
        f"default, {months} months of history": [Run("default", seed, months) for seed in seeds]
        for months in _HISTORIES
    }
    fewer = seeds[: max(1, len(seeds) // 3)]
    for name, profile in PROFILES.items():
        if name != "default":
            runs[name] = [Run(name, seed, profile.history_months) for seed in fewer]
    return runs


def _played_kinds(seeds: range, items: int | None) -> dict[str, list[list[Judged]]]:
    """Play every kind of company, and give the decisions of each company apart."""
    runs = _runs(seeds)
    every = [(run, items) for of_kind in runs.values() for run in of_kind]
    with ProcessPoolExecutor(os.cpu_count()) as processes:
        found = dict(zip((run for run, _ in every), processes.map(_judged, *zip(*every, strict=True)), strict=True))
    return {name: [list(found[run]) for run in of_kind] for name, of_kind in runs.items()}


def _print_tables(seeds: range, items: int | None) -> None:
    kinds = _together(_played_kinds(seeds, items))
    print(*tables.overview(kinds), sep="\n")
    print()
    print(*tables.details(kinds[_USUAL]), sep="\n")


def _write_page(seeds: range, items: int | None) -> None:
    """Play everything, ours and rivals, and make the page anew."""
    plots = import_module("benchmarks.matching.plots")  # needs Matplotlib, which nothing else does
    kinds = _played_kinds(seeds, items)
    usual = _runs(seeds)[_USUAL]
    with ProcessPoolExecutor(os.cpu_count()) as processes:
        rivals = list(processes.map(_judged_rivals, usual, [items] * len(usual)))
    against = _against(kinds[_USUAL], rivals)
    report = page.Report(
        command=" ".join(("python -m benchmarks.matching", *sys.argv[1:])),
        seeds=seeds,
        is_trial=seeds[0] not in TEST_SEEDS,
        kinds=_together(kinds),
        usual=_USUAL,
        against=against,
    )
    page.write(report, plots.draw_all(report.kinds[_USUAL], against, page.PICTURES))
    print(f"written: {page.PAGE}")


def _together(kinds: Mapping[str, Sequence[Sequence[Judged]]]) -> dict[str, list[Judged]]:
    return {name: [j for company in companies for j in company] for name, companies in kinds.items()}


def _against(
    ours: Sequence[Sequence[Judged]], rivals: Sequence[Mapping[str, Sequence[Judged]]]
) -> dict[str, list[Judged]]:
    """Put our decisions beside those of the rivals, on the payments that rivals are asked about."""
    against: dict[str, list[Judged]] = {_OURS: [], **{rival.name: [] for rival in RIVALS}}
    for of_ours, of_rivals in zip(ours, rivals, strict=True):
        asked = {j.entry_id for judged in of_rivals.values() for j in judged}
        against[_OURS] += [j for j in of_ours if j.entry_id in asked]
        for name, judged in of_rivals.items():
            against[name] += judged
    return against


def main() -> None:
    """Read the wishes from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching")
    parser.add_argument("--seed", type=int, help="one company instead of the test seeds")
    parser.add_argument("--profile", choices=list(PROFILES), default="default")
    parser.add_argument("--wrong", action="store_true", help="list the wrong automatic bookings")
    parser.add_argument("--review", action="store_true", help="list the bookable payments that wait")
    parser.add_argument("--history", type=int, help="months of bookings remembered when the judged months begin")
    parser.add_argument("--items", type=int, help="documents per company")
    parser.add_argument("--companies", type=int, default=9, help="how many of the usual kind")
    parser.add_argument("--fit-seeds", action="store_true", help="companies that may be looked at, for trying")
    parser.add_argument("--report", action="store_true", help="write docs/benchmarks.md and its plots")
    wishes = parser.parse_args()
    if wishes.seed is None:
        seeds = (FIT_SEEDS if wishes.fit_seeds else TEST_SEEDS)[: wishes.companies]
        (_write_page if wishes.report else _print_tables)(seeds, wishes.items)
        return
    if wishes.seed in TEST_SEEDS:
        parser.error(
            f"{wishes.seed} is a test seed: nobody looks at one of its companies; take {FIT_SEEDS[0]} or later"
        )
    history = PROFILES[wishes.profile].history_months if wishes.history is None else wishes.history
    played = play(Run(wishes.profile, wishes.seed, history), wishes.items)
    lines = tables.wrong(played) if wishes.wrong else tables.review(played) if wishes.review else _tables_of(played)
    print(*lines, sep="\n")


def _tables_of(played: Played) -> Iterator[str]:
    judged = judge(played)
    yield from tables.overview({f"{played.books.profile.name} {played.books.seed}": judged})
    yield ""
    yield from tables.details(judged)


if __name__ == "__main__":
    main()
