"""Texts made to confuse or to slow down: they are read in bounded time, and never name what they do not name."""

from __future__ import annotations

import time
from datetime import date

from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem
from ledger.statement import StatementEntry
from reconciliation.numbers import learn_numbers
from reconciliation.reading import COMPLETE, Form, read, read_entry


def item(number: str) -> OpenItem:
    return OpenItem(
        item_id=number,
        document_number=number,
        kind=ItemKind.INVOICE,
        debtor_number="10001",
        document_date=date(2026, 4, 1),
        due_date=date(2026, 5, 1),
        amount=Money(11900, "EUR"),
        open_amount=Money(11900, "EUR"),
    )


SIX_DIGITS = learn_numbers(item(f"{n:06}") for n in range(100_000, 120_000))
YEARLY = learn_numbers(item(f"RE-2026-{n:05}") for n in range(1, 20_000))


def milliseconds(text: str) -> float:
    began = time.process_time()
    read(text, SIX_DIGITS)
    read(text, YEARLY)
    return (time.process_time() - began) * 1_000


def test_hundreds_of_digits_are_read_quickly_and_name_nothing() -> None:
    for text in ("1234567890" * 39, "1 " * 195, "12-" * 130, "2026" * 97, "0" * 5_000, "RE" + "20260" * 78):
        assert milliseconds(text) < 60, text[:20]
        complete = [f for f in read(text, SIX_DIGITS).known if f.form in COMPLETE]
        assert not complete or " " in text or "-" in text


def test_every_open_number_in_one_text_takes_time_in_proportion() -> None:
    text = ", ".join(f"RE-2026-{n:05}" for n in range(1, 2_001))
    began = time.process_time()
    reading = read(text, YEARLY)
    assert len(reading.known) == 2_000
    assert time.process_time() - began < 1.5


def test_a_range_over_everything_names_only_its_ends() -> None:
    reading = read("RE-2026-00001 bis RE-2026-19999", YEARLY)
    assert [f.form for f in reading.known] == [Form.FULL, Form.FULL]


def test_arabic_digits_fractions_and_signs_are_no_digits_of_ours() -> None:
    for text in ("١٢٣٤٥٦", "½ ² ³ ①", "RE-２０２６-００４７１", "İI RE-2026-00471"):
        assert all(f.span for f in read(text, YEARLY).known)
    assert [f.item_ids for f in read("İı RE-2026-00471", YEARLY).known] == [("RE-2026-00471",)]


def test_a_book_without_numbers_reads_nothing() -> None:
    empty = learn_numbers([])
    assert not read("Rechnung 4711", empty).known
    assert not learn_numbers([item("ohne")]).by_digits


def test_a_number_in_the_glued_text_is_shown_where_its_digits_stand() -> None:
    entry = StatementEntry(
        account="DE02120300000000202051",
        booking_date=date(2026, 5, 6),
        amount=Money(11900, "EUR"),
        remittance="Zahlung Ihrer Rechnung R E-2026-0 0471 vielen Dank",
        remittance_glued="Zahlung Ihrer Rechnung RE-2026-00471vielen Dank",
    )
    found = read_entry(entry, YEARLY).known
    assert [f.item_ids for f in found] == [("RE-2026-00471",)]
    assert found[0].span is not None
    assert entry.remittance[slice(*found[0].span)].replace(" ", "") in {"RE-2026-00471", "E-2026-00471"}


def test_gluing_lines_makes_no_number_out_of_two() -> None:
    entry = StatementEntry(
        account="DE02120300000000202051",
        booking_date=date(2026, 5, 6),
        amount=Money(11900, "EUR"),
        remittance="Anzahl 100 471 Stueck fuer Filiale 1004 71",
        remittance_glued="Anzahl 100471 Stueck fuer Filiale 100471",
    )
    assert not [f for f in read_entry(entry, SIX_DIGITS).known if f.form in COMPLETE]


def test_random_codes_are_read_whole_and_never_by_their_digits() -> None:
    codes = [f"{chr(65 + n % 26)}{n % 10}{chr(65 + n // 26 % 26)}{n // 3 % 10}K{n % 7}{n:02}" for n in range(300)]
    numbers = learn_numbers(map(item, codes))
    assert codes[17] in {i for f in read(f"Rechnung {codes[17]} danke", numbers).known for i in f.item_ids}
    digits = "".join(c for c in codes[17] if c.isdigit())
    assert not read(f"Zahlung {digits}", numbers).known
