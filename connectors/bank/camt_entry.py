"""One booking of a camt statement (Ntry) as the payments inside it (TxDtls)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from connectors.bank.camt_party import other_party
from connectors.bank.camt_text import payment_text
from connectors.bank.camt_values import is_credit, is_true, read_amount, read_day
from connectors.bank.camt_vocabulary import ENTRY, Record, record_of
from connectors.bank.codes import RETURN_KINDS, IsoCode, addendum_of, entry_kind, gvc_of, return_reason
from connectors.bank.format import impossible_value_date, unreadable
from ledger.finding import Finding, Severity
from ledger.money import MINOR_DIGITS, Money, total
from ledger.statement import EntryStatus, StatementEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from lxml import etree

_PAYMENTS: Final = "entry_details.transaction_details"
_NO_DETAILS: Final = Record(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose statement an entry stands on."""

    number: str
    owner: str
    currency: str  # empty where neither account nor balances name one
    provisional: bool  # camt.052: booked only where it says so
    made_on: date | None  # when the bank wrote the statement
    place: str  # the file


@dataclass(frozen=True, slots=True, kw_only=True)
class _Booking:
    """What all payments of one booking share."""

    record: Record
    account: Account
    number: int  # counted within the statement
    amount: Money
    booking_date: date
    value_date: date | None
    status: EntryStatus
    place: str


def read(element: etree._Element, number: int, account: Account, findings: list[Finding]) -> list[StatementEntry]:
    """Read a booking: one entry for each payment where the payments add up to it, else one for the booking.

    The booked amount is the truth. A payment's own amount may be missing, in foreign currency or before charges.
    """
    booking = _booking(record_of(element, ENTRY), number, account, findings)
    payments = booking.record.group(_PAYMENTS)
    if len(payments) < 2:
        return [_entry(booking, payments[0] if payments else _NO_DETAILS, booking.amount, findings)]
    amounts = [_payment_amount(payment, booking) for payment in payments]
    known = [amount for amount in amounts if amount is not None]
    if len(known) == len(payments) and total(known, booking.amount.currency) == booking.amount:
        return [
            _entry(booking, payment, amount, findings, position)
            for position, (payment, amount) in enumerate(zip(payments, known, strict=True))
        ]
    findings.append(_does_not_add_up(booking, known, len(payments)))
    return [_entry(booking, _together(payments), booking.amount, findings)]


def _booking(record: Record, number: int, account: Account, findings: list[Finding]) -> _Booking:
    place = f"{account.place}:{record.line}"
    amount = read_amount(record.text("amount"), record.text("amount.currency"), place)
    if account.currency and amount.currency != account.currency:
        raise unreadable(
            place,
            f"a booking in {amount.currency} stands on an account in {account.currency}",
            what_to_do="Ask the bank for one statement per currency.",
        )
    credit = is_credit(record.text("credit_debit_indicator"), place)
    value_date = _value_date(record, place, findings)
    status = _status(record, account)
    # What is not booked yet needs no booking date; it is shown under the day on which the bank announced it.
    otherwise = value_date or (account.made_on if status is EntryStatus.PENDING else None)
    return _Booking(
        record=record,
        account=account,
        number=number,
        amount=amount if credit else -amount,
        booking_date=_booking_date(record, otherwise, place),
        value_date=value_date,
        status=status,
        place=place,
    )


def _status(record: Record, account: Account) -> EntryStatus:
    match record.text("status.code", "status"):
        case "BOOK":
            return EntryStatus.BOOKED
        case "":
            return EntryStatus.PENDING if account.provisional else EntryStatus.BOOKED
        case _:  # PDNG, FUTR, INFO and whatever a bank adds: not booked
            return EntryStatus.PENDING


def _booking_date(record: Record, otherwise: date | None, place: str) -> date:
    written = record.text("booking_date.date", "booking_date.date_time")
    day = read_day(written) if written else otherwise
    if day is None:
        raise unreadable(
            place,
            f"the booking date {written!r} is no day of the calendar" if written else "the booking has no date",
            what_to_do="Ask the bank for a correct file.",
        )
    return day


def _value_date(record: Record, place: str, findings: list[Finding]) -> date | None:
    written = record.text("value_date.date", "value_date.date_time")
    day = read_day(written) if written else None
    if written and day is None:
        findings.append(impossible_value_date(written, place))
    return day


def _payment_amount(payment: Record, booking: _Booking) -> Money | None:
    """Give a payment's amount in the currency of the account: Amt, TxAmt (all that version 02 has), or InstdAmt.

    The instructed amount is before charges and currency exchange. It stands last, and the sum decides over it.
    """
    for word in ("amount", "amount_details.transaction_amount.amount", "amount_details.instructed_amount.amount"):
        if payment.text(f"{word}.currency") == booking.amount.currency:
            amount = read_amount(payment.text(word), booking.amount.currency, _place(booking, payment))
            indicator = payment.text("credit_debit_indicator")
            credit = is_credit(indicator, booking.place) if indicator else booking.amount.minor >= 0
            return amount if credit else -amount
    return None


def _does_not_add_up(booking: _Booking, known: Sequence[Money], payments: int) -> Finding:
    return Finding(
        code="payments_do_not_add_up",
        place=booking.place,
        what=f"a booking of {booking.amount} holds {payments} payments that do not add up to it",
        excerpt=f"{len(known)} of them name an amount, together {total(known, booking.amount.currency)}",
        what_to_do="The booking is kept as one entry. Look up the single payments at the bank and split it by hand.",
    )


def _together(payments: Sequence[Record]) -> Record:
    """Keep only what all payments say of the purpose: nobody is the payer of them all."""
    together = Record(payments[0].line)
    for payment in payments:
        for word, texts in payment.texts.items():
            if word.startswith("remittance_information."):
                together.texts.setdefault(word, []).extend(texts)
    return together


def _entry(
    booking: _Booking, payment: Record, amount: Money, findings: list[Finding], position: int = 0
) -> StatementEntry:
    record, place = booking.record, _place(booking, payment)
    alone = len(record.group(_PAYMENTS)) < 2
    credit = amount.minor >= 0
    iso, proprietary, gvc = _codes(payment, record)
    addendum = addendum_of(proprietary) if gvc else ""
    kind = entry_kind(
        credit=credit,
        gvc=gvc,
        iso=iso,
        reversal=is_true(record.text("reversal_indicator")),
        returned=any(word.startswith("return_information.") for word in payment.texts),
    )
    is_return = kind in RETURN_KINDS
    party = other_party(payment, booking.account.number, booking.account.owner, credit=credit, is_return=is_return)
    text = payment_text(payment, record if alone else _NO_DETAILS)
    return StatementEntry(
        account=booking.account.number,
        booking_date=booking.booking_date,
        value_date=booking.value_date,
        amount=amount,
        kind=kind,
        status=booking.status,
        payer_name=party.name,
        payer_iban=party.number,
        payer_bic=party.bic,
        ultimate_name=party.ultimate_name,
        remittance=text.remittance,
        remittance_glued=text.glued,
        references=text.references,
        end_to_end_id=_provided(payment.text("refs.end_to_end_id")),
        mandate_id=_provided(payment.text("refs.mandate_id")),
        creditor_id=party.creditor_id,
        bank_reference=payment.text("refs.account_servicer_reference") or record.text("account_servicer_reference"),
        return_reason=_reason(payment, addendum, text.remittance) if is_return else "",
        original_amount=_original_amount(payment, record if alone else _NO_DETAILS, place, findings),
        charges=_charges(payment, amount.currency, place)
        or (_charges(record, amount.currency, place) if alone else None),
        posting_text=" ".join(record.text("additional_information").split()),
        transaction_code=proprietary if gvc or not iso.domain else str(iso),
        booking_ref=str(booking.number),
        position=position,
        place=place,
    )


def _place(booking: _Booking, payment: Record) -> str:
    return f"{booking.account.place}:{payment.line}" if payment.line else booking.place


def _provided(text: str) -> str:
    return "" if text == "NOTPROVIDED" else text


def _codes(payment: Record, record: Record) -> tuple[IsoCode, str, str]:
    """Give ISO code, proprietary code and GVC; a batch has them in its payments, a single booking in itself."""
    source = payment if payment.text(_ISO_DOMAIN) else record
    iso = IsoCode(source.text(_ISO_DOMAIN), source.text(_ISO_FAMILY), source.text(_ISO_SUB_FAMILY))
    source = payment if payment.text(_PROPRIETARY) else record
    proprietary = source.text(_PROPRIETARY)
    return iso, proprietary, gvc_of(proprietary, source.text(_ISSUER))


_ISO_DOMAIN: Final = "bank_transaction_code.domain.code"
_ISO_FAMILY: Final = "bank_transaction_code.domain.family.code"
_ISO_SUB_FAMILY: Final = "bank_transaction_code.domain.family.sub_family_code"
_PROPRIETARY: Final = "bank_transaction_code.proprietary.code"
_ISSUER: Final = "bank_transaction_code.proprietary.issuer"


def _reason(payment: Record, addendum: str, text: str) -> str:
    if code := payment.text("return_information.reason.code"):
        return code
    told = " ".join(payment.all_texts("return_information.additional_information"))
    if proprietary := payment.text("return_information.reason.proprietary"):
        return f"{proprietary} {told}".strip()
    return return_reason(addendum, f"{told} {text}".strip()) or told


def _original_amount(payment: Record, record: Record, place: str, findings: list[Finding]) -> Money | None:
    word = "amount_details.instructed_amount.amount"
    source = payment if payment.text(word) else record
    written, currency = source.text(word), source.text(f"{word}.currency")
    if not written:
        return None
    if currency not in MINOR_DIGITS:
        findings.append(
            Finding(
                code="original_amount_unknown_currency",
                severity=Severity.NOTE,
                place=place,
                what=f"the instructed amount {written} {currency} is in a currency we do not know and was left out",
                what_to_do="Nothing: the booked amount counts.",
            )
        )
        return None
    return read_amount(written, currency, place)


def _charges(record: Record, currency: str, place: str) -> Money | None:
    """Add up what banks kept inside the amount; nothing where they kept nothing."""
    charged = [
        read_amount(written, currency, place)
        for charges in record.group("charges")
        for written, charged_currency in _charged(charges)
        if charged_currency == currency
    ]
    return total(charged, currency) or None


def _charged(charges: Record) -> Iterator[tuple[str, str]]:
    """Give amount and currency of each charge: in Chrgs in version 02, in Chrgs/Rcrd from 04 on, else the total.

    A charge that is not included (ChrgInclInd false) is booked elsewhere, and a credited one is none.
    """
    for charge in charges.group("record") or [charges]:
        if charge.text("credit_debit_indicator") == "CRDT" or charge.text("included_indicator") in {"false", "0"}:
            continue
        word = "amount" if charge.text("amount") else "total"
        yield charge.text(word), charge.text(f"{word}.currency")
