"""Real statement files from many banks, where a collection of them is at hand (KONTORIST_CORPUS names its folder)."""

from __future__ import annotations

import csv
import os
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from connectors.bank.reading import Reading, read_statements
from ledger.errors import Unreadable

_FOLDER: Final = os.environ.get("KONTORIST_CORPUS", "")
__test__ = bool(_FOLDER)  # without a collection there is nothing to ask
_INDEX: Final = Path(_FOLDER) / "INDEX.tsv"

# Share of files that must be read with the right number of bookings, of those whose balances add up or that have
# none. What is missing are fragments, messages cut off, two currencies in one statement, and MT942 whose own sums
# contradict its bookings.
_MINIMUM: Final = {
    "camt.052": 1.0,
    "camt.053": 1.0,
    "camt.054": 1.0,
    "MT940": 0.93,
    "MT942": 0.6,
}


def _rows() -> list[dict[str, str]]:
    if not _FOLDER:
        return []
    with _INDEX.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file, delimiter="\t") if (_INDEX.parent / row["path"]).is_file()]


def _kind(row: dict[str, str]) -> str:
    return row["format_version"][:8]


def _bookings(reading: Reading) -> int:
    return sum(len({entry.booking_ref for entry in s.entries}) for s in reading.statements)


@pytest.mark.parametrize("kind", sorted({_kind(row) for row in _rows()}))
def test_real_files_are_read_with_every_booking(kind: str) -> None:
    counted: Counter[str] = Counter()
    for row in (row for row in _rows() if _kind(row) == kind):
        adds_up = row["balances_add_up"]
        try:
            reading = read_statements(_INDEX.parent / row["path"])
        except Unreadable:
            counted[f"refused {adds_up}"] += 1
            continue
        counted[f"read {adds_up}"] += 1
        # What is accepted is accepted whole: there is no third outcome.
        assert _bookings(reading) == int(row["entries"]), row["path"]
        entries = sum(len(s.entries) for s in reading.statements)
        kept_whole = any(f.code == "payments_do_not_add_up" for f in reading.findings)
        assert kept_whole or entries == int(row["transactions"]), row["path"]
    good = "yes" if kind in {"camt.053", "MT940"} else ""
    share = counted[f"read {good}"] / (counted[f"read {good}"] + counted[f"refused {good}"])
    assert share >= _MINIMUM[kind], counted
    if kind in {"camt.053", "MT940"}:  # the formats with balances
        assert counted["read no"] == 0, counted
