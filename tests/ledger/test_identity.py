"""One booking is one, however often and in whichever format it comes; two equal bookings are two."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.identity import identify, likeness, may_overlap
from ledger.money import Money
from ledger.statement import Statement, StatementEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY = date(2026, 5, 4)
NEXT_DAY = date(2026, 5, 5)
BAKERY = "DE37370400440001111111"
KARLA = "DE98100100100002222222"


def _entry(text: str = "", minor: int = 11900, payer: str = BAKERY, **more: Any) -> StatementEntry:
    return StatementEntry(
        account="DE02120300000000202051",
        booking_date=more.pop("booking_date", DAY),
        amount=Money(minor, "EUR"),
        remittance=text,
        remittance_glued=text,
        payer_iban=payer,
        **more,
    )


def _ids(entries: Sequence[StatementEntry]) -> list[str]:
    return [entry.entry_id for entry in entries]


def test_a_redelivered_file_brings_nothing_new() -> None:
    day = [_entry("RE-20260042"), _entry("RE-20260043"), _entry("Miete", -80000)]
    known = identify(day, [])
    assert _ids(identify(day, known, _ids(known))) == _ids(known)


def test_two_equal_bookings_stay_two_and_are_known_again_as_two() -> None:
    day = [_entry("Beitrag Mai"), _entry("Beitrag Mai")]
    known = identify(day, [])
    assert len(set(_ids(known))) == 2
    assert sorted(_ids(identify(day, known, _ids(known)))) == sorted(_ids(known))


def test_a_third_equal_booking_in_a_renewed_file_is_one_more() -> None:
    known = identify([_entry("Beitrag Mai")] * 2, [])
    renewed = identify([_entry("Beitrag Mai")] * 3, known, _ids(known))
    assert set(_ids(known)) < set(_ids(renewed))
    assert len(set(_ids(renewed))) == 3


def test_an_equal_booking_on_the_next_page_is_another_one() -> None:
    """Pages cannot overlap, so nothing of the first page is a candidate; its identity is taken all the same."""
    (first,) = identify([_entry("Beitrag Mai")], [])
    (second,) = identify([_entry("Beitrag Mai")], [], [first.entry_id])
    assert first.entry_id != second.entry_id


SAME_BOOKING = [
    ("the same in every word", _entry("RE-20260042 danke"), _entry("RE-20260042 danke")),
    ("another case, other punctuation", _entry("RE-2026 0042, Müller"), _entry("RE 20260042 MUELLER")),
    ("MT940 cut the text", _entry("Rechnung RE-20260042 vom 1. April"), _entry("Rechnung RE-20260042")),
    ("MT940 does not name the payer's account", _entry("RE-20260042"), _entry("RE-20260042", payer="")),
    (
        "bank code and number instead of the IBAN",
        _entry("RE-20260042"),
        _entry("RE-20260042", payer="37040044/1111111"),
    ),
    ("the number with leading zeros", _entry("RE-20260042"), _entry("RE-20260042", payer="37040044/0001111111")),
    (
        "an IBAN written with blanks",
        _entry("RE-20260042"),
        _entry("RE-20260042", payer="DE37 3704 0044 0001 1111 11"),
    ),
    ("a sub-account in the IBAN", _entry("RE-20260042"), _entry("RE-20260042", payer="37040044/11111")),
    ("only one format has the reference", _entry("RE-20260042", end_to_end_id="E2E-1"), _entry("RE-20260042")),
    (
        "a blank of the reference was lost at a line's end",
        _entry("RE-20260042", end_to_end_id="E2E 1"),
        _entry("", end_to_end_id="E2E1"),
    ),
    ("the reference is the same, the texts differ", _entry("A", end_to_end_id="X"), _entry("B", end_to_end_id="X")),
    ("one format tells no purpose, the payer is the same", _entry("GUTSCHRIFT"), _entry("")),
    ("charges without text or payer", _entry("", -450, ""), _entry("", -450, "")),
]


@pytest.mark.parametrize(
    ("one", "other"), [case[1:] for case in SAME_BOOKING], ids=[case[0] for case in SAME_BOOKING]
)
def test_the_same_booking_is_recognised_across_formats(one: StatementEntry, other: StatementEntry) -> None:
    for first, second in ((one, other), (other, one)):
        known = identify([first], [])
        assert _ids(identify([second], known, _ids(known))) == _ids(known)


OTHER_BOOKING = [
    ("another day", _entry("RE-20260042"), _entry("RE-20260042", booking_date=date(2026, 5, 5))),
    ("another amount", _entry("RE-20260042"), _entry("RE-20260042", 11901)),
    ("the other direction", _entry("RE-20260042"), _entry("RE-20260042", -11900)),
    ("another reference", _entry("Beitrag", end_to_end_id="E2E-1"), _entry("Beitrag", end_to_end_id="E2E-2")),
    ("another payer with the same words", _entry("Beitrag Mai"), _entry("Beitrag Mai", payer=KARLA)),
    ("another payer who writes more", _entry("Beitrag Mai"), _entry("Beitrag Mai Karla", payer=KARLA)),
    (
        "another payer with the same reference",
        _entry("Beitrag", end_to_end_id="BEITRAG"),
        _entry("Beitrag", payer=KARLA, end_to_end_id="BEITRAG"),
    ),
    ("another invoice of the same payer", _entry("RE-20260042"), _entry("RE-20260043")),
    ("a beginning too short to tell", _entry("RE-1"), _entry("RE-12")),
]


@pytest.mark.parametrize(
    ("one", "other"), [case[1:] for case in OTHER_BOOKING], ids=[case[0] for case in OTHER_BOOKING]
)
def test_another_booking_is_not_taken_for_the_known_one(one: StatementEntry, other: StatementEntry) -> None:
    for first, second in ((one, other), (other, one)):
        known = identify([first], [])
        assert _ids(identify([second], known, _ids(known))) != _ids(known)


@pytest.mark.parametrize("turned", [False, True])
def test_the_surest_pair_is_matched_first(turned: bool) -> None:
    """The renewed file has one payment more, whose text begins like the known one."""
    known = identify([_entry("Rechnung 47")], [])
    renewed = [_entry("Rechnung 47"), _entry("Rechnung 4711")]
    again = identify(renewed[::-1] if turned else renewed, known, _ids(known))
    by_text = {entry.remittance: entry.entry_id for entry in again}
    assert by_text["Rechnung 47"] == known[0].entry_id
    assert by_text["Rechnung 4711"] != known[0].entry_id


def test_likeness_is_the_same_in_both_directions() -> None:
    for _, one, other in [*SAME_BOOKING, *OTHER_BOOKING]:
        assert likeness(one, other) == likeness(other, one)


# A small world, so that hypothesis meets equal and nearly equal bookings all the time.
ENTRIES = st.lists(
    st.builds(
        _entry,
        st.sampled_from(["", "Beitrag", "Beitrag Mai", "Beitrag Mai 2026", "RE-1"]),
        st.sampled_from([100, 200]),
        st.sampled_from(["", BAKERY, KARLA, "37040044/1111111"]),
        end_to_end_id=st.sampled_from(["", "A", "B"]),
    ),
    max_size=8,
)


@given(ENTRIES)
def test_every_entry_of_one_file_has_an_identity_of_its_own(entries: list[StatementEntry]) -> None:
    assert len(set(_ids(identify(entries, [])))) == len(entries)


@given(ENTRIES, st.data())
def test_a_file_delivered_again_in_any_order_is_known_completely(
    entries: list[StatementEntry], data: st.DataObject
) -> None:
    known = identify(entries, [])
    again = identify(data.draw(st.permutations(entries)), known, _ids(known))
    assert Counter((e.entry_id, e._replace(entry_id="")) for e in again) == Counter(
        (e.entry_id, e._replace(entry_id="")) for e in known
    )


@given(ENTRIES, ENTRIES, st.data())
def test_a_renewed_file_adds_exactly_its_new_entries(
    entries: list[StatementEntry], more: list[StatementEntry], data: st.DataObject
) -> None:
    """Whatever is new and wherever it stands in the file, what was known keeps its identity and its content."""
    known = identify(entries, [])
    renewed = identify(data.draw(st.permutations([*entries, *more])), known, _ids(known))
    assert len(set(_ids(renewed))) == len(entries) + len(more)
    content = {entry.entry_id: entry._replace(entry_id="") for entry in renewed}
    for entry in known:
        assert content[entry.entry_id] == entry._replace(entry_id="")


@given(ENTRIES, ENTRIES, st.data())
def test_the_order_of_the_entries_decides_nothing(
    known_before: list[StatementEntry], incoming: list[StatementEntry], data: st.DataObject
) -> None:
    known = identify(known_before, [])
    straight = identify(incoming, known, _ids(known))
    shuffled = identify(data.draw(st.permutations(incoming)), data.draw(st.permutations(known)), _ids(known))
    assert Counter(_ids(straight)) == Counter(_ids(shuffled))


@given(ENTRIES, ENTRIES)
def test_no_known_entry_is_repeated_twice(known_before: list[StatementEntry], incoming: list[StatementEntry]) -> None:
    known = identify(known_before, [])
    assert max(Counter(_ids(identify(incoming, known, _ids(known)))).values(), default=1) == 1


def _statement(opening: int | None, closing: int | None, day: date | None = DAY) -> Statement:
    return Statement(
        account="DE02120300000000202051",
        currency="EUR",
        opening=Money(opening, "EUR") if opening is not None else None,
        closing=Money(closing, "EUR") if closing is not None else None,
        closing_date=day,
    )


OVERLAPS: dict[str, tuple[Statement, Statement, bool]] = {
    "the same statement again": (_statement(100, 200), _statement(100, 200), True),
    "two pages of a day": (_statement(100, 150), _statement(150, 200), False),
    "two days in a row": (_statement(100, 200), _statement(200, 300, NEXT_DAY), False),
    "a day and its week": (_statement(100, 200), _statement(100, 500, date(2026, 5, 8)), True),
    "the first page and its day": (_statement(100, 150), _statement(100, 200), True),
    "the second page and its day": (_statement(150, 200), _statement(100, 200), True),
    "a day that moved nothing on balance": (_statement(100, 100), _statement(100, 200, NEXT_DAY), True),
    "balances that meet by chance": (_statement(100, 300), _statement(200, 100, NEXT_DAY), True),
    "no balances": (_statement(None, None), _statement(100, 200), True),
    "no days": (_statement(100, 200, None), _statement(200, 300, None), False),
}


@pytest.mark.parametrize("case", OVERLAPS)
def test_whether_two_statements_may_share_bookings(case: str) -> None:
    one, other, expected = OVERLAPS[case]
    assert may_overlap(one, other) is expected
    assert may_overlap(other, one) is expected
