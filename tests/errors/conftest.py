"""The option that rewrites the expected texts of the gallery, and the office every reproducer starts from."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.errors.gallery import Reproducer, run

if TYPE_CHECKING:
    from collections.abc import Callable

OFFICE = Path(__file__).parent / "_office"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-expected", action="store_true", help="rewrite tests/errors/*/expected.txt")


@pytest.fixture(scope="session")
def yesterday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office after a good night on 30 June; tonight, 1 July, two debtors become due for a reminder."""
    folder = tmp_path_factory.mktemp("gallery") / "yesterday"
    shutil.copytree(OFFICE, folder)
    ended = run(folder, ["night", "--as-of", "2026-06-30", "--json"])
    assert ended.exit_code == 0, ended.stdout + ended.stderr
    return folder


@pytest.fixture
def reproduced(yesterday: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], str]:
    """Put a reproducer's files into a fresh office, let it happen, and tell what is said and what is left."""

    def reproduce(case: Path) -> str:
        return Reproducer.read(case).happen(yesterday, tmp_path / "office", monkeypatch)

    return reproduce
