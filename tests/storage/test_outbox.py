"""What would hurt twice leaves the house at most once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from ledger.errors import Refused
from storage.database import reading, transaction
from storage.decisions import head
from storage.documents import damaged_documents, load_document
from storage.outbox import EffectStatus, StoredEffect, enqueue, has_effect, load_effects, mark, release, settle
from storage.tables import DOCUMENT
from tests.storage.given import AUTHOR, COMPANY, item, mail, notice, report, say

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

QUEUED, SENDING, SENT, UNCERTAIN, CANCELLED = EffectStatus


def _say(engine: Engine, letter_number: str = "M-2026-00001", *, needs_release: bool = False) -> str:
    report(engine, item("RE-1"))
    with transaction(engine, COMPANY) as connection:
        return say(connection, COMPANY, notice("RE-1"), letter_number, needs_release=needs_release)


def _effect(connection: Connection) -> StoredEffect:
    (effect,) = load_effects(connection, COMPANY)
    return effect


def test_an_effect_is_recorded_with_its_bytes_and_waits(engine: Engine) -> None:
    outbox_id = _say(engine)
    with reading(engine) as connection:
        effect = _effect(connection)
        assert has_effect(connection, COMPANY, outbox_id)
        assert not has_effect(connection, COMPANY, "notice-M-2026-00002")
        assert load_document(connection, COMPANY, effect.sha256) == b"Sehr geehrte"
        assert damaged_documents(connection, COMPANY) == []
    assert (effect.status, effect.attempts, effect.sent_on) == (QUEUED, 0, None)
    assert (effect.sender, effect.recipients) == ("forderungen@muster.example", ("mueller@baeckerei.example",))


def test_the_same_effect_cannot_be_recorded_twice(engine: Engine) -> None:
    outbox_id = _say(engine)
    with pytest.raises(IntegrityError), transaction(engine, COMPANY) as connection:
        enqueue(connection, COMPANY, 1, [mail(outbox_id, b"something else")])


def test_two_effects_may_carry_the_same_bytes(engine: Engine) -> None:
    _say(engine)
    with transaction(engine, COMPANY) as connection:
        enqueue(connection, COMPANY, 1, [mail("copy")])
        one, other = load_effects(connection, COMPANY)
    assert one.sha256 == other.sha256


def test_a_try_in_vain_is_counted_and_queued_again(engine: Engine) -> None:
    outbox_id = _say(engine)
    with transaction(engine, COMPANY) as connection:
        mark(connection, COMPANY, outbox_id, SENDING, tries=1)
        assert load_effects(connection, COMPANY, SENDING)
        mark(connection, COMPANY, outbox_id, QUEUED, "451 try later")
        effect = _effect(connection)
        assert head(connection, COMPANY).seq == 1  # trying decides nothing
    assert (effect.status, effect.attempts, effect.message) == (QUEUED, 1, "451 try later")


@pytest.mark.parametrize("meanwhile", [SENDING, SENT, UNCERTAIN, CANCELLED])
def test_only_what_is_queued_can_be_tried(engine: Engine, meanwhile: EffectStatus) -> None:
    """Whoever cancels a mail, or sends it, a moment before the night does, has the last word."""
    outbox_id = _say(engine)
    with transaction(engine, COMPANY) as connection:
        if meanwhile is SENDING:
            mark(connection, COMPANY, outbox_id, SENDING)
        else:
            settle(connection, COMPANY, AUTHOR, _effect(connection), meanwhile, "meanwhile")
    with pytest.raises(Refused, match="no longer queued"), transaction(engine, COMPANY) as connection:
        mark(connection, COMPANY, outbox_id, SENDING, tries=1)
    with reading(engine) as connection:
        assert _effect(connection).status is meanwhile


@pytest.mark.parametrize("settled", [SENT, CANCELLED])
def test_what_is_settled_stays_settled(engine: Engine, settled: EffectStatus) -> None:
    outbox_id = _say(engine)
    with transaction(engine, COMPANY) as connection:
        settle(connection, COMPANY, AUTHOR, _effect(connection), settled, "first")
        seq = head(connection, COMPANY).seq
    for later in (QUEUED, SENT, UNCERTAIN, CANCELLED):
        with pytest.raises(Refused, match="settled already"), transaction(engine, COMPANY) as connection:
            settle(connection, COMPANY, AUTHOR, _effect(connection), later, "second")
    with transaction(engine, COMPANY) as connection:
        mark(connection, COMPANY, outbox_id, QUEUED, "451 try later")
        effect = _effect(connection)
        assert (effect.status, effect.message) == (settled, "first")
        assert head(connection, COMPANY).seq == seq


def test_a_person_answers_for_what_is_uncertain(engine: Engine) -> None:
    _say(engine)
    with transaction(engine, COMPANY) as connection:
        settle(connection, COMPANY, AUTHOR, _effect(connection), UNCERTAIN, "connection lost")
        settle(connection, COMPANY, AUTHOR, _effect(connection), QUEUED, "anna says it did not arrive")
        assert _effect(connection).status is QUEUED
        settle(connection, COMPANY, AUTHOR, _effect(connection), SENT, "250 OK")
        effect = _effect(connection)
        assert head(connection, COMPANY).seq == 4
    assert (effect.status, effect.sent_on) == (SENT, AUTHOR.run_date)


def test_what_waits_for_a_person_is_released_by_decision(engine: Engine) -> None:
    _say(engine, needs_release=True)
    with transaction(engine, COMPANY) as connection:
        assert _effect(connection).needs_release
        release(connection, COMPANY, AUTHOR, _effect(connection))
        assert not _effect(connection).needs_release
        assert head(connection, COMPANY).seq == 2


def test_effects_are_given_in_the_order_they_were_decided_and_by_status(engine: Engine) -> None:
    ids = [_say(engine, f"M-2026-{number:05d}") for number in (3, 1, 2)]
    with transaction(engine, COMPANY) as connection:
        effects = load_effects(connection, COMPANY)
        assert [effect.outbox_id for effect in effects] == ids
        settle(connection, COMPANY, AUTHOR, effects[0], SENT, "250 OK")
        assert [effect.outbox_id for effect in load_effects(connection, COMPANY, QUEUED)] == ids[1:]
        assert [effect.outbox_id for effect in load_effects(connection, COMPANY, SENT, UNCERTAIN)] == ids[:1]


def test_a_document_whose_bytes_were_changed_is_named(engine: Engine) -> None:
    _say(engine)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER document_no_update")
        else:
            connection.exec_driver_sql("ALTER TABLE document DISABLE TRIGGER USER")
        connection.execute(update(DOCUMENT).values(content=b"Sehr verehrte"))
    with reading(engine) as connection:
        assert damaged_documents(connection, COMPANY) == ["notice-M-2026-00001.eml"]
