"""How fast matching is, and how much memory it needs, from ten thousand payments to a million.

python -m benchmarks.matching.speed             10,000 and 100,000 payments, and a few against a million open items;
                                                writes the section in docs/benchmarks.md
python -m benchmarks.matching.speed --million   a million payments too, which takes minutes
python -m benchmarks.matching.speed 200000      one size, printed only; --processes 1 to see what several gain
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.matching import page
from benchmarks.memory import PeakMemory
from night.processes import processes_for, share_for
from reconciliation.engine import reconcile_on
from reconciliation.index import build_index
from reconciliation.outcome import EntryState
from reconciliation.settings import MatchSettings
from tests.reconciliation.invented_books import OWN_ACCOUNT, Invented, invent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.finding import Finding
    from reconciliation.index import Index

_SIZES: Final = (10_000, 100_000)
_MILLION: Final = 1_000_000
_FEW: Final = 2_000
_MILLION_OPEN: Final = 1_125_000  # documents, a tenth of which are settled
_ITEMS_PER_PAYMENT: Final = 1.25  # a tenth is settled, and some payments take several: so no size runs out of items
_ASKED_ONE_BY_ONE: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one size cost, in a process of its own that had the books in memory already."""

    payments: int
    open_items: int
    processes: int
    index_seconds: float
    matching_seconds: float  # on the clock, from the index to the last outcome decided
    reading_seconds: float  # on the clock, from the first outcome read to the last, which unpacks them
    cpu_seconds: float  # of all processes and all of it, the index too
    peak_megabytes: int  # of all processes, the books and the outcomes too; what they share is counted once
    automatic: int
    one_entry_median_ms: float
    one_entry_p99_ms: float

    @property
    def wall_seconds(self) -> float:
        """Everything, on the clock."""
        return self.index_seconds + self.matching_seconds + self.reading_seconds


def measure(payments: int, items: int = 0, wished: int = 0) -> Measured:
    """Match so many payments against more open items, as a night does it, and then some of them one by one."""
    books = invent(2026, items or round(payments * _ITEMS_PER_PAYMENT), payments)
    findings: list[Finding] = []
    share = share_for(payments, wished, findings)  # before there is another thread
    used = 1 if share is None else processes_for(wished)
    cpu, begin = _all_cpu_seconds(), time.perf_counter()
    with PeakMemory() as memory:
        index = _index(books)
        filed = time.perf_counter()
        outcomes = reconcile_on(index, books.entries, share=share)
        matched = time.perf_counter()
        automatic = sum(outcome.state is EntryState.AUTO for outcome in outcomes)
        read = time.perf_counter()
        seconds = _all_cpu_seconds() - cpu
    assert not findings, findings
    alone = _one_by_one(index, books)
    return Measured(
        payments=payments,
        open_items=sum(1 for item in books.items if item.open_amount),
        processes=used,
        index_seconds=filed - begin,
        matching_seconds=matched - filed,
        reading_seconds=read - matched,
        cpu_seconds=seconds,
        peak_megabytes=memory.megabytes,
        automatic=automatic,
        one_entry_median_ms=alone[len(alone) // 2] * 1_000,
        one_entry_p99_ms=alone[len(alone) * 99 // 100] * 1_000,
    )


def _index(books: Invented) -> Index:
    return build_index(
        items=books.items,
        debtors=books.debtors,
        known_payers=(),
        past=(),
        settings=MatchSettings(),
        own_accounts=frozenset({OWN_ACCOUNT}),
    )


def _one_by_one(index: Index, books: Invented) -> list[float]:
    """Ask about single payments, as the desk does, and give the seconds, sorted."""
    step = max(1, len(books.entries) // _ASKED_ONE_BY_ONE)
    took = []
    for entry in books.entries[::step]:
        begin = time.perf_counter()
        reconcile_on(index, [entry])
        took.append(time.perf_counter() - begin)
    return sorted(took)


def _all_cpu_seconds() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def measure_apart(payments: int, items: int = 0) -> Measured:
    """Measure in a process of its own, whose memory nothing else has used."""
    command = [sys.executable, "-m", "benchmarks.matching.speed", str(payments), "--items", str(items), "--json"]
    return Measured(**json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))


def section(measured: Sequence[Measured]) -> Iterator[str]:
    """Tell the measurements as a table; growth is the exponent with which processor time grows with the size."""
    yield (
        "| payments | open items | processes | seconds | payments/s | processor seconds | growth | filing items, s "
        "| peak memory, MB | one payment, median ms | 99 % within ms |"
    )
    yield "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for smaller, one in zip((None, *measured), measured, strict=False):
        yield (
            f"| {one.payments:,} | {one.open_items:,} | {one.processes} | {one.wall_seconds:.1f} "
            f"| {one.payments / one.wall_seconds:,.0f} | {one.cpu_seconds:.1f} | {_growth(smaller, one)} "
            f"| {one.index_seconds:.1f} | {one.peak_megabytes:,} "
            f"| {one.one_entry_median_ms:.2f} | {one.one_entry_p99_ms:.2f} |"
        )


def _growth(smaller: Measured | None, one: Measured) -> str:
    if smaller is None or smaller.payments > one.payments:
        return "–"
    return f"{math.log(one.cpu_seconds / smaller.cpu_seconds, one.payments / smaller.payments):.2f}"


def main() -> None:
    """Read the wishes from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching.speed")
    parser.add_argument("payments", type=int, nargs="?", help="one size, printed only")
    parser.add_argument("--items", type=int, default=0, help="documents; 0: a quarter more than payments")
    parser.add_argument("--processes", type=int, default=0, help="0: as many as there are cores")
    parser.add_argument("--million", action="store_true", help="a million payments too")
    parser.add_argument("--json", action="store_true", help="one size, for another program")
    wishes = parser.parse_args()
    if wishes.payments:
        one = measure(wishes.payments, wishes.items, wishes.processes)
        print(json.dumps(asdict(one)) if wishes.json else "\n".join(section([one])))
        return
    sizes = (*_SIZES, _MILLION) if wishes.million else _SIZES
    command = " ".join(("python -m benchmarks.matching.speed", *sys.argv[1:]))
    measured = [measure_apart(size) for size in sizes]
    if not wishes.million:  # then at least a few payments are asked about among as many items
        measured.append(measure_apart(_FEW, _MILLION_OPEN))
    page.write_speed(list(section(measured)), command)
    print(f"written: {page.PAGE}")


if __name__ == "__main__":
    main()
