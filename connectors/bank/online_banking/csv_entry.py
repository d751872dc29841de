"""The entry that a row of a CSV export becomes: payer, purpose and references, gathered from wherever they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from connectors.bank.codes import RETURN_KINDS, return_reason
from connectors.bank.creditor_reference import creditor_references
from connectors.bank.format import impossible_value_date
from connectors.bank.online_banking.csv_kinds import kind_of
from connectors.bank.online_banking.csv_layout import cell_of
from connectors.bank.online_banking.csv_text import told
from connectors.bank.online_banking.csv_values import UnreadableValue, looks_like_day, read_day, read_minor
from ledger.finding import Finding, Severity
from ledger.money import Money, UnknownCurrency
from ledger.statement import EntryStatus, StatementEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from connectors.bank.online_banking.csv_booking import Booking
    from connectors.bank.online_banking.csv_layout import Layout

_NO_REFERENCE: Final = frozenset({"NOTPROVIDED", "NONREF"})


def entry_of(
    booking: Booking, layout: Layout, *, account: str, number: int, status: EntryStatus, findings: list[Finding]
) -> StatementEntry:
    """Make the entry of a row; ``number`` is its place in the statement."""
    assert booking.day is not None, booking
    cells, mapping, credit = booking.cells, layout.mapping, booking.minor >= 0

    def text(column: str) -> str:
        return cell_of(cells, layout, column)

    said = _said(text, layout, credit=credit)
    remittance, glued = _texts(cells, layout, said)
    posting_text, code = _in_one_line(text("posting_text")), text("transaction_code")
    kind = kind_of(posting_text, code, mapping.kinds, credit=credit)
    payer_iban, payer_bic = _payer_account(said["payer_iban"], said["payer_bic"], mapping.account_prefix)
    return StatementEntry(
        account=account,
        booking_date=booking.day,
        amount=Money(booking.minor, booking.currency),
        value_date=_value_date(booking, layout, findings),
        kind=kind,
        status=status,
        payer_name=said["payer_name"],
        payer_iban=payer_iban,
        payer_bic=payer_bic,
        ultimate_name=said["ultimate_name"],
        remittance=remittance,
        remittance_glued=glued,
        references=tuple(
            dict.fromkeys((*_joined("references", cells, layout), *creditor_references(remittance, glued)))
        ),
        end_to_end_id=said["end_to_end_id"],
        mandate_id=said["mandate_id"],
        creditor_id=said["creditor_id"],
        bank_reference=said["bank_reference"],
        return_reason=return_reason("", remittance) if kind in RETURN_KINDS else "",
        original_amount=_original(booking, layout, findings),
        charges=_charges(booking, layout, findings),
        posting_text=posting_text,
        transaction_code=code,
        booking_ref=str(number),
        place=f"{layout.place}:{booking.line}",
        batch_reference=said["batch_reference"],
        transaction_id=text("transaction_id"),
        exchange_rate=text("exchange_rate"),
    )


def _said(text: Callable[[str], str], layout: Layout, *, credit: bool) -> dict[str, str]:
    """Gather what has a column of its own; the other party may have different columns on credits and debits."""
    name = "payer_name" if credit or "payee_name" not in layout.at else "payee_name"
    account = "payer_iban" if credit or "payee_iban" not in layout.at else "payee_iban"
    return {
        "payer_name": _in_one_line(text(name)),
        "payer_iban": text(account).replace(" ", ""),
        "payer_bic": text("payer_bic"),
        "ultimate_name": _in_one_line(text("ultimate_name")),
        "end_to_end_id": _reference(text("end_to_end_id")),
        "mandate_id": _reference(text("mandate_id")),
        "creditor_id": text("creditor_id"),
        "bank_reference": text("bank_reference"),
        "batch_reference": text("batch_reference"),
    }


def _texts(cells: Sequence[str], layout: Layout, said: dict[str, str]) -> tuple[str, str]:
    """Give the purpose for reading, and with the cut lines of a cell joined; what it labels goes into ``said``."""
    parts = _joined("purpose", cells, layout)
    remittance = _in_one_line(" ".join(parts))
    glued = _in_one_line(("" if layout.is_cut else " ").join(map(_without_breaks, parts)))
    if not layout.mapping.labels:
        return remittance, glued
    left, found = told(remittance, layout.mapping.labels, said)
    glued = left if glued == remittance else told(glued, layout.mapping.labels, said)[0]
    said |= {field: _reference(value) for field, value in found.items() if not said.get(field)}
    return left, glued


def _joined(column: str, cells: Sequence[str], layout: Layout) -> list[str]:
    return [
        text for where in layout.joined.get(column, ()) if (text := cells[where]) not in {"", *layout.mapping.blank}
    ]


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _without_breaks(text: str) -> str:
    """Join the lines of a cell without a blank: banks cut at 27 characters, through the middle of numbers."""
    return "".join(line.strip() for line in text.splitlines()) if "\n" in text or "\r" in text else text


def _reference(text: str) -> str:
    return "" if text.upper() in _NO_REFERENCE else text


def _payer_account(account: str, bank: str, prefix: str) -> tuple[str, str]:
    """Give account and BIC; a number alone is one account at each of a thousand banks, so its bank goes before it."""
    if account.isdigit() and bank.isdigit():
        return f"{bank}/{account}", ""
    return (f"{prefix}{account}" if account else ""), bank


def _value_date(booking: Booking, layout: Layout, findings: list[Finding]) -> date | None:
    text = cell_of(booking.cells, layout, "value_date")
    if not looks_like_day(text):
        return None
    try:
        return read_day(text, layout.date_order)
    except UnreadableValue:
        findings.append(impossible_value_date(text, f"{layout.place}:{booking.line}"))
        return None


def _original(booking: Booking, layout: Layout, findings: list[Finding]) -> Money | None:
    """Read the amount before charges, exchange or return; None where it is the booked one."""
    currency = cell_of(booking.cells, layout, "original_currency").upper() or booking.currency
    original = _told(booking, layout, "original_amount", currency, findings)
    if original is None or original == Money(abs(booking.minor), booking.currency):
        return None
    return original


def _charges(booking: Booking, layout: Layout, findings: list[Finding]) -> Money | None:
    charges = _told(booking, layout, "charges", booking.currency, findings)
    return charges or None


def _told(booking: Booking, layout: Layout, column: str, currency: str, findings: list[Finding]) -> Money | None:
    text = cell_of(booking.cells, layout, column)
    if not text:
        return None
    try:
        return Money(abs(read_minor(text, layout.decimal, currency)), currency)
    except (UnreadableValue, UnknownCurrency) as error:
        findings.append(
            Finding(
                code="told_amount_unreadable",
                severity=Severity.NOTE,
                place=f"{layout.place}:{booking.line}",
                what=f"{layout.header.names[layout.at[column]]}: {error}; it was left out",
                what_to_do="Nothing: the booked amount counts.",
            )
        )
        return None
