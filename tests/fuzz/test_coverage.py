"""Each reader fuzzed by coverage for a few seconds; for longer, run ``python -m tests.fuzz.run_atheris``."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import pytest

from tests.fuzz.readers import READERS, ROOT, seeds_of

pytestmark = pytest.mark.slow

SECONDS: Final = 12  # for each reader


@pytest.mark.parametrize("reader", READERS)
def test_no_input_breaks_a_promise(reader: str) -> None:
    assert seeds_of(reader)
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.run_atheris", reader, str(SECONDS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_a_reader_nobody_has_is_told() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.run_atheris", "pdf", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "there is no such reader" in done.stderr
