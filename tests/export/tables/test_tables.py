"""The tables programs and accountants take away: every key, every column, and nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.notice import Channel, HeldBecause, Notice, NoticeItem, NoticeState
from export.tables.excel_safe import FORMULA_STARTS, excel_safe
from export.tables.matches import MATCHES, match_row
from export.tables.notices import NOTICES, notice_row
from export.tables.open_items import OPEN_ITEMS, open_item_row
from export.tables.table import Table, write_csv, write_jsonl
from ledger.allocation import Allocation, AllocationKind
from ledger.debtor import Debtor
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem
from ledger.statement import StatementEntry
from reconciliation.outcome import EntryState, Outcome, Proposal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ALLOCATIONS = (
    Allocation(kind=AllocationKind.PAYMENT, amount=Money(9800, "EUR"), document_number="RE-1", debtor_number="10001"),
    Allocation(kind=AllocationKind.SKONTO, amount=Money(200, "EUR"), document_number="RE-1", debtor_number="10001"),
)


def entry(remittance: str = "RE-1 danke", payer: str = "Müller KG", minor: int = 9800) -> StatementEntry:
    return StatementEntry(
        entry_id="E1",
        account="DE02120300000000202051",
        booking_date=date(2026, 5, 4),
        amount=Money(minor, "EUR"),
        payer_name=payer,
        payer_iban="DE89370400440532013000",
        remittance=remittance,
        end_to_end_id="E2E-7",
        bank_reference="2026050400001",
    )


def booked(remittance: str = "RE-1 danke", payer: str = "Müller KG") -> dict[str, Any]:
    outcome = Outcome(
        entry_id="E1", state=EntryState.AUTO, reasons=("number quoted", "Skonto in time"), allocations=ALLOCATIONS
    )
    return match_row("muster", entry(remittance, payer), outcome)


def waiting() -> dict[str, Any]:
    proposals = (
        Proposal(probability=0.9731, allocations=ALLOCATIONS, reasons=("name", "amount")),
        Proposal(probability=0.02, allocations=ALLOCATIONS[:1], reasons=("amount alone",)),
    )
    outcome = Outcome(entry_id="E1", state=EntryState.REVIEW, reasons=("two ways",), proposals=proposals)
    return match_row("muster", entry(minor=-1234567), outcome)


def notice(*, fee: Money | None = None, held: bool = False) -> Notice:
    items = tuple(
        NoticeItem(
            item_id=f"file:RE-{n}",
            document_number=f"RE-{n}",
            document_date=date(2026, 3, 1),
            due_date=date(2026, 4, 1),
            original=Money(11900, "EUR"),
            open=Money(10000, "EUR"),
            days_overdue=30,
            stage="first_dunning",
            interest=Money(117, "EUR"),
            fee=fee,
        )
        for n in (1, 2)
    )
    return Notice(
        debtor=Debtor(number="10001", name="Müller KG"),
        stage="first_dunning",
        title="1. Mahnung",
        template="first_dunning",
        channel=Channel.LETTER,
        run_date=date(2026, 5, 1),
        deadline=date(2026, 5, 11),
        items=items,
        total=Money(20234, "EUR"),
        payments_considered_until=date(2026, 4, 30),
        held_because=(HeldBecause("bank_stale", "…"), HeldBecause("disputed", "…")) if held else (),
    )


def open_item(kind: ItemKind = ItemKind.INVOICE, name: str = "Müller KG") -> dict[str, Any]:
    item = OpenItem(
        item_id="file:RE-1",
        document_number="RE-1",
        kind=kind,
        debtor_number="10001",
        document_date=date(2026, 3, 1),
        due_date=date(2026, 4, 1),
        amount=Money(123456, "EUR"),
        open_amount=Money(100000, "EUR"),
    )
    return open_item_row(
        "muster",
        item,
        debtor_name=name,
        reported_open=Money(123456, "EUR"),
        today=date(2026, 4, 11),
        stage="reminder",
        hold_codes=("disputed",),
    )


def csv_text(rows: Iterable[Mapping[str, Any]], table: Table) -> str:
    out = io.StringIO(newline="")
    write_csv(rows, out, table)
    return out.getvalue()


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def jsonl_text(*rows: Mapping[str, Any]) -> str:
    out = io.StringIO()
    write_jsonl(rows, out)
    return out.getvalue()


def test_a_match_tells_every_key_in_its_order() -> None:
    assert list(booked()) == (
        "company account entry_id bank_reference booking_date amount_minor currency payer_name payer_iban "
        "end_to_end_id remittance state allocations proposals reasons"
    ).split(" ")
    assert booked()["allocations"] == [
        {"document_number": "RE-1", "debtor_number": "10001", "amount_minor": 9800, "kind": "payment"},
        {"document_number": "RE-1", "debtor_number": "10001", "amount_minor": 200, "kind": "skonto"},
    ]
    assert waiting()["proposals"][1] == {
        "probability": 0.02,
        "allocations": [
            {"document_number": "RE-1", "debtor_number": "10001", "amount_minor": 9800, "kind": "payment"}
        ],
        "reasons": ["amount alone"],
    }


def test_a_notice_tells_every_key_in_its_order() -> None:
    row = notice_row("muster", notice(fee=Money(250, "EUR")), NoticeState.SENT)
    assert list(row) == (
        "company debtor_number stage run_date state held_because channel total_minor currency items receipt"
    ).split(" ")
    assert row["items"][0] == {
        "document_number": "RE-1",
        "due_date": "2026-04-01",
        "days_overdue": 30,
        "open_minor": 10000,
        "interest_minor": 117,
        "fee_minor": 250,
        "lump_sum_minor": 0,
    }
    assert (row["state"], row["held_because"], row["channel"]) == ("sent", [], "letter")


def test_a_held_notice_tells_the_codes_of_the_gate_and_no_fee_is_zero() -> None:
    row = notice_row("muster", notice(held=True), NoticeState.HELD)
    assert (row["state"], row["held_because"]) == ("held", ["bank_stale", "disputed"])
    assert row["items"][0]["fee_minor"] == 0


def test_an_open_item_tells_every_key_in_its_order() -> None:
    row = open_item()
    assert list(row) == (
        "company document_number kind debtor_number debtor_name document_date due_date amount_minor "
        "reported_open_minor open_minor currency days_overdue stage hold_codes"
    ).split(" ")
    assert (row["reported_open_minor"], row["open_minor"], row["days_overdue"]) == (123456, 100000, 10)


def test_jsonl_reads_back_as_it_was_written() -> None:
    rows = [booked("Grüße \u2028 an\u0085alle\nzwei", "Łukasz"), waiting(), open_item()]
    text = jsonl_text(*rows)
    assert [json.loads(line) for line in text.splitlines()] == rows
    assert "Grüße" in text


def test_a_booked_entry_is_one_line_per_allocation_and_its_columns_add_up() -> None:
    lines = read_csv(csv_text([booked()], MATCHES))
    assert [(x["document_number"], x["kind"], x["allocation_amount"]) for x in lines] == [
        ("RE-1", "payment", "98,00"),
        ("RE-1", "skonto", "2,00"),
    ]
    assert [x["amount"] for x in lines] == ["98,00", ""]
    assert [x["entry_id"] for x in lines] == ["E1", "E1"]
    assert lines[0]["reasons"] == "number quoted | Skonto in time"


def test_a_waiting_entry_is_one_line_with_its_best_proposal() -> None:
    (line,) = read_csv(csv_text([waiting()], MATCHES))
    assert (line["amount_minor"], line["amount"]) == ("-1234567", "-12345,67")
    assert (line["proposal_probability"], line["proposal"]) == ("0,9731", "RE-1 98,00 payment | RE-1 2,00 skonto")


def test_a_notice_is_one_line_per_item() -> None:
    lines = read_csv(csv_text([notice_row("muster", notice(held=True), NoticeState.HELD)], NOTICES))
    assert [(x["document_number"], x["open"], x["interest"], x["total"]) for x in lines] == [
        ("RE-1", "100,00", "1,17", "202,34"),
        ("RE-2", "100,00", "1,17", ""),
    ]
    assert lines[0]["held_because"] == "bank_stale | disputed"


def test_a_credit_note_counts_against_the_balance() -> None:
    lines = read_csv(csv_text([open_item(), open_item(ItemKind.CREDIT_NOTE)], OPEN_ITEMS))
    assert [(x["open"], x["balance"]) for x in lines] == [("1000,00", "1000,00"), ("1000,00", "-1000,00")]


@pytest.mark.parametrize("table", [MATCHES, NOTICES, OPEN_ITEMS])
def test_an_empty_table_still_names_its_columns(table: Table) -> None:
    assert csv_text([], table) == ";".join(table.columns) + "\r\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('=HYPERLINK("http://x";"y")', '\'=HYPERLINK("http://x";"y")'),
        ("+49 123", "'+49 123"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("＝1", "'＝1"),
        ("RE-1 = danke", "RE-1 = danke"),
        ("'=1", "'=1"),
        ("", ""),
    ],
)
def test_a_text_is_never_a_formula(text: str, shown: str) -> None:
    assert excel_safe(text) == shown


@given(st.text(), st.text())
def test_no_cell_of_a_payer_ever_starts_a_formula_and_no_text_breaks_the_table(remittance: str, payer: str) -> None:
    lines = read_csv(csv_text([booked(remittance, payer), waiting()], MATCHES))
    assert len(lines) == 3
    assert [lines[0]["remittance"], lines[0]["payer_name"]] == [excel_safe(remittance), excel_safe(payer)]
    for line in lines:
        for column, cell in line.items():
            if column not in {"amount", "amount_minor", "allocation_amount", "allocation_minor"}:
                assert not cell.startswith(FORMULA_STARTS)


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_amounts_stay_numbers(minor: int) -> None:
    row = booked() | {"amount_minor": minor}
    line = read_csv(csv_text([row], MATCHES))[0]
    assert int(line["amount_minor"]) == minor
    assert Decimal(line["amount"].replace(",", ".")) * 100 == minor
