"""A night that dies at any point and is run again ends like one that nothing happened to, and says nothing twice."""

from __future__ import annotations

import itertools
import random
import re
import time
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.conftest import DATABASES
from tests.e2e.demo_office import DemoOffice

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.demo_office import NightProcess, Ran

FIRST_NIGHT: Final = "2026-06-18"
TONIGHT: Final = "2026-07-01"
TOMORROW: Final = "2026-07-02"
SEED: Final = 20260701

BROKEN: Final = b'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCst'


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory, night_process: NightProcess) -> DemoOffice:
    """An office two weeks after its first reminders."""
    return _two_weeks_after_the_first_reminders(tmp_path_factory.mktemp("crash") / "before", night_process)


@pytest.fixture(scope="session")
def undisturbed(before: DemoOffice, tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, dict[str, Any]]:
    """How the night ends when nothing happens to it."""
    office = before.copy(tmp_path_factory.mktemp("crash") / "undisturbed")
    ran = office.night(TONIGHT)
    state = office.state(TONIGHT)
    assert (ran.exit_code, state["problems"]) == (1, [])
    said = {(one["channel"], one["state"]) for one in state["notices"] if one["run_date"] == TONIGHT}
    assert said >= {("email", "sent"), ("call", "sent"), ("call", "held")}
    return ran, state


@pytest.fixture(scope="session")
def undisturbed_until_tomorrow(before: DemoOffice, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """How this night and the next one end when nothing happens to them."""
    office = before.copy(tmp_path_factory.mktemp("crash") / "until_tomorrow")
    for day in (TONIGHT, TOMORROW):
        assert office.night(day).exit_code == 1
    return office.state(TOMORROW)


def _two_weeks_after_the_first_reminders(
    folder: Path, night_process: NightProcess, database: str = "sqlite:///kontorist.db"
) -> DemoOffice:
    """New statements wait, among them one that is broken and one that lies there twice."""
    until, since = date(2026, 6, 30), date(2026, 6, 17)
    office = DemoOffice.write(folder, night_process, until=until, since=since, debtors=14, items=40, months=1, seed=5)
    office.use_database(database)
    office.deliver("2026-06-17")
    assert office.night(FIRST_NIGHT).exit_code < 2
    office.deliver("2026-06-26")
    assert office.run("import", "--as-of", "2026-06-27").exit_code < 2
    office.deliver("2026-06-30")
    inbox = folder / "inbox" / "hausbank"
    (inbox / "broken.xml").write_bytes(BROKEN)
    (inbox / "once-more.xml").write_bytes((inbox / "2026-06-30_camt053.xml").read_bytes())
    return office


def _ends_as_if_nothing_had_happened(office: DemoOffice, expected: dict[str, Any], **kill: Any) -> None:
    died = office.night(TONIGHT, **kill)
    assert died.killed or "die_after_seconds" in kill, (kill, died.errors)
    again = office.night(TONIGHT)
    deadline = time.monotonic() + 5
    # A PostgreSQL server needs a moment to notice that a client is gone, and with it the lock.
    while again.exit_code == 3 and "another night is running" in again.output and time.monotonic() < deadline:
        time.sleep(0.1)
        again = office.night(TONIGHT)
    assert again.exit_code == 1, (kill, again.errors)
    state = office.state(TONIGHT)
    for part, value in expected.items():
        assert state[part] == value, (kill, part)


def test_a_night_killed_at_a_point_and_run_again_ends_as_if_nothing_had_happened(
    before: DemoOffice, undisturbed: tuple[Ran, dict[str, Any]], tmp_path: Path
) -> None:
    ran, expected = undisturbed
    for point in _telling_points(ran.points)[::6]:
        _ends_as_if_nothing_had_happened(before.copy(tmp_path / f"{point}"), expected, die_at=point)


def test_a_night_killed_at_a_random_moment_and_run_again_ends_as_if_nothing_had_happened(
    before: DemoOffice, undisturbed: tuple[Ran, dict[str, Any]], tmp_path: Path
) -> None:
    ran, expected = undisturbed
    moments = random.Random(SEED)
    for number in range(3):
        moment = moments.uniform(0.02, ran.seconds)
        _ends_as_if_nothing_had_happened(before.copy(tmp_path / f"{number}"), expected, die_after_seconds=moment)


def test_nobody_hears_twice_when_a_night_dies_and_only_the_next_night_goes_on(
    before: DemoOffice,
    undisturbed: tuple[Ran, dict[str, Any]],
    undisturbed_until_tomorrow: dict[str, Any],
    tmp_path: Path,
) -> None:
    ran, expected = undisturbed[0], undisturbed_until_tomorrow
    delivered = [number for number, point in enumerate(ran.points, 1) if "/output" in point and "rename" in point]
    for point in (delivered[0] + 1, delivered[-2] + 2):
        _nobody_hears_twice(before.copy(tmp_path / f"{point}"), expected, point)


@pytest.mark.slow
def test_wherever_a_night_is_killed_it_ends_as_if_nothing_had_happened(
    before: DemoOffice, undisturbed: tuple[Ran, dict[str, Any]], tmp_path: Path
) -> None:
    ran, expected = undisturbed
    for point in range(1, len(ran.points) + 1):
        _ends_as_if_nothing_had_happened(before.copy(tmp_path / f"{point}"), expected, die_at=point)


@pytest.mark.slow
def test_whenever_a_night_is_killed_it_ends_as_if_nothing_had_happened(
    before: DemoOffice, undisturbed: tuple[Ran, dict[str, Any]], tmp_path: Path
) -> None:
    ran, expected = undisturbed
    seed = time.time_ns()
    moments = random.Random(seed)
    for number in range(30):
        moment = moments.uniform(0.0, ran.seconds)
        print(f"seed {seed}, number {number}, {moment} seconds")
        _ends_as_if_nothing_had_happened(before.copy(tmp_path / f"{number}"), expected, die_after_seconds=moment)


@pytest.mark.slow
def test_wherever_a_night_dies_nobody_hears_twice_from_the_next_one(
    before: DemoOffice,
    undisturbed: tuple[Ran, dict[str, Any]],
    undisturbed_until_tomorrow: dict[str, Any],
    tmp_path: Path,
) -> None:
    ran, expected = undisturbed[0], undisturbed_until_tomorrow
    first_delivered = next(number for number, point in enumerate(ran.points, 1) if "/output" in point)
    for point in range(first_delivered, len(ran.points) + 1):
        _nobody_hears_twice(before.copy(tmp_path / f"{point}"), expected, point)


@pytest.mark.skipif("postgresql" not in DATABASES, reason="pgserver has no wheel for this Python")
@pytest.mark.parametrize("every", [20, pytest.param(1, marks=pytest.mark.slow)])
def test_on_postgresql_a_killed_night_ends_as_if_nothing_had_happened(
    every: int, copied_database: Callable[[str], str], night_process: NightProcess, tmp_path: Path
) -> None:
    template = copied_database("template1")
    before = _two_weeks_after_the_first_reminders(tmp_path / "before", night_process, template)
    office = before.copy(tmp_path / "undisturbed")
    office.use_database(copied_database(template))
    ran = office.night(TONIGHT)
    expected = office.state(TONIGHT)
    assert expected["problems"] == []
    for point in _telling_points(ran.points)[::every]:
        office = before.copy(tmp_path / f"{point}")
        office.use_database(copied_database(template))
        _ends_as_if_nothing_had_happened(office, expected, die_at=point)


@pytest.fixture
def copied_database(postgresql_server: str) -> Callable[[str], str]:
    """Copy a database of the server as it stands; give the URL of the copy."""
    numbers = itertools.count(1)

    def copy(template: str) -> str:
        name = f"crash_{next(numbers)}"
        source = template if template == "template1" else make_url(template).database
        engine = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {source}"))
        engine.dispose()
        return make_url(postgresql_server).set(database=name).render_as_string(hide_password=False)

    return copy


def _telling_points(points: tuple[str, ...]) -> list[int]:
    """Choose points: the first of every pair of events that follow each other, in every kind of place."""
    first: dict[tuple[str, str], int] = {}
    for number, (before, this) in enumerate(itertools.pairwise(("", *points)), 1):
        first.setdefault((_kind(before), _kind(this)), number)
    return sorted(first.values())


def _kind(point: str) -> str:
    return re.sub(r"/[^/]*$", "", point)


def _nobody_hears_twice(office: DemoOffice, expected: dict[str, Any], point: int) -> None:
    before = _said(office.sent_files())
    assert office.night(TONIGHT, die_at=point).killed
    assert office.night(TOMORROW).exit_code == 1
    said, in_time = _said(office.sent_files()) - before, _said(expected["output"]) - before
    state = office.state(TOMORROW)
    # Who hears nothing at all is kept back for a reason: the broken file is first seen when more statements are due.
    held = {one["debtor_number"] for one in state["notices"] if one["run_date"] == TOMORROW and one["held_because"]}
    assert said | Counter(held & in_time.keys() - said.keys()) == in_time, point
    assert state["problems"] == []
    assert not [name for name in state["output"] if name.endswith(".part")], point
    assert _posted(state["output"]) == _posted(expected["output"]), point


def _said(output: dict[str, bytes]) -> Counter[str]:
    """Count, per debtor, what lies ready to be posted, mailed or called."""
    said: Counter[str] = Counter()
    for name, content in output.items():
        if found := re.search(r"M-2026-\d+_(\d+)\.", name):
            said[found[1]] += 1
        elif "Anrufliste" in name:
            said.update(re.findall(r"(?m)^(\d{5});", content.decode("utf-8-sig")))
    return said


def _posted(output: dict[str, bytes]) -> Counter[bytes]:
    """Count the lines that the tax adviser receives, in whatever file they stand."""
    return Counter(
        line for name, content in output.items() if "/datev/" in name for line in content.split(b"\r\n")[2:]
    )
