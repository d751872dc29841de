"""A wrong byte anywhere in any of our samples: read or refused, and what is proven is what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from connectors.bank.format import Reading
from tests.fuzz.hostile_pieces import with_one_wrong_byte
from tests.fuzz.judge import TOLD, judged
from tests.fuzz.readers import FOUND, REJECTIONS, SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

_LARGEST: Final = 4_000  # bytes
PATHS: Final = sorted(
    path
    for folder in (SAMPLES / "bank", SAMPLES / "csv", FOUND)
    for path in folder.iterdir()
    if path.stat().st_size <= _LARGEST
)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_wrong_byte_in_a_sample(path: Path, tmp_path: Path) -> None:
    before = judged(path)
    for wrong in with_one_wrong_byte(path.read_bytes()):
        damaged = tmp_path / path.name
        damaged.write_bytes(wrong)
        _compare(before, judged(damaged))


def test_a_wrong_byte_in_a_list_of_rejections(tmp_path: Path) -> None:
    path = tmp_path / "status.xml"
    for wrong in with_one_wrong_byte(REJECTIONS.encode()):
        path.write_bytes(wrong)
        judged(path)


def _compare(before: object, after: object) -> None:
    """Of what has balances of its own (a CSV derives them from its rows), no cent may have changed."""
    if not isinstance(before, Reading) or not isinstance(after, Reading):
        return
    if any(finding.code in TOLD for finding in after.findings) or after.format.startswith("CSV"):
        return
    if all(statement.is_binding for statement in (*before.statements, *after.statements)):
        assert _moved(before) == _moved(after)


def _moved(reading: Reading) -> list[int]:
    return sorted(statement.movement().minor for statement in reading.statements)
