"""A ground of default and a deferral, noted on the terminal and told by the explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import structlog
from typer.testing import CliRunner

import run_sync
from tests.office import TestOffice

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def office(tmp_path: Path) -> TestOffice:
    """An office that reminded a debtor of one invoice."""
    office = TestOffice(folder=tmp_path / "office", database=f"sqlite:///{tmp_path / 'kontorist.db'}")
    office.debtor()
    office.item("RE-1", amount="1000.00", due="2026-05-04")
    office.statement("2026-05-11")
    office.night("2026-05-12")
    return office


def run(office: TestOffice, *words: str) -> tuple[int, str]:
    logging = structlog.get_config()
    try:
        result = CliRunner().invoke(run_sync.app, [*words, "--config", str(office.config())])
    finally:
        structlog.configure(**logging)
    return result.exit_code, " ".join(result.output.split())


def test_a_refusal_is_noted_and_explained_with_its_paragraph(office: TestOffice) -> None:
    refused = ("case", "note", "10001", "refused", "--document", "RE-1", "--on", "2026-05-13")
    assert run(office, *refused)[0] == 0
    _, told = run(office, "explain", "dunning", "--debtor", "10001", "--as-of", "2026-06-01")
    assert "refusal on 2026-05-13 (§ 286 Abs. 2 Nr. 3 BGB)" in told
    assert "since 2026-05-14 (refusal" in told


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("refused",), "refused: say with --on on which day that was"),
        (("refused", "--on", "gestern"), "--on: "),
        (("event", "--on", "2026-05-04"), "--days and --months are what was agreed after an event"),
        (("written_off", "--on", "2026-05-04"), "--on is the day of a ground of default"),
    ],
)
def test_what_is_incomplete_is_refused_in_words(office: TestOffice, words: tuple[str, ...], says: str) -> None:
    code, told = run(office, "case", "note", "10001", *words)
    assert code != 0
    assert says in told
