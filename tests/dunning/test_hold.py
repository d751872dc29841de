"""Holds: how long they last, and what happens when they are over and the item is still open."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from dunning.due import next_stage
from dunning.hold import (
    USUALLY_AFTER,
    AfterHold,
    Hold,
    HoldReason,
    Resumption,
    holds_known_on,
    interest_stops_before,
    resumption_of,
)
from dunning.notice import Channel
from dunning.stage import SentStage
from ledger.calendar import Region

if TYPE_CHECKING:
    from dunning.stage import Procedure

BAVARIA = Region("DE", "BY")
ITEM = "list:invoice:RE-1"


def hold(reason: str, **words: Any) -> Hold:
    return Hold(
        hold_id=words.pop("hold_id", "H1"),
        debtor_number="10001",
        reason=HoldReason(reason),
        owner="Frau Sommer",
        placed_on=date(2026, 5, 4),
        **words,
    )


def day(number: int) -> date:
    return date(2026, 5, number)


def test_every_reason_has_a_usual_end() -> None:
    assert set(USUALLY_AFTER) == set(HoldReason)


# reason | expires | ended, broken | what follows
ENDS = """
promise     | 12 |           | at_once
promise     | 12 | 8         | resume
promise     | 12 | 8 broken  | at_once
promise     | 12 | 20        | at_once
instalments |    | 8 broken  | whole_rest
instalments |    | 8         | resume
dispute     | 12 |           | resume
deceased    |    | 8         | softer
"""


@pytest.mark.parametrize("row", ENDS.strip().splitlines())
def test_what_follows_a_hold(row: str) -> None:
    reason, expires, ended, follows = (cell.strip() for cell in row.split("|"))
    number, _, broken = ended.partition(" ")
    one = hold(
        reason,
        expires_on=day(int(expires)) if expires else None,
        ended_on=day(int(number)) if number else None,
        broken=bool(broken),
    )
    assert one.what_follows.value == follows


@pytest.mark.parametrize(
    ("expires", "ended", "silent_until"), [(12, None, 12), (12, 8, 7), (None, 8, 7), (12, 20, 12), (None, None, None)]
)
def test_a_hold_is_silent_until_it_expires_or_is_lifted(
    expires: int | None, ended: int | None, silent_until: int | None
) -> None:
    one = hold("manual", expires_on=day(expires) if expires else None, ended_on=day(ended) if ended else None)
    assert one.silent_until == (day(silent_until) if silent_until else None)
    assert one.holds_on(day(31)) is (silent_until is None)


def test_a_hold_lifted_on_the_day_it_was_placed_never_was() -> None:
    one = hold("promise", ended_on=day(4), broken=True)
    assert not one.holds_on(day(4))
    assert resumption_of(ITEM, [one], None, day(10)) is None


def test_the_last_hold_says_how_an_item_goes_on_and_a_notice_uses_it_up() -> None:
    soft = hold("dispute", hold_id="H1", expires_on=day(6), after=AfterHold.SOFTER, item_id=ITEM)
    broken = hold("promise", hold_id="H2", expires_on=day(12), note="50 EUR by 8 May")
    other = hold("promise", hold_id="H3", expires_on=day(14), item_id="list:invoice:RE-2")
    found = resumption_of(ITEM, [soft, broken, other], day(2), day(15))
    assert found == Resumption(
        after=AfterHold.AT_ONCE,
        reason=HoldReason.PROMISE,
        silent_until=day(12),
        hold_id="H2",
        note="50 EUR by 8 May",
    )
    assert found.names_a_broken_word
    assert resumption_of(ITEM, [soft, broken], day(13), day(15)) is None
    assert resumption_of(ITEM, [soft, broken], None, day(12)) == Resumption(
        after=AfterHold.SOFTER, reason=HoldReason.DISPUTE, silent_until=day(6), hold_id="H1"
    )


REMINDED = SentStage(stage="reminder", sent_on=day(4), deadline=day(11), channel=Channel.EMAIL)


@pytest.mark.parametrize(
    ("after", "following"),
    [
        (None, "call 2026-05-12"),
        (AfterHold.AT_ONCE, "call 2026-05-18"),
        (AfterHold.WHOLE_REST, "call 2026-05-18"),
        (AfterHold.SOFTER, "reminder 2026-05-18"),
    ],
)
def test_how_the_stages_go_on_after_silence_until_sunday(
    procedure: Procedure, after: AfterHold | None, following: str
) -> None:
    resumption = (
        Resumption(after=after, reason=HoldReason.MANUAL, silent_until=day(17), hold_id="H1") if after else None
    )
    found = next_stage(date(2026, 4, 24), [REMINDED], procedure, BAVARIA, resumption=resumption)
    assert found is not None
    assert f"{found.stage.name} {found.not_before}" == following


def test_a_broken_promise_waits_for_no_days_but_for_a_deadline_that_was_granted(procedure: Procedure) -> None:
    called = SentStage(stage="call", sent_on=day(12), deadline=day(26), channel=Channel.CALL)
    broken = Resumption(after=AfterHold.AT_ONCE, reason=HoldReason.PROMISE, silent_until=day(19), hold_id="H1")
    found = next_stage(date(2026, 4, 30), [REMINDED, called], procedure, BAVARIA, resumption=broken)
    assert found is not None
    assert (found.stage.name, found.not_before) == ("first_dunning", day(27))


def test_no_interest_is_claimed_from_the_opening_of_insolvency_on() -> None:
    opened = hold("insolvency", since=day(2))
    assert interest_stops_before(ITEM, [hold("dispute"), opened]) == day(2)
    assert interest_stops_before(ITEM, [hold("insolvency")]) == day(4)
    assert interest_stops_before(ITEM, [hold("insolvency", ended_on=day(9))]) is None


def test_looking_back_a_hold_that_was_lifted_later_still_stands_and_one_that_came_later_is_not_there() -> None:
    lifted, later = hold("promise", ended_on=day(20), broken=True), hold("dispute", hold_id="H2")
    assert holds_known_on([lifted], day(19)) == (hold("promise"),)
    assert holds_known_on([lifted], day(20)) == (lifted,)
    assert holds_known_on([later], date(2026, 5, 3)) == ()
