"""What people decided is kept with what was weighed; models, audits and drifts are decisions in the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from ledger.allocation import Allocation, AllocationKind
from ledger.errors import Refused
from night.verify import verify
from reconciliation.adaptation import Labelled
from reconciliation.certificate import Certificate
from reconciliation.drift import Look, Mix
from reconciliation.learning import NONE_OF_THEM
from reconciliation.model import Model
from reconciliation.outcome import EntryState, Outcome, Proposal, Weight
from storage.audit_draws import DrawState, answer_draw, keep_draws, load_draws
from storage.database import reading, transaction
from storage.drifts import add_mix, load_drifts, load_mixes, seen_before
from storage.labels import count_confirmed, load_labelled
from storage.matches import book, ignore, note_file_taken_back, reverse, save_outcomes
from storage.own_models import add_model, load_own_model, load_reset, reset_models
from tests.storage.given import (
    AUTHOR,
    BAKERY,
    COMPANY,
    RUN_DATE,
    a_full_life,
    a_model_of_its_own,
    booked,
    entry,
    entry_ids,
    euro,
    item,
    payment,
    report,
    statement,
    take_in,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

ON_ACCOUNT = Allocation(kind=AllocationKind.ON_ACCOUNT, amount=euro("119,00"), debtor_number="10001")
CERTIFICATE = Certificate(
    threshold=0.9843954620180726,
    target=0.003,
    confidence=0.95,
    accepted=3_100,
    errors=2,
    bound=0.0020307,
    issued_on=RUN_DATE,
    sample="09ff89d66c57ccd1",
)


def proposal(probability: float, *allocations: Allocation, **weights: float) -> Proposal:
    """Give a proposal weighed by arguments, whose names have underscores instead of what they are really called."""
    weighed = tuple(Weight(name, weight) for name, weight in weights.items())
    return Proposal(probability=probability, allocations=allocations, reasons=(), weights=weighed)


FIRST = proposal(0.7, payment("RE-1"), named=3.0, payer=1.0)
SECOND = proposal(0.2, payment("RE-2"), named=2.0)


@pytest.fixture
def entry_id(engine: Engine) -> str:
    """Two open invoices, and one payment that waits."""
    report(engine, item("RE-1"), item("RE-2"))
    take_in(engine, "june", statement("0,00", entry("RE-1 RE-2")))
    return entry_ids(engine)[0]


def labelled(engine: Engine, after_seq: int = 0) -> list[Labelled]:
    with reading(engine) as connection:
        return load_labelled(connection, COMPANY, after_seq=after_seq)


def decide(engine: Engine, entry_id: str, *allocations: Allocation, proposals: tuple[Proposal, ...]) -> None:
    with transaction(engine, COMPANY) as connection:
        book(
            connection,
            COMPANY,
            AUTHOR,
            [booked(entry_id, *allocations, state=EntryState.CONFIRMED, proposals=proposals)],
        )
        assert verify(connection, COMPANY)["problems"] == []


def test_a_confirmed_proposal_is_kept_with_its_rivals(engine: Engine, entry_id: str) -> None:
    decide(engine, entry_id, payment("RE-1"), proposals=(FIRST, SECOND))
    (label,) = labelled(engine)
    assert label._replace(others=0.0) == Labelled(entry_id, BAKERY, (("named", "payer"), ("named",)), 0)
    # exp(4) is 0.7 of everything: 78.0. Less "none of them" and the two proposals, 15.0 remain.
    assert label.others == pytest.approx(15.01, abs=0.01)


def test_a_second_proposal_that_is_taken_is_the_right_one(engine: Engine, entry_id: str) -> None:
    decide(engine, entry_id, payment("RE-2"), proposals=(FIRST, SECOND))
    (label,) = labelled(engine)
    assert (label.ways, label.right) == ((("named",), ("named", "payer")), 0)


def test_what_was_booked_by_hand_means_none_of_the_proposals(engine: Engine, entry_id: str) -> None:
    halves = (payment("RE-1", "60,00"), payment("RE-2", "59,00"))
    decide(engine, entry_id, *halves, proposals=(FIRST, SECOND))
    (label,) = labelled(engine)
    assert (label.ways, label.right) == ((("named", "payer"), ("named",)), NONE_OF_THEM)


def test_a_proposal_typed_by_hand_in_another_order_is_that_proposal(engine: Engine, entry_id: str) -> None:
    halves = (payment("RE-1", "60,00"), payment("RE-2", "59,00"))
    decide(engine, entry_id, *reversed(halves), proposals=(proposal(0.9, *halves, named=5.0),))
    assert [label.right for label in labelled(engine)] == [0]


def test_what_was_set_aside_was_none_of_the_proposals_until_that_is_taken_back(engine: Engine, entry_id: str) -> None:
    with transaction(engine, COMPANY) as connection:
        ignore(connection, COMPANY, AUTHOR, entry_id, "rent", ignored=True, proposals=(FIRST,))
        assert verify(connection, COMPANY)["problems"] == []
    assert [(label.ways, label.right) for label in labelled(engine)] == [((("named", "payer"),), NONE_OF_THEM)]
    with transaction(engine, COMPANY) as connection:
        ignore(connection, COMPANY, AUTHOR, entry_id, "it was not", ignored=False)
    assert labelled(engine) == []


def test_perhaps_paid_twice_is_not_learned_as_what_it_was_weighed_for(engine: Engine, entry_id: str) -> None:
    twice = proposal(0.5, ON_ACCOUNT, named=3.0)
    decide(engine, entry_id, ON_ACCOUNT, proposals=(twice, SECOND))
    assert [(label.ways, label.right) for label in labelled(engine)] == [((("named",),), NONE_OF_THEM)]


def test_what_was_taken_back_is_nobodys_word(engine: Engine, entry_id: str) -> None:
    decide(engine, entry_id, payment("RE-1"), proposals=(FIRST,))
    with reading(engine) as connection:
        assert count_confirmed(connection, COMPANY) == 1
        assert count_confirmed(connection, COMPANY, after_seq=1) == 0
    assert labelled(engine, after_seq=1) == []
    with transaction(engine, COMPANY) as connection:
        reverse(connection, COMPANY, AUTHOR, entry_id, "it was RE-2")
    assert labelled(engine) == []


def test_an_automatic_booking_says_nothing_until_it_was_audited(engine: Engine, entry_id: str) -> None:
    sure = replace(FIRST, evidence_class="certified")
    with transaction(engine, COMPANY) as connection:
        seqs = book(connection, COMPANY, AUTHOR, [booked(entry_id, payment("RE-1"), proposals=(sure,))])
        keep_draws(connection, COMPANY, AUTHOR, {entry_id: (seqs[entry_id], "certified")})
    assert labelled(engine) == []
    with transaction(engine, COMPANY) as connection:
        answer_draw(connection, COMPANY, AUTHOR, entry_id, "", is_right=True)
        with pytest.raises(Refused, match="does not wait for an audit"):
            answer_draw(connection, COMPANY, AUTHOR, entry_id, "", is_right=True)
        assert verify(connection, COMPANY)["problems"] == []
    assert [(label.right, label.is_proven) for label in labelled(engine)] == [(0, False)]


@pytest.mark.parametrize(
    ("by_file", "state"), [(False, DrawState.WRONG), (True, DrawState.GONE)], ids=["by a person", "with its file"]
)
def test_a_drawn_booking_that_was_taken_back(
    engine: Engine, entry_id: str, *, by_file: bool, state: DrawState
) -> None:
    with transaction(engine, COMPANY) as connection:
        seqs = book(connection, COMPANY, AUTHOR, [booked(entry_id, payment("RE-1"), proposals=(FIRST,))])
        keep_draws(connection, COMPANY, AUTHOR, {entry_id: (seqs[entry_id], "number_exact")})
        assert [draw.state for draw in load_draws(connection, COMPANY)] == [DrawState.WAITING]
        reverse(connection, COMPANY, AUTHOR, entry_id, "wrong")
        if by_file:
            note_file_taken_back(connection, COMPANY, AUTHOR, "0" * 64, "june", "twice", [entry_id])
        assert [draw.state for draw in load_draws(connection, COMPANY)] == [state]
        assert load_draws(connection, COMPANY, since=RUN_DATE + timedelta(days=1)) == []
    found = labelled(engine)
    assert [(label.right, label.is_proven) for label in found] == ([] if by_file else [(NONE_OF_THEM, True)])


def test_a_model_stands_with_its_certificate_until_a_person_goes_back(engine: Engine) -> None:
    model = Model(name="own", weights={"any": -6.12, "payer: known": 5.66}, decisions=812, certificate=CERTIFICATE)
    with transaction(engine, COMPANY) as connection:
        with pytest.raises(Refused, match="the shipped one decides already"):
            reset_models(connection, COMPANY, AUTHOR, "why not")
        assert add_model(connection, COMPANY, AUTHOR, model, labels=4_060, labels_seq=0) == "M1"
    with reading(engine) as connection:
        own = load_own_model(connection, COMPANY)
        assert own is not None
        assert (own.model, own.labels, own.adapted_on) == (model, 4_060, RUN_DATE)
        assert load_own_model(connection, "other") is None
    with transaction(engine, COMPANY) as connection:
        reset_models(connection, COMPANY, AUTHOR, "new customers")
        assert load_own_model(connection, COMPANY) is None
        reset = load_reset(connection, COMPANY)
        assert reset is not None
        assert (reset.why, reset.reset_on) == ("new customers", RUN_DATE)
        add_model(connection, COMPANY, AUTHOR, replace(model, certificate=None), labels=4_100, labels_seq=2)
        own = load_own_model(connection, COMPANY)
        assert own is not None
        assert own.model.certificate is None
        assert verify(connection, COMPANY)["problems"] == []


def test_looks_of_one_day_are_added_up(engine: Engine) -> None:
    night = Mix(payments=10, texts=5, looks={Look.STRANGER: 3})
    with transaction(engine, COMPANY) as connection:
        add_mix(connection, COMPANY, RUN_DATE, night)
        add_mix(connection, COMPANY, RUN_DATE, night)
        add_mix(connection, COMPANY, date(2025, 1, 1), night)
        assert load_mixes(connection, COMPANY, since=RUN_DATE) == {RUN_DATE: night + night}
        assert load_mixes(connection, "other", since=RUN_DATE) == {}


def test_an_entry_that_a_night_thought_about_was_seen(engine: Engine, entry_id: str) -> None:
    with transaction(engine, COMPANY) as connection:
        assert seen_before(connection, COMPANY, [entry_id]) == set()
        save_outcomes(connection, COMPANY, [Outcome(entry_id=entry_id, state=EntryState.REVIEW, reasons=())])
        assert seen_before(connection, COMPANY, [entry_id, "another"]) == {entry_id}


def test_an_ended_drift_is_told_with_its_end(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        a_full_life(connection, COMPANY)
        a_model_of_its_own(connection, COMPANY)
        (drift,) = load_drifts(connection, COMPANY)
        assert (drift.causes, drift.ended_on, drift.is_usual_now) == (
            ("14 of 60 payments name an unknown number",),
            RUN_DATE,
            True,
        )
        assert load_drifts(connection, "other") == []


@pytest.mark.parametrize(
    ("table", "change", "problem"),
    [
        ("own_model", "SET bound = 0.0001", "own model of decision"),
        ("own_model", "SET weights = '{}'", "own model of decision"),
        ("audit_result", "SET is_right = NOT is_right", "result of an audit of decision"),
        ("drift_ended", "SET why = 'nothing'", "end of a drift of decision"),
    ],
)
def test_verify_finds_a_forged_certificate_and_a_forged_audit(
    engine: Engine, table: str, change: str, problem: str
) -> None:
    with transaction(engine, COMPANY) as connection:
        a_full_life(connection, COMPANY)
        a_model_of_its_own(connection, COMPANY)
        decisions = [p for p in verify(connection, COMPANY)["problems"] if p.startswith("decision")]
        assert decisions == []
    guard = f"DROP TRIGGER {table}_no_update" if engine.dialect.name == "sqlite" else None
    with engine.begin() as connection:
        connection.execute(text(guard or f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        connection.execute(text(f"UPDATE {table} {change}"))
    with reading(engine) as connection:
        assert any(problem in found for found in verify(connection, COMPANY)["problems"])
