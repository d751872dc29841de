"""What was said, what was kept back, and what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from dunning.notice import Channel, HeldBecause, NoticeState
from storage.database import transaction
from storage.decisions import Author, head
from storage.notices import Planned, StoredNotice, last_letter_number, load_notices, one_per_run, save_notices
from storage.outbox import EffectStatus, load_effects, mark, settle
from tests.storage.given import AUTHOR, COMPANY, RUN_DATE, euro, item, notice, report, say

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

NEXT_RUN = date(2026, 7, 2)
HOLD = HeldBecause("hold", "Die Rechnung ist bestritten.")


@pytest.fixture(autouse=True)
def _invoices(engine: Engine) -> None:
    report(engine, item("RE-1"), item("RE-2"))


def _only(connection: Connection) -> StoredNotice:
    (stored,) = load_notices(connection, COMPANY)
    return stored


def test_a_notice_comes_back_with_its_items_and_waits_in_the_outbox(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        say(connection, COMPANY, notice("RE-1", "RE-2"))
        stored = _only(connection)
    assert (stored.notice_id, stored.seq, stored.run_date) == ("N1", 1, RUN_DATE)
    assert (stored.debtor_number, stored.currency, stored.total_minor) == ("10001", "EUR", euro("240,26").minor)
    assert (stored.stage, stored.title, stored.channel) == ("reminder", "Zahlungserinnerung", Channel.EMAIL)
    assert (stored.deadline, stored.letter_number) == (date(2026, 7, 13), "M-2026-00001")
    assert [(one.document_number, one.open_minor, one.interest_minor, one.fee_minor) for one in stored.items] == [
        ("RE-1", 11900, 113, 0),
        ("RE-2", 11900, 113, 0),
    ]
    assert (stored.state, stored.uncertain, stored.sent_on) == (NoticeState.QUEUED, False, None)


def test_a_silent_notice_keeps_its_reasons_and_sends_nothing(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        save_notices(connection, COMPANY, AUTHOR, [Planned(notice=notice("RE-1", held=[HOLD]))])
        stored = _only(connection)
        assert load_effects(connection, COMPANY) == []
    assert stored.state is NoticeState.HELD
    assert stored.held_because == (HOLD,)


@pytest.mark.parametrize(
    ("became", "state", "uncertain", "sent_on"),
    [
        (EffectStatus.SENT, NoticeState.SENT, False, RUN_DATE),
        (EffectStatus.UNCERTAIN, NoticeState.QUEUED, True, None),
        (EffectStatus.CANCELLED, NoticeState.HELD, False, None),
    ],
)
def test_a_notice_is_what_became_of_its_mail(
    engine: Engine, became: EffectStatus, state: NoticeState, sent_on: date | None, *, uncertain: bool
) -> None:
    with transaction(engine, COMPANY) as connection:
        say(connection, COMPANY, notice("RE-1"))
        (effect,) = load_effects(connection, COMPANY)
        settle(connection, COMPANY, AUTHOR, effect, became, "said the server")
        stored = _only(connection)
    assert (stored.state, stored.uncertain, stored.sent_on) == (state, uncertain, sent_on)
    assert [held.code for held in stored.held_because] == (["withdrawn"] if state is NoticeState.HELD else [])


def test_a_notice_whose_mail_was_being_sent_when_the_night_died_is_uncertain(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        outbox_id = say(connection, COMPANY, notice("RE-1"))
        mark(connection, COMPANY, outbox_id, EffectStatus.SENDING, tries=1)
        assert _only(connection).uncertain


def test_the_notices_of_one_run_are_asked_for_by_its_day(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        save_notices(connection, COMPANY, AUTHOR, [Planned(notice=notice("RE-1", held=[HOLD]))])
        later = Planned(notice=notice("RE-2", held=[HOLD], run_date=NEXT_RUN))
        save_notices(connection, COMPANY, AUTHOR, [later])
        assert [one.run_date for one in load_notices(connection, COMPANY)] == [RUN_DATE, NEXT_RUN]
        (of_next_run,) = load_notices(connection, COMPANY, NEXT_RUN)
    assert [one.document_number for one in of_next_run.items] == ["RE-2"]


def test_no_notices_are_no_decision(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        assert save_notices(connection, COMPANY, AUTHOR, []) == []
        assert head(connection, COMPANY).seq == 0


def _letters_of_a_day(connection: Connection, *states: NoticeState) -> None:
    for number, state in enumerate(states, start=1):
        if state is NoticeState.HELD:
            because = replace(HOLD, sentence=f"reason {number}")
            save_notices(connection, COMPANY, AUTHOR, [Planned(notice=notice("RE-1", held=[because]))])
            continue
        outbox_id = say(connection, COMPANY, notice("RE-1"), f"M-2026-{number:05d}")
        if state is NoticeState.SENT:
            effect = next(one for one in load_effects(connection, COMPANY) if one.outbox_id == outbox_id)
            settle(connection, COMPANY, AUTHOR, effect, EffectStatus.SENT, "250 OK")


@pytest.mark.parametrize(
    ("decided", "shown"),
    [
        ([NoticeState.HELD, NoticeState.HELD], 2),  # the last reason for silence
        ([NoticeState.HELD, NoticeState.QUEUED], 2),
        ([NoticeState.SENT, NoticeState.HELD], 1),  # what was said stays said
        ([NoticeState.QUEUED, NoticeState.HELD], 1),
        ([NoticeState.SENT, NoticeState.QUEUED], 2),
    ],
)
def test_a_debtor_has_one_notice_per_run(engine: Engine, decided: list[NoticeState], shown: int) -> None:
    with transaction(engine, COMPANY) as connection:
        _letters_of_a_day(connection, *decided)
        notices = load_notices(connection, COMPANY)
    assert one_per_run(notices) == [notices[shown - 1]]


def test_letters_about_different_items_are_all_shown(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        for number, item in enumerate(("RE-1", "RE-2"), start=1):
            say(connection, COMPANY, notice(item), f"M-2026-{number:05d}")
        notices = load_notices(connection, COMPANY)
    assert one_per_run(notices) == notices


def test_debtors_currencies_and_runs_have_notices_of_their_own(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        for one in (
            notice("RE-1", held=[HOLD]),
            notice("RE-1", held=[HOLD], debtor_number="10002"),
            notice("RE-1", held=[HOLD], run_date=NEXT_RUN),
        ):
            save_notices(connection, COMPANY, AUTHOR, [Planned(notice=one)])
        notices = load_notices(connection, COMPANY)
        in_francs = replace(notices[0], currency="CHF")
    assert len(one_per_run([*notices, in_francs])) == 4


def test_letter_numbers_go_on_where_the_last_one_ended(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        assert last_letter_number(connection, COMPANY, "M-2026-") == 0
        for number in ("M-2026-00009", "M-2026-00010", "M-2025-00099", "MX2026-00500"):
            say(connection, COMPANY, notice("RE-1"), number)
        assert last_letter_number(connection, COMPANY, "M-2026-") == 10
        assert last_letter_number(connection, COMPANY, "M_2026-") == 0
        assert last_letter_number(connection, "other", "M-2026-") == 0


def test_a_mail_is_sent_on_the_day_it_is_known_to_have_left(engine: Engine) -> None:
    next_night = Author(actor="anna", now=AUTHOR.now, run_date=NEXT_RUN)
    with transaction(engine, COMPANY) as connection:
        say(connection, COMPANY, notice("RE-1"))
        (effect,) = load_effects(connection, COMPANY)
        settle(connection, COMPANY, next_night, effect, EffectStatus.SENT, "250 OK")
        stored = _only(connection)
    assert (stored.run_date, stored.sent_on) == (RUN_DATE, NEXT_RUN)
