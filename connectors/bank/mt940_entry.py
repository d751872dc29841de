"""One booking of an MT940 statement: the line ``:61:`` and what ``:86:`` says about it."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from connectors.bank import purpose
from connectors.bank.codes import RETURN_KINDS, entry_kind, return_reason
from connectors.bank.creditor_reference import creditor_references
from connectors.bank.format import impossible_value_date, unreadable
from connectors.bank.mt940_values import UnknownDialect, century_year, day_of, nearest_day, read_amount
from ledger.finding import Finding, Severity
from ledger.statement import EntryKind, EntryStatus, StatementEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.money import Money

# 6!n [4!n] 2a [1!a] 15d 1!a3!c 16x [//16x]. CR100, is a credit with the third letter of EUR, never a reversal;
# EC and ED are expected, not yet booked.
_LINE: Final = re.compile(
    r"(?P<value>\d{6})[ ]?(?P<booked>\d{4})?\s*(?P<mark>RC|RD|EC|ED|C|D)(?P<funds>[A-Z])?(?P<amount>[\d.,]+)"
    r"\s*(?P<type>[NSF][A-Z0-9]{3})?(?P<references>.*)"
)
# RC takes a credit back, so money leaves; RD takes a debit back, so it comes in.
_MONEY_COMES_IN: Final = frozenset({"C", "RD", "EC"})
_KEYWORD_AMOUNT: Final = re.compile(r"(?P<currency>[A-Z]{3})? ?(?P<amount>[\d.,]+)(?: ?[A-Z]{3})?")


class Field(NamedTuple):
    """A tag, what stands behind it, and its line in the file."""

    tag: str
    value: str
    line: int


def read(
    line: Field,
    details: Sequence[Field],
    *,
    account: str,
    currency: str,
    number: int,
    place: str,
    findings: list[Finding],
    interim: bool = False,
) -> StatementEntry:
    """Read one booking; raise UnknownDialect for a form we do not know, Unreadable for an impossible day."""
    where = f"{place}:{line.line}"
    first, _, supplement = line.value.partition("\n")
    found = _LINE.fullmatch(first.strip())
    if not found:
        raise UnknownDialect(where, f"the booking :61:{first} cannot be read")
    if not currency:
        raise unreadable(where, "no balance and no limit names the currency", what_to_do="Ask the bank for MT940.")
    mark = found["mark"]
    amount = read_amount(found["amount"], currency, where)
    signed = amount if mark in _MONEY_COMES_IN else -amount
    booking_date, value_date = _days(found["value"], found["booked"], where, findings)
    said = purpose.read("\n".join(one.value for one in details))
    remittance, glued = _texts(said, supplement)
    kind = entry_kind(
        credit=mark in _MONEY_COMES_IN, gvc=said.gvc, swift=found["type"] or "", reversal=mark in {"RC", "RD"}
    )
    customer_reference, _, bank_reference = found["references"].partition("//")
    return StatementEntry(
        account=account,
        booking_date=booking_date,
        value_date=value_date,
        amount=signed,
        kind=kind,
        status=EntryStatus.PENDING if interim or mark in {"EC", "ED"} else EntryStatus.BOOKED,
        payer_name=said.name,
        payer_iban=said.account,
        payer_bic=said.bic,
        ultimate_name=_ultimate_name(said, kind, credit=mark in _MONEY_COMES_IN),
        remittance=remittance,
        remittance_glued=glued,
        references=creditor_references(remittance, glued, customer_reference),
        end_to_end_id=said.keyword("EREF"),
        mandate_id=said.keyword("MREF"),
        creditor_id=said.keyword("CRED"),
        bank_reference=bank_reference.strip() or said.keyword("BREF"),
        return_reason=return_reason(said.addendum, said.remittance) if kind in RETURN_KINDS else "",
        original_amount=_told_amount(said, "OAMT", supplement, "OCMT", currency, where, findings),
        charges=_told_amount(said, "COAM", supplement, "CHGS", currency, where, findings),
        posting_text=said.posting_text,
        transaction_code=said.gvc or found["type"] or "",
        booking_ref=str(number),
        place=where,
    )


def _days(value: str, booked: str | None, where: str, findings: list[Finding]) -> tuple[date, date | None]:
    value_date = day_of(value)
    # An impossible value date still tells the year, as well as any day in its middle.
    near = value_date or date(century_year(value), min(max(int(value[2:4]), 1), 12), 15)
    booking_date = nearest_day(booked, near) if booked else value_date
    if booking_date is None:
        raise unreadable(
            where,
            f"the booking date {booked or value!r} is no day of the calendar",
            what_to_do="Ask the bank for a correct file.",
        )
    if value_date is None:
        findings.append(impossible_value_date(value, where))
    return booking_date, value_date


def _texts(said: purpose.Purpose, supplement: str) -> tuple[str, str]:
    """Add the supplementary line to free text: many banks outside Germany continue there."""
    extra = " ".join(supplement.split())
    if said.gvc or extra.startswith(("/OCMT/", "/CHGS/")):
        return said.remittance, said.remittance_glued
    return f"{said.remittance} {extra}".strip(), said.remittance_glued + extra


def _ultimate_name(said: purpose.Purpose, kind: EntryKind, *, credit: bool) -> str:
    payer, payee = said.keyword("ABWA"), said.keyword("ABWE")
    if kind in RETURN_KINDS:  # roles are those of the original payment, and banks disagree about them
        return payer or payee
    return payer if credit else payee


def _told_amount(
    said: purpose.Purpose,
    keyword: str,
    supplement: str,
    code: str,
    currency: str,
    where: str,
    findings: list[Finding],
) -> Money | None:
    """Read an amount beside the booked one: behind a keyword of :86:, or a code in the second line of :61:."""
    label, written = f"{keyword}+", said.keyword(keyword)
    found = _KEYWORD_AMOUNT.fullmatch(written)
    if not written:
        label, found = f"/{code}/", re.search(rf"/{code}/(?P<currency>[A-Z]{{3}})(?P<amount>[\d.,]+)", supplement)
        written = found[0] if found else ""
    if not written:
        return None
    try:
        if found:
            return read_amount(found["amount"], found["currency"] or currency, where)
    except UnknownDialect:
        found = None
    findings.append(
        Finding(
            code="told_amount_unreadable",
            severity=Severity.NOTE,
            place=where,
            what=f"{label} says {written!r}, which is no amount, and was left out",
            what_to_do="Nothing: the booked amount counts. Split fee and principal by hand if this is a return.",
        )
    )
    return None
