"""Bookings are decisions: made once, taken back by another decision, never edited."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from ledger.allocation import Allocation, AllocationKind
from ledger.money import Money
from ledger.tax_share import read_tax_shares, split_by_rate
from reconciliation.outcome import EntryState, Evidence, Outcome, Proposal
from storage.audit import loose_rows
from storage.canonical import canonical, parsed
from storage.database import reading, transaction
from storage.decisions import head
from storage.matches import (
    book,
    ignore,
    load_all_booked,
    load_booked,
    load_ignored,
    load_outcomes,
    reverse,
    save_outcomes,
)
from storage.tables import DECISION, OUTCOME
from tests.storage.given import (
    AUTHOR,
    COMPANY,
    booked,
    entry,
    entry_ids,
    euro,
    item,
    open_amounts,
    payment,
    report,
    statement,
    take_in,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine


@pytest.fixture
def entry_id(engine: Engine) -> str:
    """Two open invoices, and one payment that is not matched yet."""
    report(engine, item("RE-1"), item("RE-2"))
    take_in(engine, "june", statement("0,00", entry("RE-1 RE-2", "238,00")))
    return entry_ids(engine)[0]


def test_a_booking_stands_until_it_is_taken_back_as_a_whole(engine: Engine, entry_id: str) -> None:
    with transaction(engine, COMPANY) as connection:
        book(connection, COMPANY, AUTHOR, [booked(entry_id, payment("RE-1"), payment("RE-2"))])
        first = load_booked(connection, COMPANY)
    assert [(one.allocation_id, one.entry_id, one.state, one.allocation) for one in first] == [
        ("1-0", entry_id, EntryState.AUTO, payment("RE-1")),
        ("1-1", entry_id, EntryState.AUTO, payment("RE-2")),
    ]
    assert open_amounts(engine) == {"RE-1": "0,00 EUR", "RE-2": "0,00 EUR"}
    with transaction(engine, COMPANY) as connection:
        assert reverse(connection, COMPANY, AUTHOR, entry_id, "the wrong customer") == 2
        assert load_booked(connection, COMPANY) == []
        history = [
            (one.allocation_id, one.reverses, str(one.allocation.amount))
            for one in load_all_booked(connection, COMPANY)
        ]
    assert history == [
        ("1-0", "", "119,00 EUR"),
        ("1-1", "", "119,00 EUR"),
        ("2-0", "1-0", "-119,00 EUR"),
        ("2-1", "1-1", "-119,00 EUR"),
    ]
    assert open_amounts(engine) == {"RE-1": "119,00 EUR", "RE-2": "119,00 EUR"}


MIXED = read_tax_shares("19:119,00 7:119,00", "EUR")
SKONTO = replace(
    payment("RE-1", "4,76", AllocationKind.SKONTO), tax_parts=split_by_rate(euro("4,76"), MIXED)
)  # 2 % of 238,00


def test_the_rates_of_a_skonto_are_kept_decided_and_taken_back_with_it(engine: Engine, entry_id: str) -> None:
    with transaction(engine, COMPANY) as connection:
        (seq,) = book(connection, COMPANY, AUTHOR, [booked(entry_id, payment("RE-1"), SKONTO)]).values()
        assert [one.allocation for one in load_booked(connection, COMPANY)] == [payment("RE-1"), SKONTO]
        reverse(connection, COMPANY, AUTHOR, entry_id, "the wrong customer")
        back = load_all_booked(connection, COMPANY)[-1].allocation
        payload = connection.execute(select(DECISION.c.payload).where(DECISION.c.seq == seq)).scalar_one()
        assert list(loose_rows(connection, COMPANY)) == []
    assert [(str(p.rate_percent), str(p.net), str(p.tax)) for p in back.tax_parts] == [
        ("19", "-2,00 EUR", "-0,38 EUR"),
        ("7", "-2,22 EUR", "-0,16 EUR"),
    ]
    assert parsed(payload)["tax_parts"] == [[], [["19", 200, 38], ["7", 222, 16]]]


def test_a_proposal_keeps_the_rates_of_its_skonto_and_an_older_one_has_none(engine: Engine, entry_id: str) -> None:
    proposal = Proposal(probability=0.9, allocations=(payment("RE-1"), SKONTO), reasons=())
    outcome = Outcome(entry_id=entry_id, state=EntryState.REVIEW, reasons=(), proposals=(proposal,))
    with transaction(engine, COMPANY) as connection:
        save_outcomes(connection, COMPANY, [outcome])
        assert load_outcomes(connection, COMPANY)[entry_id].proposals[0].allocations == (payment("RE-1"), SKONTO)
        (stored,) = parsed(connection.execute(select(OUTCOME.c.proposals)).scalar_one())
        del stored["tax_parts"]
        connection.execute(update(OUTCOME).values(proposals=canonical([stored])))
        older = load_outcomes(connection, COMPANY)[entry_id].proposals[0].allocations
    assert older == (payment("RE-1"), replace(SKONTO, tax_parts=()))


def test_what_was_taken_back_can_be_booked_anew_and_taken_back_again(engine: Engine, entry_id: str) -> None:
    with transaction(engine, COMPANY) as connection:
        for _ in range(2):
            book(connection, COMPANY, AUTHOR, [booked(entry_id, payment("RE-1", "238,00"))])
            assert reverse(connection, COMPANY, AUTHOR, entry_id, "again") == 1
        assert load_booked(connection, COMPANY) == []
    assert open_amounts(engine)["RE-1"] == "119,00 EUR"


def test_taking_back_where_nothing_stands_decides_nothing(engine: Engine, entry_id: str) -> None:
    with transaction(engine, COMPANY) as connection:
        assert reverse(connection, COMPANY, AUTHOR, entry_id, "nothing there") == 0
        assert head(connection, COMPANY).seq == 0


def test_an_entry_on_which_something_stands_cannot_be_booked_again(engine: Engine, entry_id: str) -> None:
    once = booked(entry_id, payment("RE-1", "238,00"))
    with transaction(engine, COMPANY) as connection:
        book(connection, COMPANY, AUTHOR, [once])
    with pytest.raises(AssertionError, match="booked already"), transaction(engine, COMPANY) as connection:
        book(connection, COMPANY, AUTHOR, [once])
    with transaction(engine, COMPANY) as connection:
        reverse(connection, COMPANY, AUTHOR, entry_id, "again")
    with pytest.raises(AssertionError, match="booked already"), transaction(engine, COMPANY) as connection:
        book(connection, COMPANY, AUTHOR, [once, once])
    with reading(engine) as connection:
        assert load_booked(connection, COMPANY) == []
        assert head(connection, COMPANY).seq == 2


def test_an_outcome_that_books_nothing_is_no_decision(engine: Engine, entry_id: str) -> None:
    with transaction(engine, COMPANY) as connection:
        book(connection, COMPANY, AUTHOR, [Outcome(entry_id=entry_id, state=EntryState.UNMATCHED, reasons=())])
        assert head(connection, COMPANY).seq == 0


def test_the_lines_of_a_long_booking_keep_their_order(engine: Engine, entry_id: str) -> None:
    lines = tuple(payment("RE-1", f"{number},00") for number in range(1, 13))
    outcome = booked(entry_id, *lines)
    with transaction(engine, COMPANY) as connection:
        book(connection, COMPANY, AUTHOR, [outcome])
        save_outcomes(connection, COMPANY, [outcome])
        assert load_outcomes(connection, COMPANY)[entry_id].allocations == lines


def test_a_person_sets_an_entry_aside_and_thinks_again(engine: Engine, entry_id: str) -> None:
    with transaction(engine, COMPANY) as connection:
        ignore(connection, COMPANY, AUTHOR, entry_id, "a gift", ignored=True)
        assert load_ignored(connection, COMPANY) == {entry_id: "a gift"}
        ignore(connection, COMPANY, AUTHOR, entry_id, "no gift", ignored=False)
        assert load_ignored(connection, COMPANY) == {}
        ignore(connection, COMPANY, AUTHOR, entry_id, "a gift after all", ignored=True)
        assert load_ignored(connection, COMPANY) == {entry_id: "a gift after all"}
        assert head(connection, COMPANY).seq == 3


def test_what_the_night_thinks_comes_back_with_every_proposal_and_clue(engine: Engine, entry_id: str) -> None:
    on_account = Allocation(kind=AllocationKind.ON_ACCOUNT, amount=euro("119,00"), debtor_number="10001")
    thought = Outcome(
        entry_id=entry_id,
        state=EntryState.REVIEW,
        reasons=("Zwei Rechnungen passen gleich gut.", "„RE-1“ steht im Text."),
        proposals=(
            Proposal(
                probability=0.875,
                allocations=(payment("RE-1"), payment("RE-2")),
                reasons=("both are named",),
                evidence=(
                    Evidence(
                        rule="document_number", strength=7.25, says="RE-1", item_id="list:invoice:RE-1", span=(0, 4)
                    ),
                    Evidence(rule="payer_account", strength=-1.5, says="known", debtor_number="10001"),
                ),
                evidence_class="numbers_and_amount",
                residual=Money(0, "EUR"),
            ),
            Proposal(probability=0.125, allocations=(payment("RE-1"), on_account), reasons=(), residual=None),
        ),
        possible_debtors=frozenset({"10001", "10002"}),
    )
    with transaction(engine, COMPANY) as connection:
        save_outcomes(connection, COMPANY, [thought])
        assert load_outcomes(connection, COMPANY) == {entry_id: thought}


def test_the_next_night_replaces_what_the_last_one_thought(engine: Engine, entry_id: str) -> None:
    with transaction(engine, COMPANY) as connection:
        save_outcomes(connection, COMPANY, [Outcome(entry_id=entry_id, state=EntryState.UNMATCHED, reasons=("?",))])
        decided = booked(entry_id, payment("RE-1"), payment("RE-2"))
        book(connection, COMPANY, AUTHOR, [decided])
        save_outcomes(connection, COMPANY, [decided])
        assert load_outcomes(connection, COMPANY) == {entry_id: decided}


def test_a_failure_in_the_middle_leaves_no_half_decision(engine: Engine, entry_id: str) -> None:
    good, unknown = booked(entry_id, payment("RE-1", "238,00")), booked("no such entry", payment("RE-2"))
    with pytest.raises(IntegrityError), transaction(engine, COMPANY) as connection:
        book(connection, COMPANY, AUTHOR, [good, unknown])
    with reading(engine) as connection:
        assert load_all_booked(connection, COMPANY) == []
        assert head(connection, COMPANY).seq == 0
