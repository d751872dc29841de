"""Transfers between our own accounts are paired, each side once, and never on luck."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.money import Money
from ledger.numerals import read_money
from ledger.statement import EntryKind, EntryStatus, StatementEntry
from reconciliation.own_transfers import OwnTransfer, own_transfers

if TYPE_CHECKING:
    from random import Random

OURS = {"A": "DE02120300000000202051", "B": "DE02500105170137075030", "C": "DE02100500000054540402"}
NAMES = ("Wir Handels GmbH",)


def found(table: str) -> dict[str, str]:
    """Read ``1 A out 500,00 04.05. to B`` and give what is paired: entry -> other entry, or ``alone``."""
    entries = [_entry(line) for line in table.splitlines() if line.strip()]
    transfers = own_transfers(entries, OURS.values(), NAMES)
    return {entry_id: transfer.other_side or "alone" for entry_id, transfer in sorted(transfers.items())}


def _entry(line: str) -> StatementEntry:
    number, account, way, amount, day, *rest = re.findall(r'"[^"]*"|\S+', line)
    said = dict(zip(rest[::2], rest[1::2], strict=True))
    money = read_money(amount, said.get("in", "EUR"))
    other = said.get("to") or said.get("from") or ""
    return StatementEntry(
        entry_id=number,
        account=OURS[account],
        booking_date=date(2026, int(day[3:5]), int(day[:2])),
        amount=money if way == "in" else -money,
        kind=EntryKind(said.get("kind", "transfer")),
        payer_iban=OURS.get(other, other),
        payer_name=said.get("name", "").strip('"'),
    )


def test_the_same_amount_out_of_one_account_and_into_the_other_is_one_transfer() -> None:
    assert found("""
        1 A out 500,00 04.05. to B
        2 B in  500,00 05.05. from A
        3 B in  500,00 05.05. from DE77
        4 A out 120,00 04.05. to DE78
    """) == {"1": "2", "2": "1"}


def test_the_name_of_our_own_company_is_enough_where_the_bank_gives_no_account() -> None:
    assert found("""
        1 A out 500,00 04.05. name "Wir Handels GmbH"
        2 B in  500,00 05.05. from A
        3 C in  700,00 05.05. name "WIR HANDELS GMBH"
        4 C in  700,00 05.05. from DE77 name "Wir Handels GmbH"
    """) == {"1": "2", "2": "1", "3": "alone"}


def test_a_transfer_that_only_the_bank_calls_so_is_paired_too() -> None:
    assert found("""
        1 A out 9.000,00 31.05. kind own_transfer
        2 B in  9.000,00 31.05. kind own_transfer
    """) == {"1": "2", "2": "1"}


def test_with_one_statement_missing_the_other_side_stands_alone() -> None:
    assert found("1 A in 500,00 04.05. from B") == {"1": "alone"}
    (transfer,) = own_transfers([_entry("1 A in 500,00 04.05. from B")], OURS.values()).values()
    assert transfer == OwnTransfer(
        says="a transfer between our own accounts (Umbuchung) from DE02500105170137075030, "
        "whose other side is on no statement we have",
        other_account=OURS["B"],
    )


def test_too_many_days_another_currency_or_another_account_is_another_transfer() -> None:
    assert found("""
        1 A out 500,00 04.05. to B
        2 B in  500,00 14.05. from A
        3 A out 600,00 04.05. to B
        4 B in  600,00 04.05. from A in USD
        5 A out 700,00 04.05. to B
        6 C in  700,00 04.05. from A
    """) == dict.fromkeys("123456", "alone")


def test_what_could_belong_to_several_is_left_for_a_person() -> None:
    assert found("""
        1 A out 500,00 04.05. to C
        2 B out 500,00 04.05. to C
        3 C in  500,00 05.05. kind own_transfer
    """) == dict.fromkeys("123", "alone")
    assert found("""
        1 A out 500,00 04.05. to B
        2 A out 500,00 06.05. to B
        3 B in  500,00 07.05. from A
    """) == dict.fromkeys("123", "alone")


def test_equal_transfers_of_one_day_are_paired_in_order_because_it_makes_no_difference() -> None:
    assert found("""
        1 A out 500,00 04.05. to B
        2 A out 500,00 04.05. to B
        3 B in  500,00 05.05. from A
        4 B in  500,00 05.05. from A
    """) == {"1": "3", "2": "4", "3": "1", "4": "2"}


def test_the_same_amount_moved_every_day_is_paired_day_by_day() -> None:
    assert found("""
        1 A out 500,00 04.05. to B
        2 B in  500,00 04.05. from A
        3 A out 500,00 05.05. to B
        4 B in  500,00 05.05. from A
        5 A out 500,00 06.05. to B
        6 B in  500,00 07.05. from A
    """) == {"1": "2", "2": "1", "3": "4", "4": "3", "5": "6", "6": "5"}


def test_what_is_only_announced_and_what_was_returned_is_no_transfer() -> None:
    announced = _entry("1 A out 500,00 04.05. to B")._replace(status=EntryStatus.PENDING)
    returned = _entry("2 B in 500,00 04.05. from A kind returned_transfer")
    assert own_transfers([announced, returned], OURS.values()) == {}


@st.composite
def movements(draw: st.DrawFn) -> list[StatementEntry]:
    return [_drawn(draw, place) for place in range(draw(st.integers(0, 10)))]


def _drawn(draw: st.DrawFn, place: int) -> StatementEntry:
    sign = draw(st.sampled_from([1, -1]))
    return StatementEntry(
        entry_id=f"e{place}",
        account=draw(st.sampled_from(sorted(OURS.values()))),
        booking_date=date(2026, 5, draw(st.integers(1, 9))),
        amount=Money(sign * draw(st.sampled_from([100, 200])), draw(st.sampled_from(["EUR", "EUR", "CHF"]))),
        kind=draw(st.sampled_from([EntryKind.TRANSFER, EntryKind.OWN_TRANSFER])),
        payer_iban=draw(st.sampled_from(["", "DE77", *sorted(OURS.values())])),
    )


@settings(max_examples=200, deadline=None)
@given(movements(), st.randoms(use_true_random=False))
def test_each_side_is_paired_once_in_both_directions_and_the_order_decides_nothing(
    entries: list[StatementEntry], chance: Random
) -> None:
    transfers = own_transfers(entries, OURS.values(), NAMES)
    by_id = {entry.entry_id: entry for entry in entries}
    for entry_id, transfer in transfers.items():
        if transfer.other_side:
            one, other = by_id[entry_id], by_id[transfer.other_side]
            assert transfers[transfer.other_side].other_side == entry_id
            assert one.amount == -other.amount
            assert one.account != other.account
            assert abs((one.booking_date - other.booking_date).days) <= 5
    assert own_transfers(chance.sample(entries, len(entries)), OURS.values(), NAMES) == transfers
