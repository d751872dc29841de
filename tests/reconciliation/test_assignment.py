"""Several payments for one item: no cent is taken twice, the better or earlier one wins, and luck decides nothing."""

from __future__ import annotations

import pickle
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.money import Money
from reconciliation.assignment import assign
from reconciliation.bid import NEVER, Bid, Way, bid_of
from reconciliation.case import consider
from reconciliation.learned_weights import SHIPPED
from reconciliation.outcome import EntryState
from tests.reconciliation.table import check, read_book

if TYPE_CHECKING:
    from random import Random

    from reconciliation.assignment import Assignment
    from reconciliation.outcome import Outcome

DAY = date(2026, 5, 1)
INDEX = read_book("""
    item A  10,00
    item B  10,00
    item C  5,00
""").index()
FREE = {item_id: item.open_amount.minor for item_id, item in INDEX.items.items()}
A, B, C = sorted(FREE)


def bid(entry_id: str, *ways: Way, day: int = 0, payer: str = "", minor: int = 1_000) -> Bid:
    """Make a bid of a payer of its own, or of a named one."""
    return Bid(
        entry_id=entry_id,
        since=DAY + timedelta(days=day),
        amount=Money(minor, "EUR"),
        account=payer or f"DE-{entry_id}",
        alike=(payer or f"DE-{entry_id}", "EUR", minor, ""),
        ways=ways,
        others=max(1e-9, 1.0 - sum(way.probability for way in ways)),
    )


def proven(item_id: str, probability: float = 0.999, minor: int = 1_000) -> Way:
    """Make a way that a named class proves."""
    return Way(((item_id, minor),), 7.0, probability, 0.75, is_proven=True)


def likely(item_id: str, probability: float, minor: int = 1_000) -> Way:
    """Make a way that nothing proves."""
    return Way(((item_id, minor),), 1.0, probability, NEVER, is_proven=False)


def night(*bids: Bid, returned: dict[str, date] | None = None) -> Assignment:
    return assign(bids, returned or {}, INDEX)


def booked(assignment: Assignment) -> dict[str, int]:
    return {entry_id: v.automatic for entry_id, v in assignment.verdicts.items() if v.automatic is not None}


# Names of payers are those of the table: the same letter is the same account.
@pytest.mark.parametrize(
    ("story", "bids", "expected"),
    [
        ("alone", [bid("1", proven(A))], {"1": 0}),
        ("two items", [bid("1", proven(A)), bid("2", proven(B))], {"1": 0, "2": 0}),
        ("two parts", [bid("1", proven(A, minor=400)), bid("2", proven(A, minor=600))], {"1": 0, "2": 0}),
        ("two strangers", [bid("1", proven(A)), bid("2", proven(A), day=3)], {}),
        ("one payer, two days", [bid("1", proven(A), payer="X"), bid("2", proven(A), payer="X", day=3)], {"1": 0}),
        ("one payer, one day", [bid("1", proven(A), payer="X"), bid("2", proven(A), payer="X")], {}),
        ("a weak rival", [bid("1", proven(A)), bid("2", likely(A, 0.3), day=-3)], {"1": 0}),
        ("as good, unproven", [bid("1", proven(A, 0.9)), bid("2", likely(A, 0.9))], {}),
        ("three parts", [bid(n, proven(A, minor=400)) for n in "123"], {}),
        ("seven parts", [bid(n, proven(A, minor=150)) for n in "1234567"], {}),
        (
            "the earlier one pays, whatever the third wants",
            [bid(n, proven(A), payer="X", day=int(n)) for n in "123"],
            {"1": 0},
        ),
        (
            "falls to the second, which is proven",
            [bid("1", proven(A, 0.9999)), bid("2", likely(A, 0.6), proven(B, 0.39), minor=990)],
            {"1": 0, "2": 1},
        ),
        (
            "never to the second where it may be a duplicate",
            [bid("1", proven(A, 0.9999)), bid("2", likely(A, 0.6), proven(B, 0.39))],
            {"1": 0},
        ),
        (
            "not to a second that nothing proves",
            [bid("1", proven(A, 0.9999)), bid("2", likely(A, 0.6), likely(B, 0.39), minor=990)],
            {"1": 0},
        ),
        (
            "who could swap is not decided by luck",
            [bid(n, proven(A, 0.5), proven(B, 0.499), payer="X") for n in "12"],
            {},
        ),
    ],
)
def test_who_of_several_is_booked(story: str, bids: list[Bid], expected: dict[str, int]) -> None:
    assert booked(night(*bids)) == expected, story


def test_a_returned_debit_frees_its_item_for_a_later_payment_and_no_earlier_one() -> None:
    collected = bid("1", proven(A))
    back = {"1": DAY + timedelta(days=4)}
    assert booked(night(collected, bid("2", proven(A), day=4), returned=back)) == {"1": 0, "2": 0}
    assert booked(night(collected, bid("2", proven(A), day=3), returned=back)) == {}


def test_what_a_returned_debit_took_is_not_taken() -> None:
    found = night(bid("1", proven(A)), bid("2", proven(B)), returned={"1": DAY + timedelta(days=4)})
    assert [item_id for item_id, claims in found.taken.items() if claims] == [B]


def test_very_many_payments_of_one_item_wait_and_cost_nothing() -> None:
    found = night(*(bid(f"{number:05d}", proven(A)) for number in range(5_000)))
    assert not found.automatic
    assert all("too many to tell them apart" in reasons[0] for reasons in found.blocked.values())


def test_where_combinations_cannot_be_counted_only_proof_is_booked() -> None:
    book = read_book("\n".join(f"item RE-{number:03d} 10,00" for number in range(30)))
    every = sorted(book.index().items)
    unclear = [bid(f"u{n}", *(likely(item_id, 0.03) for item_id in every[:25])) for n in range(25)]
    by_number = Way(((every[0], 1_000),), 9.0, 0.999, 0.75, is_proven=True)
    by_chance = Way(((every[1], 1_000),), 9.0, 0.999, 0.99, is_proven=False)
    found = assign([*unclear, bid("n", by_number), bid("c", by_chance)], {}, book.index())
    assert found.automatic == {"n"}


WAYS = st.lists(
    st.builds(
        lambda items, least, minor: (items, least, minor),
        st.sets(st.sampled_from([A, B, C]), min_size=1, max_size=2),
        st.sampled_from([0.75, 0.995, NEVER]),
        st.sampled_from([300, 500, 1_000]),
    ),
    max_size=3,
)


@st.composite
def bids(draw: st.DrawFn) -> list[Bid]:
    return [_drawn(draw, f"e{number}") for number in range(draw(st.integers(1, 7)))]


def _drawn(draw: st.DrawFn, entry_id: str) -> Bid:
    left, ways = 1.0, []
    for items, least, minor in draw(WAYS):
        probability = left * draw(st.sampled_from([0.5, 0.9, 0.999]))
        left -= probability
        takes = tuple((item_id, min(minor, FREE[item_id])) for item_id in sorted(items))
        ways.append(Way(takes, 5.0 * probability, probability, least, is_proven=least == 0.75))
    ways.sort(key=lambda way: -way.probability)
    day, payer = draw(st.integers(0, 20)), draw(st.sampled_from(["", "X", "Y"]))
    return bid(entry_id, *ways, day=day, payer=payer, minor=draw(st.sampled_from([1_000, 990])))


@settings(deadline=None)
@given(bids())
def test_no_item_is_settled_twice(drawn: list[Bid]) -> None:
    found = night(*drawn)
    used: Counter[str] = Counter()
    for one in drawn:
        way = found.verdicts[one.entry_id].automatic
        if way is not None:
            assert one.ways[way].least <= 1.0
            used.update(dict(one.ways[way].takes))
    assert all(minor <= FREE[item_id] for item_id, minor in used.items())
    assert {item_id: sum(claim.minor for claim in claims) for item_id, claims in found.taken.items()} == used


@settings(deadline=None)
@given(bids(), st.randoms(use_true_random=False))
def test_the_order_of_payments_decides_nothing(drawn: list[Bid], chance: Random) -> None:
    assert night(*chance.sample(drawn, len(drawn))).verdicts == night(*drawn).verdicts


@settings(deadline=None)
@given(bids(), st.floats(0.5, 1.0))
def test_a_payment_of_something_else_changes_nothing(drawn: list[Bid], probability: float) -> None:
    without_c = [replace(b, ways=tuple(w for w in b.ways if C not in dict(w.takes))) for b in drawn]
    before, after = night(*without_c), night(*without_c, bid("other", proven(C, probability, 500)))
    assert {entry_id: v for entry_id, v in after.verdicts.items() if entry_id != "other"} == before.verdicts


@settings(deadline=None)
@given(bids(), st.data())
def test_more_evidence_for_an_item_never_lowers_its_chance(drawn: list[Bid], data: st.DataObject) -> None:
    payment = data.draw(st.integers(0, len(drawn) - 1))
    one = drawn[payment]
    if not one.ways:
        return
    first, *rest = one.ways
    less = data.draw(st.sampled_from([0.5, 0.1]))  # of everything else, once its number is named
    stronger = 1.0 - (1.0 - first.probability) * less
    named = first._replace(probability=stronger, score=first.score + 3, least=min(first.least, 0.75), is_proven=True)
    others = (way._replace(probability=way.probability * less) for way in rest)
    after = [*drawn[:payment], replace(one, ways=(named, *others), others=one.others * less), *drawn[payment + 1 :]]
    found, before = night(*after), night(*drawn)
    if before.taken.keys() - found.taken.keys():
        return  # what was booked alone waits now that two are proven: chances no longer take it for granted
    assert _chance(found, named, one) >= _chance(before, first, one) - 1e-9


def _chance(found: Assignment, first: Way, one: Bid) -> float:
    chances = found.verdicts[one.entry_id].chances
    return first.probability if chances is None else chances[0]


def test_a_bid_says_what_a_case_would_do_alone_and_is_small() -> None:
    book = read_book("""
        item RE-2026-00471  119,00
        item RE-2026-00472  119,00
        paid 119,00 "RE-2026-00471 vielen Dank fuer die schnelle Lieferung der Ware" from DE11
        paid 119,00 "Zahlung" from DE11
    """)
    index = book.index()
    named, unnamed = (bid_of(consider(entry, index, SHIPPED)) for entry in book.entries)
    assert named.is_automatic
    assert named.ways[0].is_proven
    assert not unnamed.is_automatic
    assert len(unnamed.ways) == 2
    assert all(0.999 < sum(way.probability for way in b.ways) + b.others < 1.001 for b in (named, unnamed))
    assert len(pickle.dumps(named)) < 1_000


def test_the_later_of_two_equal_payments_is_not_booked_on_another_item_of_that_amount() -> None:
    outcomes = check("""
        item RE-2026-00471  119,00  due 10.04.
        item RE-2026-00472  119,00  due 10.05.
        paid 119,00 "RE-2026-00471" from DE11 on 04.05.  -> auto RE-2026-00471 119,00
        paid 119,00 "danke" from DE11 on 06.05.          -> review
    """)
    assert all(not p.probability > 0.75 for p in outcomes["e001"].proposals)


def test_two_payments_that_could_swap_their_items_both_wait() -> None:
    check("""
        item RE-2026-00471  119,00  due 10.04.
        item RE-2026-00472  119,00  due 10.05.
        paid 119,00 "Rechnung" from DE11 on 04.05.  -> review
        paid 119,00 "Rechnung" from DE11 on 06.05.  -> review
    """)


def test_what_waits_is_decided_anew_when_a_better_payment_comes_on_a_later_night() -> None:
    first = """
        debtor 10001 "Muster Bau GmbH"
        item RE-2026-00471  119,00
        paid 119,00 "Gruss" from DE77 "Muster" on 04.05.
    """
    second = 'paid 119,00 "RE-2026-00471" from DE55 "Muster Bau GmbH" on 06.05.'
    assert _states(read_book(first).night()) == {"e000": EntryState.REVIEW}
    outcomes = read_book(f"{first}\n{second}").night()
    assert _states(outcomes) == {"e000": EntryState.REVIEW, "e001": EntryState.AUTO}
    assert "perhaps paid twice" in " ".join(r for p in outcomes["e000"].proposals for r in p.reasons)


def test_evidence_that_comes_with_a_better_payment_lowers_the_chance_that_is_shown() -> None:
    alone = read_book("""
        item RE-2026-00471  119,00
        paid 119,00 "Gruss" from DE99 "Fremd" on 04.05.
    """).night()["e000"]
    together = read_book("""
        item RE-2026-00471  119,00
        paid 119,00 "Gruss" from DE99 "Fremd" on 04.05.
        paid 119,00 "RE-2026-00471 danke" from DE98 "Anders" on 04.05.
    """).night()["e000"]
    assert together.proposals[0].probability < alone.proposals[0].probability


def _states(outcomes: dict[str, Outcome]) -> dict[str, EntryState]:
    return {entry_id: outcome.state for entry_id, outcome in outcomes.items()}
