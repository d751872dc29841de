"""The resident scheduler: it ends when it is told to, and no bad night ends it."""

from __future__ import annotations

import json
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import schedule as timetable
import structlog

from cli import nights
from cli.asked import asked
from run_sync import ask_the_clock
from storage import database
from tests.office import ROOT, TestOffice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableMapping
    from pathlib import Path


@pytest.fixture
def office(tmp_path: Path) -> TestOffice:
    """An office with one open item and nothing to do."""
    office = TestOffice(tmp_path / "office", "sqlite:///kontorist.db")
    office.debtor()
    office.item("RE-2026-00001", due="2026-06-01")
    office.statement("2026-06-30")
    office.write_lists()
    office.config()
    return office


class Resident:
    """`run_sync.py schedule` as a process of its own, followed line by line."""

    def __init__(self, office: TestOffice) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "run_sync.py", "schedule", "--config", str(office.folder / "kontorist.toml")],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        # A scheduler that says nothing shall not keep the test waiting for ever.
        self._watchdog = threading.Timer(120, self._process.kill)
        self._watchdog.start()

    def until(self, event: str) -> dict[str, Any]:
        """Read the log up to an event."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            logged: dict[str, Any] = json.loads(line)
            if logged["event"] == event:
                return logged
        raise AssertionError(f"the scheduler ended without {event!r}")

    def tell(self, number: signal.Signals) -> int:
        """Send a signal; give the exit code, which must come within seconds."""
        self._process.send_signal(number)
        return self._process.wait(timeout=5)

    def end(self) -> None:
        """Leave nothing behind."""
        self._watchdog.cancel()
        self._process.kill()
        self._process.wait(timeout=5)
        assert self._process.stderr is not None
        self._process.stderr.close()


@pytest.fixture
def resident(office: TestOffice) -> Iterator[Resident]:
    """A scheduler that waits for its time."""
    started = Resident(office)
    yield started
    started.end()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_scheduler_ends_cleanly_when_it_is_told_to(resident: Resident, number: signal.Signals) -> None:
    resident.until("resident")
    assert resident.tell(number) == 0
    assert resident.until("stopped")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--company", "huber"], "--company: huber is not configured; there is muster"),
        (["--config", "gibt-es-nicht.toml"], "there is no such file"),
    ],
)
def test_a_scheduler_that_could_never_run_a_night_says_so_at_once(
    office: TestOffice, arguments: list[str], message: str
) -> None:
    config = ["--config", str(office.folder / "kontorist.toml")]
    ended = subprocess.run(
        [sys.executable, "run_sync.py", "schedule", *config, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (ended.returncode, message in ended.stderr) == (2, True), ended.stderr


@pytest.fixture
def log() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged meanwhile, although tests are quiet otherwise."""
    quiet = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    with structlog.testing.capture_logs() as captured:
        yield captured
    structlog.configure(**quiet)


def _nights(office: TestOffice, monkeypatch: pytest.MonkeyPatch, *between: Callable[[], object]) -> None:
    """Run the scheduler through one night after each of the steps, as if it were time every second; then end it."""
    steps = iter(between)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def tick(_seconds: float) -> None:
        step = next(steps, None)
        if step is None:
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            step()
            timetable.run_all()

    monkeypatch.setattr(nights, "time", SimpleNamespace(sleep=tick))
    monkeypatch.setattr(asked, "clock", ask_the_clock)
    monkeypatch.setattr(asked, "house", ROOT / "config")
    try:
        nights.keep_schedule(config=office.folder / "kontorist.toml")
    finally:
        timetable.clear()
        for number, handler in handlers.items():
            signal.signal(number, handler)


def test_a_night_that_fails_is_logged_and_the_next_one_runs(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch, log: list[MutableMapping[str, Any]]
) -> None:
    config = office.folder / "kontorist.toml"
    good = config.read_text(encoding="utf-8")
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0)
    other = sqlite3.connect(office.folder / "kontorist.db", isolation_level=None)

    _nights(
        office,
        monkeypatch,
        lambda: None,
        lambda: config.write_text("this is not TOML", encoding="utf-8"),
        config.unlink,
        lambda: config.write_text(good, encoding="utf-8"),
        lambda: other.execute("BEGIN EXCLUSIVE"),
        lambda: other.execute("ROLLBACK"),
        lambda: monkeypatch.setattr(nights, "run_night", None),
    )
    other.close()
    told = [(line["event"], line.get("exit_codes")) for line in log if line["event"].startswith("night ")]
    assert told == [
        ("night done", {"muster": 1}),
        ("night failed", None),
        ("night failed", None),
        ("night done", {"muster": 1}),
        ("night done", {"muster": 3}),
        ("night done", {"muster": 1}),
        ("night failed on a mistake of ours", None),
    ]
    reasons = [line["reason"] for line in log if "reason" in line]
    assert "this is not TOML" in reasons[0]
    assert "there is no such file" in reasons[1]
    assert "the database is locked by another program" in reasons[2]


@pytest.mark.slow
def test_at_the_configured_minute_a_night_runs_whatever_became_of_the_configuration(office: TestOffice) -> None:
    config = office.folder / "kontorist.toml"
    good = config.read_text(encoding="utf-8")
    soon = (datetime.now().astimezone() + timedelta(seconds=65)).strftime("%H:%M")
    config.write_text(f'{good}\n[schedule]\nat = "{soon}"\n', encoding="utf-8")
    resident = Resident(office)
    try:
        resident.until("resident")
        config.write_text("this is not TOML", encoding="utf-8")
        assert "this is not TOML" in resident.until("night failed")["reason"]
        assert resident.tell(signal.SIGTERM) == 0
    finally:
        resident.end()
