"""Helpers for the tests of bank statements: sample files, and files written on the spot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from connectors.bank.reading import Reading, read_statements

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLES: Final = Path(__file__).parents[2] / "samples" / "bank"


@pytest.fixture
def sample() -> Callable[[str], Reading]:
    """Read a sample file by name."""
    return lambda name: read_statements(SAMPLES / name)


@pytest.fixture
def sample_text() -> Callable[[str], str]:
    """Give the text of a sample file, for tests that break it."""
    return lambda name: (SAMPLES / name).read_text(encoding="utf-8")


@pytest.fixture
def read_bytes(tmp_path: Path) -> Callable[..., Reading]:
    """Write bytes (or text as UTF-8) to a file without a telling name, and read it."""

    def read(content: bytes | str, name: str = "statement.dat") -> Reading:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_statements(path)

    return read
