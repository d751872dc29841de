"""What a person rejected is not proposed again on the same grounds, and what is new brings it back."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.allocation import Allocation, AllocationKind
from ledger.money import Money
from reconciliation.case import consider
from reconciliation.engine import reconcile
from reconciliation.interpretation import Hypothesis, Interpretation
from reconciliation.learned_weights import SHIPPED
from reconciliation.outcome import EntryState, Evidence, Outcome, Proposal
from reconciliation.rejections import Ground, Rejection, Subject, grounds_of, respected, respecting, subject_of
from reconciliation.weighing import Weighed, compared
from tests.reconciliation.table import read_book

if TYPE_CHECKING:
    from collections.abc import Sequence

MORNING = date(2026, 5, 7)


def pays(*numbers: str) -> tuple[Allocation, ...]:
    return tuple(
        Allocation(
            kind=AllocationKind.PAYMENT,
            amount=Money(10000, "EUR"),
            item_id=number,
            document_number=number,
            debtor_number="10001",
        )
        for number in numbers
    )


def clue(rule: str, about: str = "RE-1", says: str = "") -> Evidence:
    return Evidence(rule=rule, strength=1.0, says=says or f"{rule} speaks", item_id=about)


def weighed(*ways: tuple[Sequence[str], float, Sequence[str]]) -> tuple[Weighed, ...]:
    """Weigh ways to book: documents, log-odds, rules that speak for them."""
    return compared(
        (
            Hypothesis(
                item_ids=tuple(numbers),
                debtors=("10001",),
                interpretation=Interpretation.EXACT,
                allocations=pays(*numbers),
                says=("pays",),
            ),
            (),
            score,
            tuple(clue(rule) for rule in rules),
        )
        for numbers, score, rules in ways
    )


def rejection(*numbers: str, rules: Sequence[str] = (), who: str = "anna", why: str = "") -> Rejection:
    return Rejection(
        entry_id="e1",
        subject=subject_of(pays(*numbers)),
        grounds=tuple(Ground(rule, "RE-1", "said so") for rule in rules),
        rejected_on=MORNING,
        who=who,
        why=why,
    )


@pytest.mark.parametrize(
    ("rejected", "speaks", "comes_back"),
    [
        (["payer_name", "exact_amount"], ["payer_name", "exact_amount"], False),
        (["payer_name", "exact_amount"], ["payer_name"], False),  # less than before
        (["payer_name"], ["payer_name", "order_number"], True),
        ([], ["payer_name"], True),  # a person had assigned it by hand, nobody had weighed it
        (["document_number", "known_payer"], ["document_number", "payer_name"], False),  # was never asked
        (["document_number", "known_payer"], ["document_number", "structured_reference"], True),
        (["document_number"], ["document_number", "payer_name"], True),
    ],
)
def test_only_a_rule_that_did_not_speak_before_is_new(
    rejected: Sequence[str], speaks: Sequence[str], *, comes_back: bool
) -> None:
    left = respected(weighed((["RE-1"], 3.0, speaks)), [rejection("RE-1", rules=rejected)])
    assert bool(left) is comes_back


def test_the_same_rule_in_other_words_is_not_new() -> None:
    (before,) = weighed((["RE-1"], 3.0, ["known_payer"]))
    (ground,) = grounds_of([clue("known_payer", says="the account is known from 1 earlier payment")])
    one = Rejection(
        entry_id="e1", subject=subject_of(pays("RE-1")), grounds=(ground,), rejected_on=MORNING, who="anna", why=""
    )
    assert respected([before], [one]) == ()


def test_the_same_documents_are_meant_whatever_is_made_of_the_amount() -> None:
    skonto = Allocation(
        kind=AllocationKind.SKONTO,
        amount=Money(200, "EUR"),
        item_id="RE-1",
        document_number="RE-1",
        debtor_number="10001",
    )
    assert subject_of([*pays("RE-1"), skonto]) == subject_of(pays("RE-1")) == Subject(("RE-1",), ("10001",))
    assert subject_of(pays("RE-2", "RE-1")) == subject_of(pays("RE-1", "RE-2"))


def test_what_is_left_is_no_surer_because_something_else_was_rejected() -> None:
    first, second = weighed((["RE-1"], 3.0, ["payer_name"]), (["RE-2"], 3.0, ["payer_name"]))
    assert respected([first, second], [rejection("RE-1", rules=["payer_name"])]) == (second,)


def test_what_comes_back_says_who_rejected_it_when_and_what_is_new() -> None:
    again = [
        rejection("RE-1", rules=["payer_name"], why="a namesake"),
        rejection("RE-1", rules=["exact_amount"], who="ben", why="still not"),
    ]
    (left,) = respected(weighed((["RE-1"], 3.0, ["payer_name", "exact_amount", "order_number"])), again)
    assert left.hypothesis.says == (
        "pays",
        "was rejected on 07.05.2026 by ben (still not); new: order_number speaks",
    )


def test_a_return_is_not_booked_again_after_it_was_rejected() -> None:
    proposal = Proposal(probability=0.99, allocations=pays("RE-1"), reasons=("it came back",))
    booked = Outcome(
        entry_id="e1",
        state=EntryState.RETURNED,
        reasons=(),
        allocations=pays("RE-1"),
        proposals=(proposal, Proposal(probability=0.01, allocations=pays("RE-2"), reasons=())),
    )
    left = respecting(booked, [rejection("RE-1", why="another debit")])
    assert (left.state, left.allocations) == (EntryState.REVIEW, ())
    assert [p.allocations for p in left.proposals] == [pays("RE-2")]
    assert left.reasons == (
        "a booking of this entry was rejected on 07.05.2026 by anna (another debit), so a person decides",
    )
    assert respecting(booked, ()) is booked


def test_nothing_is_booked_by_what_is_left_over() -> None:
    book = read_book("""
        item RE-2026-00471 119,00
        item RE-2026-00472 119,00
        paid 119,00 "Danke" from DE11 "Muster Bau GmbH"
    """)
    (entry,) = book.entries
    index = book.index()
    first = consider(entry, index, SHIPPED).weighed[0]
    one = Rejection(
        entry_id=entry.entry_id,
        subject=subject_of(first.hypothesis.allocations),
        grounds=grounds_of(first.evidence),
        rejected_on=MORNING,
        who="anna",
        why="",
    )
    (outcome,) = reconcile(
        entries=book.entries,
        items=book.items,
        debtors=book.debtors,
        known_payers=(),
        past=(),
        settings=book.settings,
        own_accounts=frozenset(),
        rejections={entry.entry_id: (one,)},
    )
    assert outcome.state is EntryState.REVIEW
    numbers = [a.document_number for p in outcome.proposals for a in p.allocations]
    assert "RE-2026-00472" in numbers
    assert "RE-2026-00471" not in numbers


RULES = ["payer_name", "exact_amount", "known_payer", "document_number", "order_number"]
WAYS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["RE-1", "RE-2", "RE-3"]), min_size=1, max_size=3, unique=True).map(sorted),
        st.integers(-30, 30).map(lambda tenths: tenths / 10),
        st.lists(st.sampled_from(RULES), unique=True),
    ),
    max_size=5,
    unique_by=lambda way: tuple(way[0]),
)


@given(WAYS, st.data())
def test_what_was_just_rejected_is_gone_and_the_rest_is_there(
    ways: list[tuple[list[str], float, list[str]]], data: st.DataObject
) -> None:
    every = weighed(*ways)
    assert respected(every, ()) == every
    if not every:
        return
    chosen = data.draw(st.sampled_from(every))
    one = Rejection(
        entry_id="e1",
        subject=subject_of(chosen.hypothesis.allocations),
        grounds=grounds_of(chosen.evidence),
        rejected_on=MORNING,
        who="anna",
        why="",
    )
    left = respected(every, [one])
    assert left == tuple(w for w in every if w is not chosen)
