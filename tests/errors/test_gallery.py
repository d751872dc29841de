"""The gallery: one reproducer and one expected text for every message a person may have to read at night.

Each folder holds the files that go wrong, ``case.toml`` where more than a plain night happens, and ``expected.txt``:
the messages, the exit code, and what is left afterwards. ``pytest tests/errors --update-expected`` rewrites them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
CASES = sorted(path for path in HERE.iterdir() if path.is_dir() and not path.name.startswith(("_", ".")))


SLOW = {"statement_of_two_gigabytes"}  # reading two gigabytes, even of nothing, takes seconds


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=pytest.mark.slow if case.name in SLOW else (), id=case.name) for case in CASES],
)
def test_the_message_says_where_what_and_what_to_do_and_nothing_is_lost(
    case: Path, reproduced: Callable[[Path], str], request: pytest.FixtureRequest
) -> None:
    told = reproduced(case)
    expected = case / "expected.txt"
    if request.config.getoption("--update-expected", default=False):
        expected.write_text(told, encoding="utf-8")
    assert told == expected.read_text(encoding="utf-8")


def test_without_any_mistake_both_debtors_are_reminded(reproduced: Callable[[Path], str]) -> None:
    told = reproduced(HERE / "_office")
    assert "exit code    0" in told
    assert "written to   10001 reminder, 10002 reminder" in told
