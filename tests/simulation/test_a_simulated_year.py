"""A simulated year: real nights over a world that knows who really paid, with all that goes wrong in a year."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from tests.e2e.demo_office import NightProcess
from tests.e2e.mail_server import MailServer
from tests.simulation.accountant import Accountant
from tests.simulation.days import ONE_DAY
from tests.simulation.house import TROUBLES, House
from tests.simulation.oracle import Oracle
from tests.simulation.reckoning import Reckoning
from tests.simulation.table import TRACKS
from tests.simulation.world import HEIRS, Habit, Wish, World

if TYPE_CHECKING:
    from pathlib import Path

    from tests.simulation.told import Told

# aiosmtpd rightly warns of logins without TLS; here they never leave this machine.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")

FIRST: Final = date(2026, 2, 1)  # the base rate changes on 1 July and on 1 January
YEAR: Final = 364
CALM_IN_THE_END: Final = 14  # at most, so that everything can be known and decided
SLOWEST: Final = 50  # days that outages, holidays and other letters may cost on the whole ladder

BY_POST: Final = timedelta(days=2)


def simulate(folder: Path, seed: int, days: int) -> Oracle:
    """Let a world live for some days, with a night after each; return who watched it."""
    world = World.begin(seed, FIRST, FIRST + timedelta(days=days), everybody=days == YEAR)
    server, process = MailServer(), NightProcess(folder)
    house = House(folder / "company", world, server, process, random.Random(seed + 1))
    oracle, accountant = Oracle(house, Reckoning(house)), Accountant(house)
    calm_from = days - min(CALM_IN_THE_END, days // 4)
    server.start()
    try:
        house.open()
        for number in range(days):
            _live(oracle, accountant, FIRST + timedelta(days=number), calm=number < 3 or number >= calm_from)
    finally:
        server.stop()
        process.end()
        house.engine.dispose()
    oracle.mistakes += oracle.of_the_end()
    return oracle


def _live(oracle: Oracle, accountant: Accountant, day: date, *, calm: bool) -> None:
    """Let a day pass: what is booked, the night after it, and what people do about it."""
    house, tonight = oracle.house, day + ONE_DAY
    house.world.live(day)
    house.evening(day, calm=calm)
    ended = house.night(tonight, calm=calm)
    for told in oracle.look(tonight, ended=ended):
        _hear(house, told, tonight)
    accountant.work(tonight, calm=calm)


def _hear(house: House, told: Told, day: date) -> None:
    """Let the customers read their letters; what bounced or was lost reaches nobody."""
    received = {str(message["Message-ID"]).lstrip("<").partition(".")[0] for _, message in house.server.received}
    if told.channel == "agency" or (told.channel == "email" and told.letter not in received):
        return
    for line in told.lines:
        customer = house.world.invoices[line.document].customer
        if told.channel != "email" or customer.habit is not Habit.BOUNCES:
            read_on = day + BY_POST if told.channel == "letter" else day
            house.world.hear(read_on, customer, line.stage, [line.document])


def test_in_four_weeks_nobody_hears_what_he_should_not_and_everybody_what_he_should(tmp_path: Path) -> None:
    oracle = simulate(tmp_path, seed=1, days=28)
    assert not oracle.mistakes, "\n".join(oracle.mistakes)
    assert Counter(told.stage for told in oracle.left.values()).keys() >= {"reminder", "call", "first_dunning"}


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    """A year with everything in it."""
    return simulate(tmp_path_factory.mktemp("year"), seed=2026, days=YEAR)


@pytest.mark.slow
def test_in_a_year_nobody_hears_what_he_should_not_and_everybody_what_he_should(year: Oracle) -> None:
    assert not year.mistakes, "\n".join(year.mistakes)


@pytest.mark.slow
def test_everything_that_may_go_wrong_in_a_year_went_wrong(year: Oracle) -> None:
    happened = year.house.happened
    assert happened.keys() >= {
        *TROUBLES,
        *(wish.value for wish in Wish),
        *("statement late", "statement broken", "statement twice", "bank out of reach", "bounce"),
        *("decided", "released"),
    }, happened
    assert happened.keys() & {"uncertain, sent", "uncertain, again"}, happened


@pytest.mark.slow
def test_who_never_pays_climbs_the_whole_ladder_in_time(year: Oracle) -> None:
    climbed: dict[str, list[tuple[str, date]]] = {}
    for told in year.left.values():
        for line in told.lines:
            climbed.setdefault(line.document, []).append((line.stage, told.sent_on or told.run_date))
    for customer in year.house.world.of_habit(Habit.NEVER):
        if customer.number == HEIRS:
            continue
        own = [one for one in year.house.world.invoices.values() if one.customer == customer]
        first = min(own, key=lambda one: one.due)
        ladder = TRACKS[customer.track][1]
        stages, days = zip(*climbed.get(first.number, [("nothing", first.due)]), strict=True)
        assert stages == tuple(rung.name for rung in ladder), (customer, first)
        assert (days[-1] - max(first.due, FIRST)).days <= ladder[-1].days_overdue + SLOWEST, (customer, first)


@pytest.mark.slow
def test_every_bucket_and_every_reason_for_silence_came_up(year: Oracle) -> None:
    lines = [line for told in year.left.values() for line in told.lines]
    assert min(sum(line.interest > 0 for line in lines), sum(line.fee > 0 for line in lines)) > YEAR // 10
    assert sum(line.lump_sum > 0 for line in lines) > 0
    assert year.silent_because.keys() >= {
        *("bank_data_stale", "bank_file_unread", "mirror_stale", "too_recent", "handed_over", "below_threshold"),
        *("disputed", "promised", "instalments", "insolvency", "deceased", "message_unanswered", "return_disputed"),
        *("notice_waiting", "payment_in_review"),
    }, year.silent_because
