"""An office for every story, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.office import TestOffice

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> TestOffice:
    """Give an office without items, debtors or statements."""
    return TestOffice(tmp_path / "office", database_url)
