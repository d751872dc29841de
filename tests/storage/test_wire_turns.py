"""One limit for everybody who uses a key: several processes, several machines, one clock."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connectors.wire import Rate
from ledger.errors import Unavailable
from storage.database import connect_lazily, reading, transaction
from storage.wire_turns import SharedLimiter, seconds_since_1970
from tests.storage.given import COMPANY

if TYPE_CHECKING:
    from sqlalchemy import Engine

ROOT = Path(__file__).resolve().parents[2]

# Another program with the same key: takes turns, and says when each of them is.
ANOTHER = """
import sys
from pathlib import Path
from connectors.wire import Rate
from storage.database import connect_lazily, reading
from storage.wire_turns import SharedLimiter, seconds_since_1970
engine = connect_lazily(sys.argv[1], base=Path("/"))
for _ in range(6):
    wait = SharedLimiter(engine).turn("key", Rate(requests=10, seconds=1))
    with reading(engine) as connection:
        print(seconds_since_1970(connection) + wait, flush=True)
"""


@pytest.mark.slow
def test_several_processes_share_one_limit(engine: Engine, database_url: str) -> None:
    SharedLimiter(engine).pause("key", 0.0)
    running = [
        subprocess.Popen([sys.executable, "-c", ANOTHER, database_url], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    turns = sorted(float(line) for one in running for line in one.communicate()[0].splitlines())
    assert len(turns) == 18
    # Between taking a turn and telling it a few milliseconds pass; on a busy machine some more.
    assert turns[-1] - turns[0] > 17 * 0.1 - 0.5
    apart = [later - earlier for earlier, later in zip(turns[:-5], turns[5:], strict=True)]
    assert min(apart) > 0.2, "five turns take half a second"


def test_a_pause_holds_for_all_and_a_shorter_one_does_not_end_it(engine: Engine) -> None:
    mine, theirs = SharedLimiter(engine), SharedLimiter(engine)
    mine.pause("key", 100)
    theirs.pause("key", 1)
    assert 98 < theirs.turn("key", Rate(requests=1, seconds=1)) <= 100
    assert theirs.turn("other", Rate(requests=1, seconds=1)) == 0


def test_after_a_rest_a_burst_may_come_at_once(engine: Engine) -> None:
    limiter, rate = SharedLimiter(engine), Rate(requests=1, seconds=10, burst=3)
    waits = [limiter.turn("key", rate) for _ in range(5)]
    assert waits[:3] == [0, 0, 0]
    assert waits[3:] == pytest.approx([10, 20], abs=1)


def test_the_clock_is_the_one_of_the_database(engine: Engine) -> None:
    with reading(engine) as connection:
        assert abs(seconds_since_1970(connection) - time.time()) < 5


def test_a_night_that_holds_a_transaction_is_waited_for_and_not_deadlocked(engine: Engine) -> None:
    held, waits = threading.Event(), []

    def ask() -> None:
        held.wait(5)
        waits.append(SharedLimiter(engine).turn("key", Rate(requests=1, seconds=1)))

    asking = threading.Thread(target=ask)
    asking.start()
    with transaction(engine, COMPANY):
        held.set()
        asking.join(0.3)
    asking.join(10)
    assert waits == [0.0]


def test_a_transaction_that_is_never_ended_is_told_and_not_waited_for_without_end(tmp_path: Path) -> None:
    from storage.database import open_database

    open_database("sqlite:///night.db", base=tmp_path).dispose()
    night = connect_lazily("sqlite:///night.db", base=tmp_path)
    impatient = connect_lazily("sqlite:///night.db?timeout=0.1", base=tmp_path)
    with transaction(night, COMPANY), pytest.raises(Unavailable, match="locked"):
        SharedLimiter(impatient).turn("key", Rate(requests=1, seconds=1))
    assert SharedLimiter(impatient).turn("key", Rate(requests=1, seconds=1)) == 0
    night.dispose()
    impatient.dispose()
