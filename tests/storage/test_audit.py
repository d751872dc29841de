"""Whoever gets past the guards and changes what was decided is found out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from night.verify import verify
from storage.audit import decision_payloads, hash_at, loose_rows
from storage.database import reading, transaction
from storage.decisions import head
from storage.entry_status import misjudged
from storage.matches import reverse
from storage.statements import movements_match
from tests.storage.given import AUTHOR, COMPANY, a_full_life

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

# The life of a company, and one booking taken back at its end. Decisions: 1 booking, 2 entry set aside,
# 3 and 4 holds, 5 hold lifted, 6 notice, 7 silent notice, 8 mail sent, 9 batch, 10 reversal.


@pytest.fixture
def company(engine: Engine) -> str:
    with transaction(engine, COMPANY) as connection:
        a_full_life(connection, COMPANY)
        entry_id = connection.execute(text("SELECT entry_id FROM allocation")).scalar_one()
        assert reverse(connection, COMPANY, AUTHOR, entry_id, "the debit came back") == 1
    return COMPANY


def _behind_the_guards(engine: Engine, *statements: str) -> None:
    """Do what only somebody with the rights of the owner of the database can do."""
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if sqlite:
            connection.rollback()
            connection.connection.execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            for name in _guards(connection, sqlite=sqlite):
                connection.execute(text(name))
            for statement in statements:
                connection.execute(text(statement))
    engine.dispose()


def _guards(connection: Connection, *, sqlite: bool) -> list[str]:
    if not sqlite:
        return ["SET session_replication_role = replica"]  # no trigger and no foreign key
    triggers = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars()
    return [f"DROP TRIGGER {name}" for name in triggers]


def test_an_honest_company_has_nothing_to_explain(engine: Engine, company: str) -> None:
    with reading(engine) as connection:
        assert [*loose_rows(connection, company)] == []
        assert movements_match(connection, company) == []
        assert hash_at(connection, company, 10) == head(connection, company).hash
        assert hash_at(connection, company, 11) is None
        assert decision_payloads(connection, company) == {
            "allocated": 1,
            "ignored": 1,
            "hold": 2,
            "hold_lifted": 1,
            "notice": 2,
            "effect": 1,
            "datev_batch": 1,
            "reversed": 1,
        }


# One booking more, like the first one, for another invoice.
SMUGGLED = (
    "INSERT INTO allocation SELECT company_id, {row}, entry_id, 'list:invoice:RE-2', 'RE-2', debtor_number, kind, "
    "amount_minor, currency, state, NULL, tax_parts FROM allocation WHERE allocation_id = '1-0'"
)

# What somebody did, and what is said about it.
TAMPERED: dict[str, tuple[str, str]] = {
    "a smaller amount was booked": (
        "UPDATE allocation SET amount_minor = 1 WHERE allocation_id = '1-0'",
        "the booking of decision 1 is not what was decided",
    ),
    "another invoice was settled": (
        "UPDATE allocation SET item_id = 'list:invoice:RE-3' WHERE allocation_id = '1-0'",
        "the booking of decision 1 is not what was decided",
    ),
    "another debtor was credited": (
        "UPDATE allocation SET debtor_number = '10002' WHERE allocation_id = '1-0'",
        "the booking of decision 1 is not what was decided",
    ),
    "the machine's booking is passed off as a person's": (
        "UPDATE allocation SET state = 'confirmed' WHERE allocation_id = '1-0'",
        "the booking of decision 1 is not what was decided",
    ),
    "payment was turned into skonto": (
        "UPDATE allocation SET kind = 'skonto' WHERE allocation_id = '1-0'",
        "the booking of decision 1 is not what was decided",
    ),
    "a booking was smuggled in under another decision": (
        SMUGGLED.format(row="'7-0', 7"),
        "a booking is stored under decision 7, which decided nothing of the kind",
    ),
    "a booking was smuggled in beside a real one": (
        SMUGGLED.format(row="'1-1', 1"),
        "the booking of decision 1 is not what was decided",
    ),
    "a Skonto was booked at another VAT rate": (
        "UPDATE allocation SET tax_parts = '[[\"7\",1,0]]' WHERE allocation_id = '1-0'",
        "the booking of decision 1 is not what was decided",
    ),
    "a reversal was booked at another VAT rate": (
        "UPDATE allocation SET tax_parts = '[[\"7\",1,0]]' WHERE allocation_id = '10-0'",
        "the reversal of decision 10 is not what was decided",
    ),
    "a reversal was made smaller": (
        "UPDATE allocation SET amount_minor = -1 WHERE allocation_id = '10-0'",
        "the reversal of decision 10 is not what was decided",
    ),
    "a reversal vanished": (
        "DELETE FROM allocation WHERE allocation_id = '10-0'",
        "the reversal of decision 10 is missing",
    ),
    "a letter asks for more": (
        "UPDATE notice SET total_minor = 99900 WHERE notice_id = 'N6'",
        "the notice of decision 6 is not what was decided",
    ),
    "an item of a letter was changed": (
        "UPDATE notice_item SET interest_minor = 9900 WHERE notice_id = 'N6'",
        "the notice of decision 6 is not what was decided",
    ),
    "a letter was dated back": (
        "UPDATE notice SET run_date = '2026-01-01' WHERE notice_id = 'N6'",
        "the notice of decision 6 is not what was decided",
    ),
    "a deadline was shortened": (
        "UPDATE notice SET deadline = '2026-07-02' WHERE notice_id = 'N6'",
        "the notice of decision 6 is not what was decided",
    ),
    "the reason for silence was changed": (
        "UPDATE notice SET held_because = '[]' WHERE notice_id = 'N7'",
        "the notice of decision 7 is not what was decided",
    ),
    "a notice vanished": (
        "DELETE FROM notice WHERE notice_id = 'N7'",
        "the notice of decision 7 is missing",
    ),
    "a hold was removed": ("DELETE FROM hold WHERE hold_id = 'H3'", "the hold of decision 3 is missing"),
    "a hold was turned to another debtor": (
        "UPDATE hold SET debtor_number = '10002' WHERE hold_id = 'H3'",
        "the hold of decision 3 is not what was decided",
    ),
    "a hold was made to expire": (
        "UPDATE hold SET expires_on = '2026-01-01' WHERE hold_id = 'H3'",
        "the hold of decision 3 is not what was decided",
    ),
    "a hold was lifted by nobody": (
        "INSERT INTO hold_lifted (company_id, hold_id, seq, broken) VALUES ('muster', 'H3', 9, false)",
        "a lifted hold is stored under decision 9, which decided nothing of the kind",
    ),
    "an entry was set aside by nobody": (
        "UPDATE ignored SET reason = 'a gift' WHERE seq = 2",
        "the set-aside entry of decision 2 is not what was decided",
    ),
    "an entry is looked at again though nobody said so": (
        "DELETE FROM ignored WHERE seq = 2",
        "the set-aside entry of decision 2 is missing",
    ),
    "the adviser seems to have nothing": ("DELETE FROM posted", "the batch of decision 9 is missing"),
    "a mail that was sent is to be sent again": (
        "UPDATE outbox SET status = 'queued'",
        "effect notice-M-2026-00001 is stored as queued, but decided is sent",
    ),
    "a mail that was sent seems to have been withdrawn": (
        "UPDATE outbox SET status = 'cancelled'",
        "effect notice-M-2026-00001 is stored as cancelled, but decided is sent",
    ),
}


@pytest.mark.parametrize("deed", TAMPERED)
def test_every_change_of_what_was_decided_is_named(engine: Engine, company: str, deed: str) -> None:
    statement, expected = TAMPERED[deed]
    _behind_the_guards(engine, statement)
    with reading(engine) as connection:
        assert next(loose_rows(connection, company)) == expected


MOVED: dict[str, tuple[str, str]] = {
    "an amount was changed": (
        "UPDATE statement_entry SET amount_minor = 99 WHERE remittance = 'RE-1'",
        "statement:1: the stored entries add up to 15,99 EUR, the statement moved 134,00 EUR",
    ),
    "a payment was cut out of its statement": (
        "DELETE FROM statement_line WHERE line_no = 1",
        "statement:1: the stored entries add up to 114,00 EUR, the statement moved 134,00 EUR",
    ),
    "a balance was changed": (
        "UPDATE statement SET closing_minor = closing_minor + 1",
        "statement:1: the stored entries add up to 134,00 EUR, the statement moved 134,01 EUR",
    ),
}


@pytest.mark.parametrize("deed", MOVED)
def test_entries_that_no_longer_add_up_are_named(engine: Engine, company: str, deed: str) -> None:
    statement, expected = MOVED[deed]
    _behind_the_guards(engine, statement)
    with reading(engine) as connection:
        assert expected in movements_match(connection, company)


def test_a_payment_whose_status_was_changed_is_named(engine: Engine, company: str) -> None:
    _behind_the_guards(engine, "UPDATE statement_entry SET status = 'pending' WHERE remittance = 'RE-1'")
    with reading(engine) as connection:
        (problem,) = misjudged(connection, company)
    assert problem.endswith(" is pending, but its deliveries say booked")


def test_a_payment_that_no_bank_ever_booked_is_named(engine: Engine, company: str) -> None:
    columns = "account, booking_date, value_date, amount_minor, currency, kind, status, payer_name, payer_iban"
    columns += ", payer_bic, ultimate_name, remittance, remittance_glued, reference_list, end_to_end_id, mandate_id"
    columns += ", creditor_id, bank_reference, return_reason, original_minor, original_currency, charges_minor"
    columns += ", charges_currency, posting_text, transaction_code, booking_ref, position, place"
    _behind_the_guards(
        engine,
        f"INSERT INTO statement_entry (company_id, entry_id, {columns})"
        f" SELECT company_id, 'invented', {columns} FROM statement_entry WHERE remittance = 'RE-1'",
    )
    with reading(engine) as connection:
        assert movements_match(connection, company) == ["entry invented came with no statement"]


@pytest.mark.parametrize("payload", ["{}", "[]", "no JSON"])
def test_an_audit_survives_decisions_that_were_made_unreadable(engine: Engine, company: str, payload: str) -> None:
    _behind_the_guards(engine, f"UPDATE decision SET payload = '{payload}'")
    with reading(engine) as connection:
        problems = verify(connection, company)["problems"]
    for seq in range(1, 11):
        assert f"decision log: decision {seq} was changed after it was written" in problems


def test_a_log_that_was_cut_is_noticed_by_the_night_that_saw_its_end(engine: Engine, company: str) -> None:
    _behind_the_guards(engine, "DELETE FROM decision WHERE seq >= 9")
    with reading(engine) as connection:
        problems = verify(connection, company)["problems"]
    assert "decision log: the night of 2026-07-01 ended with decision 9, which is no longer the same" in problems
