"""One night per company at a time; a dead night holds nobody up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Refused, Unavailable
from storage.database import connect_lazily
from storage.lock import company_lock
from tests.storage.given import COMPANY

if TYPE_CHECKING:
    from sqlalchemy import Engine

ROOT = Path(__file__).resolve().parents[2]

# Another night: takes the lock, says so, and sleeps until it is killed.
ANOTHER_NIGHT = """
import sys, time
from pathlib import Path
from storage.database import connect_lazily
from storage.lock import company_lock
with company_lock(connect_lazily(sys.argv[1], base=Path("/")), sys.argv[2]):
    print("locked", flush=True)
    time.sleep(60)
"""


def test_a_second_night_is_refused_and_told_why(engine: Engine) -> None:
    with (
        company_lock(engine, COMPANY),
        pytest.raises(Unavailable) as refused,
        company_lock(engine, COMPANY),
    ):
        pytest.fail("two nights ran at once")
    assert str(refused.value) == (
        f"company {COMPANY}: another night is running\n    Wait until it is done; nothing was started twice."
    )


def test_when_a_night_is_over_the_next_may_begin(engine: Engine) -> None:
    for _ in range(2):
        with company_lock(engine, COMPANY):
            pass


def test_a_night_that_failed_holds_nobody_up(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), company_lock(engine, COMPANY):
        _ = 1 // 0
    with company_lock(engine, COMPANY):
        pass


def test_two_companies_work_at_the_same_time(engine: Engine) -> None:
    with company_lock(engine, COMPANY), company_lock(engine, "other"):
        pass


def test_the_lock_of_a_killed_process_is_free(engine: Engine, database_url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ANOTHER_NIGHT, database_url, COMPANY],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as night:
        assert night.stdout is not None
        assert night.stdout.readline() == "locked\n"
        with pytest.raises(Unavailable, match="another night is running"), company_lock(engine, COMPANY):
            pytest.fail("the other process holds the lock")
        os.kill(night.pid, signal.SIGKILL)
    _wait_until_free(engine)


def _wait_until_free(engine: Engine) -> None:
    """Let PostgreSQL notice that its client is gone; a file lock is free at once."""
    for _ in range(100):
        try:
            with company_lock(engine, COMPANY):
                return
        except Unavailable:
            time.sleep(0.05)
    pytest.fail("the lock outlived its process")


def test_a_folder_that_takes_no_lock_file_is_named(tmp_path: Path) -> None:
    engine = connect_lazily("sqlite:///missing/kontorist.db", base=tmp_path)
    with pytest.raises(Refused) as refused, company_lock(engine, COMPANY):
        pytest.fail("there is no such folder")
    assert str(refused.value) == (
        f"{tmp_path}/missing/kontorist.db.{COMPANY}.lock: "
        "the lock file cannot be written (No such file or directory)\n"
        "    Give this user the right to write it."
    )
