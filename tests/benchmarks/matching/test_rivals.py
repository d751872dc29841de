"""The rivals: what each of them books, on a small book anybody can check, and that all play by the same rules."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import pytest

from benchmarks.matching.books import Books, invent, month_of, open_at
from benchmarks.matching.measures import judge
from benchmarks.matching.profiles import PROFILES
from benchmarks.matching.replay import Played, replay
from benchmarks.matching.rivals import LEFT_OUT, RIVALS, exact, fuzzy, known_payer, splink_pairs, token_rule
from benchmarks.matching.rivals.night import Booked, Night, Rival, Suggestion
from benchmarks.matching.rivals.playing import _book, nights, play_rivals
from benchmarks.matching.seeds import FIT_SEEDS
from benchmarks.matching.truth import settled
from ledger.allocation import Allocation, AllocationKind, money_moved
from ledger.debtor import Debtor
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem
from ledger.statement import StatementEntry
from reconciliation.outcome import EntryState
from reconciliation.settings import MatchSettings

_DAY = date(2026, 3, 10)
_WRITTEN_HERE = (exact.RIVAL, token_rule.RIVAL, known_payer.RIVAL, fuzzy.RIVAL)


def _item(number: str, debtor: str, minor: int, *, skonto: int = 0, reference: str = "") -> OpenItem:
    return OpenItem(
        item_id=number,
        document_number=number,
        kind=ItemKind.CREDIT_NOTE if number.startswith("GS") else ItemKind.INVOICE,
        debtor_number=debtor,
        document_date=date(2026, 2, 1),
        due_date=date(2026, 3, 1),
        amount=Money(minor, "EUR"),
        open_amount=Money(minor, "EUR"),
        skonto_percent=Decimal(skonto) if skonto else None,
        skonto_until=_DAY if skonto else None,
        payment_reference=reference,
    )


# The oldest first. 10001 pays from account A, nobody knows the account of 10002.
_ITEMS = (
    _item("RE-2026-0101", "10001", 11_900),
    _item("RE-2026-0102", "10001", 23_800, reference="RF18RE20260102"),
    _item("RE-2026-0103", "10001", 11_900),
    _item("RE-2026-0104", "10002", 50_000, skonto=2),
    _item("GS-2026-0001", "10001", 1_900),
)


def _entry(text: str, minor: int, account: str = "", entry_id: str = "e1") -> StatementEntry:
    return StatementEntry(
        account="OURS",
        booking_date=_DAY,
        amount=Money(minor, "EUR"),
        payer_iban=account,
        remittance=text,
        entry_id=entry_id,
    )


def _night(*entries: StatementEntry, past: tuple[Booked, ...] = ()) -> Night:
    return Night(
        day=_DAY,
        entries=entries,
        items=_ITEMS,
        documents={item.item_id: item for item in _ITEMS},
        debtors={number: Debtor(number=number, name=f"Debtor {number}") for number in ("10001", "10002")},
        payers={"A": ("10001",)},
        past=past,
    )


def _told(suggestion: Suggestion) -> str:
    """Write bookings as "0101 119.00, skonto 0104 10.00, credit 10001 5.00"."""
    words = {
        AllocationKind.PAYMENT: "",
        AllocationKind.ON_ACCOUNT: "credit ",
        AllocationKind.SMALL_DIFFERENCE: "off ",
    }
    return ", ".join(
        f"{words.get(a.kind, f'{a.kind} ')}{a.document_number[-4:] or a.debtor_number} {a.amount.decimal()}"
        for a in suggestion.bookings
    )


def _says(rival: Rival, entry: StatementEntry) -> str:
    """Give what is booked, or what is shown first, with a question mark."""
    suggestions = rival.begin()(_night(entry)).get("e1", ())
    return _told(suggestions[0]) + ("" if suggestions[0].automatic else "?") if suggestions else ""


_BOTH = "0101 119.00, 0102 238.00"


@pytest.mark.parametrize(
    ("text", "minor", "account", "by_exact", "by_token", "by_payer", "by_fuzzy"),
    [
        # the number and the amount: everybody who reads books it, and the known payer takes the older twin
        ("RE-2026-0103", 11_900, "A", "0103 119.00", "0103 119.00", "0101 119.00", "0103 119.00"),
        ("Rechnung RE-2026-0103, danke", 11_900, "", "0103 119.00", "0103 119.00", "", "0103 119.00"),
        # the dashes lost
        ("RE20260103", 11_900, "", "0101 119.00?", "0103 119.00", "", "0103 119.00?"),
        # two numbers, and their sum
        ("RE-2026-0101, RE-2026-0102", 35_700, "A", _BOTH, _BOTH, "0101 119.00, 0102 238.00?", None),
        # a credit note deducted
        ("RE-2026-0101 GS-2026-0001", 10_000, "A", "0101 119.00, 0001 -19.00", "0101 100.00?", None, None),
        # Skonto in time
        ("RE-2026-0104", 49_000, "", "0104 490.00, skonto 0104 10.00", None, "", None),
        # a structured reference
        ("RF18RE20260102", 23_800, "", "0102 238.00?", None, "", None),
        # a cent too little, and too much
        ("RE-2026-0102", 23_799, "A", "0102 237.99?", "0102 237.99, off 0102 0.01", None, None),
        (
            "RE-2026-0102",
            25_000,
            "A",
            "0102 238.00, credit 10001 12.00?",
            "0102 238.00, credit 10001 12.00",
            None,
            None,
        ),
        # a part
        ("RE-2026-0104", 10_000, "", "0104 100.00?", "0104 100.00?", "", "0104 100.00?"),
        # no number at all
        ("danke", 23_800, "A", "0102 238.00?", "", "0102 238.00", None),
        ("danke", 77_700, "", "", "", "", ""),
    ],
)
def test_every_method_decides_as_it_is_described(
    text: str,
    minor: int,
    account: str,
    by_exact: str,
    by_token: str | None,
    by_payer: str | None,
    by_fuzzy: str | None,
) -> None:
    entry = _entry(text, minor, account)
    expected = (by_exact, by_token, by_payer, by_fuzzy)  # None: not what this line is about
    said = [_says(rival, entry) for rival in _WRITTEN_HERE]
    assert [s for s, e in zip(said, expected, strict=True) if e is not None] == [e for e in expected if e is not None]


def test_a_number_with_blanks_is_found_as_printed() -> None:
    item = _item("Rg. 471/26", "10001", 11_900)
    night = Night(
        day=_DAY, entries=(_entry("zu Rg. 471/26 vom 1.2.", 11_900),), items=(item,), documents={}, debtors={},
        payers={}, past=(),
    )  # fmt: skip
    assert exact.decide(night)["e1"][0].automatic


def test_two_equal_payments_of_one_night_do_not_pay_the_same_invoice() -> None:
    night = _night(*(_entry("danke", 11_900, "A", entry_id=name) for name in ("e1", "e2", "e3")))
    outcomes = _book(night, known_payer.decide(night))
    booked = [[a.document_number for a in outcomes[name].allocations] for name in ("e1", "e2", "e3")]
    assert booked == [["RE-2026-0101"], ["RE-2026-0103"], []]
    assert outcomes["e3"].state is EntryState.UNMATCHED


@cache
def _books() -> Books:
    return invent(PROFILES["default"].sized(400), FIT_SEEDS[3])


@cache
def _played() -> dict[str, Played]:
    return play_rivals(_books(), _WRITTEN_HERE, start=month_of(_books(), 12))


def test_every_night_begins_with_the_books_as_they_truly_are() -> None:
    books, start = _books(), month_of(_books(), 12)
    for number, night in enumerate(nights(books, start=start, history_months=12, days_per_night=7)):
        last_evening = open_at(books, start + timedelta(days=7 * number - 1))
        written_since = {i.item_id for i in night.items} - last_evening.keys()
        left = {item.item_id: item.open_amount.minor for item in night.items if item.item_id not in written_since}
        assert left == last_evening
        assert all(
            night.documents[name].document_date > start + timedelta(days=7 * number - 1) for name in written_since
        )


def test_what_is_to_come_is_known_to_nobody() -> None:
    start = month_of(_books(), 12)
    for night in nights(_books(), start=start, history_months=12, days_per_night=7):
        assert all(document.document_date <= night.day for document in night.documents.values())
        assert all(booked.entry.booking_date < min(e.booking_date for e in night.entries) for booked in night.past)


def test_without_history_only_the_accounting_tool_knows_accounts() -> None:
    books, start = _books(), month_of(_books(), 12)
    first = next(nights(books, start=start, history_months=0, days_per_night=7))
    told = {iban for debtor in books.debtors.values() for iban in debtor.ibans}
    assert (set(first.payers), first.past) == (told, ())


def test_rivals_are_asked_about_payments_that_our_engine_decides_too() -> None:
    books, start = _books(), month_of(_books(), 12)
    ours = replay(books, settings=MatchSettings(), start=start)
    asked = {e.entry_id for e in _played()["token rule"].entries}
    left_out = [e for e in ours.entries if e.entry_id not in asked]
    assert asked < {e.entry_id for e in ours.entries}
    assert all(e.amount.minor <= 0 or e.payer_iban in books.own_accounts for e in left_out)


@pytest.mark.parametrize("name", [rival.name for rival in _WRITTEN_HERE])
def test_a_rival_never_settles_more_than_was_open_that_night(name: str) -> None:
    played, start = _played()[name], month_of(_books(), 12)
    for night in nights(_books(), start=start, history_months=12, days_per_night=7):
        taken = Counter[str]()
        for entry in night.entries:
            taken.update(settled(played.outcomes[entry.entry_id].allocations))
        assert all(abs(taken[item.item_id]) <= item.open_amount.minor for item in night.items)


@pytest.mark.parametrize("name", [rival.name for rival in _WRITTEN_HERE])
def test_every_cent_of_a_payment_is_booked_by_a_rival_or_none(name: str) -> None:
    played = _played()[name]
    for entry in played.entries:
        booked = played.outcomes[entry.entry_id].allocations
        assert not booked or money_moved(booked, "EUR") == entry.amount


def test_rivals_are_measured_like_ours_and_the_same_every_time() -> None:
    again = play_rivals(_books(), _WRITTEN_HERE, start=month_of(_books(), 12))
    for name, played in _played().items():
        assert judge(played) == judge(again[name])
        assert any(j.is_automatic for j in judge(played))


def test_a_rival_whose_package_is_missing_is_named() -> None:
    assert {rival.name for rival in (*RIVALS, *LEFT_OUT)} == {r.name for r in (*_WRITTEN_HERE, splink_pairs.RIVAL)}


def test_splink_links_a_payment_to_the_invoice_with_its_number_and_amount() -> None:
    pytest.importorskip("splink", reason="Splink is no dependency; without it the method is left out of the page")
    past = tuple(
        Booked(_entry(item.document_number, item.amount.minor, "A", f"old {n} {item.item_id}"), _paid(item))
        for n in range(30)
        for item in _ITEMS[:4]
    )
    suggestions = splink_pairs.RIVAL.begin()(_night(_entry("RE-2026-0103", 11_900, "A"), past=past))["e1"]
    assert _told(suggestions[0]) == "0103 119.00"


def _paid(item: OpenItem) -> tuple[Allocation, ...]:
    payment = Allocation(
        kind=AllocationKind.PAYMENT, amount=item.amount, item_id=item.item_id, debtor_number=item.debtor_number
    )
    return (payment,)
