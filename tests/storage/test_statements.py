"""Each booking is stored once, however often and in whichever format it is delivered."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from ledger.money import Money
from ledger.statement import EntryKind, EntryStatus
from ledger.statement_chain import gaps
from storage.database import reading, transaction
from storage.raw_files import RejectedFile, damaged_files, has_file, load_rejected, raw_content, save_rejected
from storage.statements import (
    accounts_with_statements,
    load_entries,
    load_statements,
    movements_match,
)
from storage.tables import RAW_PART, STATEMENT_ENTRY
from tests.storage.given import ACCOUNT, COMPANY, RUN_DATE, entry, entry_ids, euro, statement, take_in

if TYPE_CHECKING:
    from sqlalchemy import Engine

NEXT_DAY = date(2026, 7, 1)
DAY = (entry("RE-1 from Müller"), entry("RE-2", "50,00"), entry("Porto", "-5,00", payer_iban=""))


def _counts(engine: Engine, name: str, *statements: Any) -> tuple[int, int]:
    taken = take_in(engine, name, *statements)
    return taken.new_entries, taken.known_entries


def _whole(engine: Engine) -> None:
    with reading(engine) as connection:
        assert movements_match(connection, COMPANY) == []
        assert gaps(load_statements(connection, COMPANY, ACCOUNT)) == ()


def test_an_entry_comes_back_exactly_as_the_bank_said_it(engine: Engine) -> None:
    full = entry(
        "RE-1 für Mai",
        value_date=date(2026, 6, 29),
        kind=EntryKind.RETURNED_DEBIT,
        payer_name="Bäckerei Müller",
        payer_bic="COBADEFFXXX",
        ultimate_name="Petra Müller",
        references=("RF18539007547034", "RE-1"),
        end_to_end_id="E2E-1",
        mandate_id="MANDAT-17",
        creditor_id="DE98ZZZ09999999999",
        bank_reference="2026063000001",
        return_reason="AC04",
        original_amount=Money(0, "EUR"),
        charges=Money(0, "EUR"),
        posting_text="RÜCKLASTSCHRIFT",
        transaction_code="NTRF+109",
        booking_ref="7",
        position=2,
        place="june.xml:12",
    )
    bare = entry("", "0,01", value_date=None)
    take_in(engine, "june", statement("0,00", full, bare))
    with reading(engine) as connection:
        stored = {one._replace(entry_id="") for one in load_entries(connection, COMPANY).values()}
    assert stored == {full, bare}


def test_a_statement_comes_back_without_its_entries(engine: Engine) -> None:
    said = statement("100,00", *DAY, number="87", statement_ref="STMT-87", opening_date=date(2026, 6, 29))
    take_in(engine, "june", said)
    with reading(engine) as connection:
        assert load_statements(connection, COMPANY, ACCOUNT) == [replace(said, entries=())]
        assert list(accounts_with_statements(connection, COMPANY)) == [ACCOUNT]


def test_the_very_same_file_is_recognised_by_its_hash_and_refused_by_the_database(engine: Engine) -> None:
    sha256 = hashlib.sha256(b"june").hexdigest()
    with reading(engine) as connection:
        assert not has_file(connection, COMPANY, sha256)
    take_in(engine, "june", statement("0,00", *DAY))
    with reading(engine) as connection:
        assert has_file(connection, COMPANY, sha256)
    with pytest.raises(IntegrityError):
        take_in(engine, "june", statement("0,00", *DAY))
    _whole(engine)


def test_another_file_with_the_same_bookings_brings_nothing_new(engine: Engine) -> None:
    assert _counts(engine, "june", statement("0,00", *DAY)) == (3, 0)
    assert _counts(engine, "june again", statement("0,00", *DAY)) == (0, 3)
    _whole(engine)


def test_mt940_and_camt_of_the_same_days_are_one_set_of_entries(engine: Engine) -> None:
    """MT940 cuts texts, leaves references out and writes bank code and number."""
    camt = (
        entry("Rechnung RE-1 vom 1. April danke schön", end_to_end_id="E2E-1"),
        entry("RE-2", "50,00", booking_date=NEXT_DAY),
        entry("Entgelt Juni", "-5,00", payer_iban="", booking_date=NEXT_DAY),
    )
    mt940 = (
        entry("Rechnung RE-1 vom 1. April", payer_iban="37040044/0001111111"),
        entry("RE-2", "50,00", booking_date=NEXT_DAY, payer_iban=""),
        entry("ENTGELT JUNI", "-5,00", payer_iban="", booking_date=NEXT_DAY),
    )
    first, second = statement("0,00", mt940[0]), statement("119,00", *mt940[1:], closing_date=NEXT_DAY)
    assert _counts(engine, "mt940", first, second) == (3, 0)
    assert _counts(engine, "camt", statement("0,00", *camt, closing_date=NEXT_DAY)) == (0, 3)
    _whole(engine)


def test_two_equal_bookings_of_a_day_stay_two_however_often_they_come(engine: Engine) -> None:
    twice = statement("0,00", entry("Beitrag"), entry("Beitrag"))
    assert _counts(engine, "a", twice) == (2, 0)
    assert _counts(engine, "b", twice) == (0, 2)
    assert len(entry_ids(engine)) == 2
    _whole(engine)


def test_equal_bookings_on_two_pages_are_two_and_the_day_as_a_whole_knows_both(engine: Engine) -> None:
    pages = statement("0,00", entry("Beitrag")), statement("119,00", entry("Beitrag"))
    assert _counts(engine, "page 1", pages[0]) == (1, 0)
    assert _counts(engine, "page 2", pages[1]) == (1, 0)
    assert _counts(engine, "day", statement("0,00", entry("Beitrag"), entry("Beitrag"))) == (0, 2)
    _whole(engine)


def test_a_day_delivered_whole_knows_its_pages_when_they_come_later(engine: Engine) -> None:
    assert _counts(engine, "day", statement("0,00", *DAY)) == (3, 0)
    assert _counts(engine, "page 1", statement("0,00", DAY[0])) == (0, 1)
    assert _counts(engine, "page 2", statement("119,00", *DAY[1:])) == (0, 2)
    _whole(engine)


def test_a_renewed_file_adds_only_what_is_new_and_loses_nobodys_payment(engine: Engine) -> None:
    karla = entry("Beitrag Mai Karla", payer_iban="DE98100100100002222222")
    take_in(engine, "noon", statement("0,00", entry("Beitrag Mai")))
    assert _counts(engine, "evening", statement("0,00", karla, entry("Beitrag Mai"))) == (1, 1)
    with reading(engine) as connection:
        texts = sorted(one.remittance for one in load_entries(connection, COMPANY).values())
    assert texts == ["Beitrag Mai", "Beitrag Mai Karla"]


def test_what_was_announced_is_the_same_entry_when_it_is_booked_on_another_day(engine: Engine) -> None:
    announced = entry("RE-1 Bäckerei")._replace(status=EntryStatus.PENDING)
    assert _counts(engine, "monday", statement("0,00", entry("RE-0", "10,00"), announced)) == (2, 0)
    booked = entry("RE-1 Bäckerei", booking_date=NEXT_DAY)
    assert _counts(engine, "tuesday", statement("10,00", booked, closing_date=NEXT_DAY)) == (0, 1)
    with reading(engine) as connection:
        entries = load_entries(connection, COMPANY).values()
    assert {one.status for one in entries} == {EntryStatus.BOOKED}
    assert {one.booking_date for one in entries} == {date(2026, 6, 30), NEXT_DAY}
    _whole(engine)


def test_raw_bytes_are_given_back_as_they_came(engine: Engine) -> None:
    take_in(engine, "june", statement("0,00", *DAY))
    with reading(engine) as connection:
        assert b"".join(raw_content(connection, COMPANY, hashlib.sha256(b"june").hexdigest())) == b"june"
        assert damaged_files(connection, COMPANY) == []


@pytest.mark.parametrize("damage", [b"", b"not compressed", bytes.fromhex("789c2bcfcc01000391015e")])
def test_a_file_whose_bytes_were_changed_is_named(engine: Engine, damage: bytes) -> None:
    take_in(engine, "june", statement("0,00", *DAY))
    take_in(engine, "july", statement("164,00"))
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER raw_part_no_update")
        else:
            connection.exec_driver_sql("ALTER TABLE raw_part DISABLE TRIGGER USER")
        june = hashlib.sha256(b"june").hexdigest()
        connection.execute(update(RAW_PART).where(RAW_PART.c.sha256 == june).values(content=damage))
    with reading(engine) as connection:
        assert damaged_files(connection, COMPANY) == ["june"]


def test_rejected_files_are_remembered_once_with_their_last_reason(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        for sha256, name, reason in (
            ("1" * 64, "a.xml", "broken"),
            ("2" * 64, "b.xml", "old"),
            ("2" * 64, "b.xml", "new"),
        ):
            save_rejected(
                connection,
                COMPANY,
                sha256=sha256,
                inbox="inbox",
                name=name,
                reason=reason,
                rejected_on=RUN_DATE,
            )
        assert load_rejected(connection, COMPANY) == [
            RejectedFile(sha256="1" * 64, inbox="inbox", name="a.xml", reason="broken", rejected_on=RUN_DATE),
            RejectedFile(sha256="2" * 64, inbox="inbox", name="b.xml", reason="new", rejected_on=RUN_DATE),
        ]


def test_a_statement_without_balances_is_held_to_its_own_movement(engine: Engine) -> None:
    take_in(engine, "june", replace(statement("0,00", *DAY), opening=None, closing=None))
    _whole(engine)
    with engine.begin() as connection:
        connection.execute(
            update(STATEMENT_ENTRY).where(STATEMENT_ENTRY.c.amount_minor == 5000).values(amount_minor=1)
        )
    with reading(engine) as connection:
        (problem,) = movements_match(connection, COMPANY)
    assert problem == "statement:1: the stored entries add up to 114,01 EUR, the statement moved 164,00 EUR"


def test_amounts_of_any_real_size_are_kept_to_the_cent(engine: Engine) -> None:
    large = entry("a company is sold", "9.007.199.254.740.993,01")
    take_in(engine, "large", statement("0,00", large))
    with reading(engine) as connection:
        assert connection.execute(select(STATEMENT_ENTRY.c.amount_minor)).scalar() == large.amount.minor
        assert movements_match(connection, COMPANY) == []
        assert load_statements(connection, COMPANY, ACCOUNT)[0].closing == euro("9.007.199.254.740.993,01")
