"""The same bookings through several formats are one; what is told in two forms is booked in one; and back out."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from ledger.money import total
from ledger.statement import EntryStatus, Statement, StatementEntry
from storage.database import reading, transaction
from storage.deliveries import withdraw_statements
from storage.entry_status import misjudged
from storage.matches import book, load_outcomes, save_outcomes
from storage.raw_files import has_file, load_raw_files
from storage.statements import load_deliveries, load_entries, movements_match
from tests.storage.given import AUTHOR, BAKERY, COMPANY, booked, entry, item, payment, report, statement, take_in

if TYPE_CHECKING:
    from sqlalchemy import Engine

DAY = date(2026, 6, 30)
NEXT_DAY = date(2026, 7, 1)
KARLA = "DE98100100100002222222"

SALARY = entry("Gehälter Juni", "-900,00", payer_iban="", booking_ref="3", transaction_code="191")
BATCH = [
    entry("Beitrag RE-1", "10,00", payer_iban=KARLA, end_to_end_id="E1", booking_ref="2", position=0),
    entry("Beitrag RE-2", "20,00", payer_iban=BAKERY, end_to_end_id="E2", booking_ref="2", position=1),
]
TOTAL = entry("SAMMLER", "30,00", payer_iban="", booking_ref="2", transaction_code="194")


def _camt(*more: StatementEntry, **header: Any) -> Statement:
    """A camt.053: whole texts, IBANs, the payments of the batch."""
    bakery = entry("Rechnung RE-4711 vom 1. Juni, danke", end_to_end_id="E9", booking_ref="1", payer_name="Bäckerei")
    return statement("0,00", bakery, *BATCH, SALARY, *more, format="camt.053.001.08", **header)


def _swift(**header: Any) -> Statement:
    """The same day as MT940: texts cut or in other words, account numbers, the total of the batch."""
    bakery = entry(
        "Rechnung RE-4711 vom 1. Jun", payer_iban="37040044/1111111", booking_ref="1", payer_name="BAECKEREI"
    )
    wages = entry("LOHN/GEHALT SAMMEL", "-900,00", payer_iban="", booking_ref="3", transaction_code="191")
    return statement("0,00", bakery, TOTAL, wages, format="MT940", **header)


def _announcing(said: Statement, statement_format: str) -> Statement:
    """The same bookings without balances."""
    return replace(said, format=statement_format, opening=None, closing=None)


FOUR_FORMATS = {
    "camt.053": _camt(),
    "MT940": _swift(),
    "camt.052": _announcing(_camt(), "camt.052.001.08"),
    "camt.054": _announcing(statement("0,00", *BATCH), "camt.054.001.08"),
}


def _entries(engine: Engine, *statuses: EntryStatus) -> list[StatementEntry]:
    with reading(engine) as connection:
        return [*load_entries(connection, COMPANY, *statuses).values()]


def _sound(engine: Engine) -> None:
    with reading(engine) as connection:
        assert movements_match(connection, COMPANY) == []
        assert misjudged(connection, COMPANY) == []


@pytest.mark.parametrize("order", [*permutations(FOUR_FORMATS)], ids=",".join)
def test_a_day_in_four_formats_is_one_day_in_whatever_order_they_come(engine: Engine, order: tuple[str, ...]) -> None:
    for name in order:
        assert take_in(engine, name, FOUR_FORMATS[name]).findings == ()
    bookings = _entries(engine, EntryStatus.BOOKED)
    assert sorted(str(one.amount) for one in bookings) == ["-900,00 EUR", "10,00 EUR", "119,00 EUR", "20,00 EUR"]
    assert _entries(engine, EntryStatus.PENDING) == []
    (bakery,) = (one for one in bookings if one.amount.minor == 11900)
    # The day is told best by camt, whoever came first.
    assert (bakery.payer_name, bakery.payer_iban, bakery.end_to_end_id) == ("Bäckerei", BAKERY, "E9")
    assert bakery.remittance == "Rechnung RE-4711 vom 1. Juni, danke"
    _sound(engine)


def test_announcements_alone_book_nothing(engine: Engine) -> None:
    take_in(engine, "noon", FOUR_FORMATS["camt.052"])
    take_in(engine, "advice", FOUR_FORMATS["camt.054"])
    assert _entries(engine, EntryStatus.BOOKED) == []
    assert len(_entries(engine, EntryStatus.PENDING)) == 4
    _sound(engine)


def test_payments_told_by_a_notification_take_the_place_of_the_booked_total(engine: Engine) -> None:
    """Swiss banks book the total in camt.053 and tell the payments in camt.054 only."""
    take_in(engine, "053", statement("0,00", TOTAL, format="camt.053.001.08"))
    assert [str(one.amount) for one in _entries(engine, EntryStatus.BOOKED)] == ["30,00 EUR"]
    take_in(engine, "054", FOUR_FORMATS["camt.054"])
    assert sorted(str(one.amount) for one in _entries(engine, EntryStatus.BOOKED)) == ["10,00 EUR", "20,00 EUR"]
    assert [str(one.amount) for one in _entries(engine, EntryStatus.REPLACED)] == ["30,00 EUR"]
    _sound(engine)


def test_a_total_somebody_decided_on_stays_when_its_payments_come_later(engine: Engine) -> None:
    report(engine, item("RE-1"))
    take_in(engine, "053", statement("0,00", TOTAL, format="camt.053.001.08"))
    (total_entry,) = _entries(engine)
    with transaction(engine, COMPANY) as connection:
        book(connection, COMPANY, AUTHOR, [booked(total_entry.entry_id, payment("RE-1", "30,00"))])
    take_in(engine, "054", FOUR_FORMATS["camt.054"])
    assert [one.entry_id for one in _entries(engine, EntryStatus.BOOKED)] == [total_entry.entry_id]
    assert len(_entries(engine, EntryStatus.REPLACED)) == 2
    _sound(engine)


def test_a_replaced_total_waits_for_nobody_any_more(engine: Engine) -> None:
    take_in(engine, "053", statement("0,00", TOTAL, format="camt.053.001.08"))
    (total_entry,) = _entries(engine)
    with transaction(engine, COMPANY) as connection:
        save_outcomes(connection, COMPANY, [booked(total_entry.entry_id, payment("RE-1", "30,00"))])
    take_in(engine, "054", FOUR_FORMATS["camt.054"])
    with reading(engine) as connection:
        assert load_outcomes(connection, COMPANY) == {}


def test_rejected_direct_debits_are_attached_to_the_return_the_bank_booked_in_one_sum(engine: Engine) -> None:
    """pain.002 tells days before which collections of a batch were rejected, and why."""
    rejected = [
        entry(
            f"Beitrag {n}", "-10,00", batch_reference="PAIN-7", booking_ref="PAIN-7", position=n, return_reason="AC04"
        )
        for n in range(2)
    ]
    take_in(engine, "002", _announcing(statement("0,00", *rejected), "pain.002.001.10"))
    booked_later = entry(
        "RUECKLASTSCHRIFTEN", "-20,00", payer_iban="", booking_date=date(2026, 7, 3), batch_reference="PAIN-7"
    )
    take_in(engine, "053", statement("0,00", booked_later, format="camt.053.001.08", closing_date=date(2026, 7, 3)))
    bookings = _entries(engine, EntryStatus.BOOKED)
    assert [(str(one.amount), one.return_reason) for one in bookings] == [("-10,00 EUR", "AC04")] * 2
    _sound(engine)


def test_a_transfer_of_the_same_sum_is_no_total_of_a_batch(engine: Engine) -> None:
    transfer = entry("RE-77", "30,00", booking_ref="1")
    take_in(engine, "053", statement("0,00", transfer, format="camt.053.001.08"))
    take_in(engine, "054", FOUR_FORMATS["camt.054"])
    assert [one.remittance for one in _entries(engine, EntryStatus.BOOKED)] == ["RE-77"]
    assert len(_entries(engine, EntryStatus.PENDING)) == 2


def test_two_equal_bookings_are_two_in_every_format_and_together(engine: Engine) -> None:
    twice = entry("Beitrag Mai", "10,00")
    take_in(engine, "a", statement("0,00", twice, twice, format="MT940"))
    other_words = entry("MEMBERSHIP", "10,00", payer_iban="")
    take_in(engine, "b", statement("0,00", other_words, other_words, format="camt.053.001.08"))
    take_in(engine, "c", _announcing(statement("0,00", twice, twice), "MT942"))
    assert len(_entries(engine)) == len(_entries(engine, EntryStatus.BOOKED)) == 2
    _sound(engine)


def test_payers_that_contradict_each_other_are_two_and_the_difference_is_told(engine: Engine) -> None:
    take_in(engine, "a", statement("0,00", entry("x", "10,00", payer_iban=KARLA), format="MT940"))
    other = statement("0,00", entry("y", "10,00", payer_iban=BAKERY), format="camt.053.001.08")
    (finding,) = take_in(engine, "b", other).findings
    assert finding.code == "deliveries_differ"
    assert len(_entries(engine)) == 2


def test_the_days_of_a_month_and_the_month_as_a_whole_are_the_same(engine: Engine) -> None:
    monday, tuesday = entry("RE-1 Müller", "10,00"), entry("RE-2 Mayer", "20,00", booking_date=NEXT_DAY)
    take_in(engine, "1", statement("0,00", monday, format="MT940"))
    take_in(engine, "2", statement("10,00", tuesday, format="MT940", closing_date=NEXT_DAY))
    month = statement("0,00", monday, tuesday, format="camt.053.001.02", closing_date=NEXT_DAY)
    assert take_in(engine, "month", month).known_entries == 2
    assert len(_entries(engine)) == 2


def test_a_booking_tells_who_delivered_it_and_where(engine: Engine) -> None:
    take_in(engine, "a.sta", statement("0,00", entry("RE-1 Müller", place="a.sta:7"), format="MT940"))
    take_in(engine, "b.xml", statement("0,00", entry("RE-1 Müller", place="b.xml:9"), format="camt.053.001.08"))
    (one,) = _entries(engine)
    with reading(engine) as connection:
        deliveries = load_deliveries(connection, COMPANY, one.entry_id)
    assert {(d.file, d.place, d.format, d.booked) for d in deliveries} == {
        ("a.sta", "a.sta:7", "MT940", True),
        ("b.xml", "b.xml:9", "camt.053.001.08", True),
    }


def _withdraw(engine: Engine, name: str) -> None:
    with transaction(engine, COMPANY) as connection:
        withdraw_statements(connection, COMPANY, hashlib.sha256(name.encode()).hexdigest())


def test_a_file_taken_back_leaves_nothing_behind_and_can_be_read_again(engine: Engine) -> None:
    take_in(engine, "a", _camt())
    before = {one.entry_id for one in _entries(engine, EntryStatus.BOOKED)}
    _withdraw(engine, "a")
    assert {one.status for one in _entries(engine)} == {EntryStatus.WITHDRAWN}
    with reading(engine) as connection:
        (file,) = load_raw_files(connection, COMPANY)
        assert not file.in_use
        assert not has_file(connection, COMPANY, file.sha256)
    _sound(engine)
    assert take_in(engine, "a", _camt()).new_entries == 0
    assert {one.entry_id for one in _entries(engine, EntryStatus.BOOKED)} == before
    _sound(engine)


def test_what_another_file_booked_as_well_stays_booked(engine: Engine) -> None:
    for name, said in FOUR_FORMATS.items():
        take_in(engine, name, said)
    _withdraw(engine, "camt.053")
    amounts = sorted(str(one.amount) for one in _entries(engine, EntryStatus.BOOKED))
    assert amounts == ["-900,00 EUR", "10,00 EUR", "119,00 EUR", "20,00 EUR"]  # 054 still tells the payments
    _sound(engine)
    _withdraw(engine, "camt.054")
    _withdraw(engine, "camt.052")
    amounts = sorted(str(one.amount) for one in _entries(engine, EntryStatus.BOOKED))
    assert amounts == ["-900,00 EUR", "119,00 EUR", "30,00 EUR"]  # what MT940 alone tells
    _sound(engine)
    _withdraw(engine, "MT940")
    assert _entries(engine, EntryStatus.BOOKED) == _entries(engine, EntryStatus.PENDING) == []
    _sound(engine)


def test_the_sum_of_what_is_booked_is_the_movement_of_the_day(engine: Engine) -> None:
    for name in ("MT940", "camt.054", "camt.053", "camt.052"):
        take_in(engine, name, FOUR_FORMATS[name])
        booked_sum = total((one.amount for one in _entries(engine, EntryStatus.BOOKED)), "EUR")
        assert booked_sum == FOUR_FORMATS["MT940"].movement()
