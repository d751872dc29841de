"""One booking of a camt statement (Ntry) as the payments inside it (TxDtls)."""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from connectors.bank.codes import RETURN_KINDS, IsoCode, addendum_of, entry_kind, gvc_of, return_reason
from connectors.bank.format import impossible_value_date, unreadable
from connectors.bank.iso20022.camt_facts import NO_PAYMENT, BatchFacts, BookingFacts, Charge, PaymentFacts
from connectors.bank.iso20022.camt_party import other_party
from connectors.bank.iso20022.camt_text import payment_text
from connectors.bank.iso20022.camt_values import is_credit, is_true, read_amount, read_day, told
from ledger.finding import Finding, Severity
from ledger.money import MINOR_DIGITS, Money, total
from ledger.statement import EntryKind, EntryStatus, StatementEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date


# What banks write where a field is mandatory and there is nothing to say (ISO 20022 and SWIFT).
_NOT_PROVIDED: Final = frozenset({"NOTPROVIDED", "NONREF"})
_SWISS: Final = frozenset({"CH", "LI"})  # countries of accounts that are paid with QR references


class Account(NamedTuple):
    """Whose statement an entry stands on."""

    number: str
    owner: str
    currency: str  # empty where neither account nor balances name one
    provisional: bool  # camt.052: booked only where it says so
    binding: bool  # camt.053
    made_on: date | None  # when the bank wrote the statement


class Booking(NamedTuple):
    """What all payments of one booking share."""

    facts: BookingFacts
    account: Account
    number: int  # counted within the statement
    amount: Money
    booking_date: date
    value_date: date | None
    status: EntryStatus
    place: str
    posting_text: str
    batches: tuple[str, ...]  # references, one for each element that lists payments


def booking_of(facts: BookingFacts, number: int, account: Account, place: str, findings: list[Finding]) -> Booking:
    """Read what a booking says of itself; raise Unreadable where amount, direction or day are in doubt."""
    amount = read_amount(facts.amount, facts.amount_currency or account.currency, place)
    if account.currency and amount.currency != account.currency:
        raise unreadable(
            told(place),
            f"a booking in {amount.currency} stands on an account in {account.currency}",
            what_to_do="Ask the bank for one statement per currency.",
        )
    credit = is_credit(facts.direction, place)
    value_date = read_day(facts.value_date) if facts.value_date else None
    if facts.value_date and value_date is None:
        findings.append(impossible_value_date(facts.value_date, place))
    status = _status(facts.status, account)
    return Booking(
        facts,
        account,
        number,
        amount if credit else -amount,
        _booking_date(facts.booking_date, place)
        if facts.booking_date
        else value_date or _day_of(account, status, place, findings),
        value_date,
        status,
        place,
        " ".join(" ".join(facts.additional_information).split()),
        _batches(facts.batches),
    )


def _batches(around: tuple[BatchFacts, ...]) -> tuple[str, ...]:
    """Give the batch that each NtryDtls with payments names; without any payment, that of the whole booking."""
    if len(around) > 1:
        around = tuple(batch for batch in around if batch.lists_payments) or around[:1]
    return tuple([_provided(batch.reference) for batch in around])


def _status(written: str, account: Account) -> EntryStatus:
    if written == "BOOK":
        return EntryStatus.BOOKED
    if not written and not account.provisional:
        return EntryStatus.BOOKED
    return EntryStatus.PENDING  # PDNG, FUTR, INFO and whatever a bank adds: not booked


def _booking_date(written: str, place: str) -> date:
    if (day := read_day(written)) is None:
        raise unreadable(
            told(place),
            f"the booking date {written!r} is no day of the calendar",
            what_to_do="Ask the bank for a correct file.",
        )
    return day


def _day_of(account: Account, status: EntryStatus, place: str, findings: list[Finding]) -> date:
    """Give the day of a booking without any date of its own: that on which the bank wrote the statement.

    What is only announced needs no booking date, so there this is worth no word.
    """
    if account.made_on is None:
        raise unreadable(told(place), "the booking has no date", what_to_do="Ask the bank for a correct file.")
    if account.binding and status is EntryStatus.BOOKED:
        findings.append(_dated_by_statement(account.made_on, place))
    return account.made_on


def _dated_by_statement(day: date, place: str) -> Finding:
    return Finding(
        code="booking_date_missing",
        place=place,
        what=f"the booking has no date, so the day of the statement was taken: {day}",
        what_to_do="Check the day if it matters, and ask the bank to deliver booking dates (BookgDt).",
    )


def entries_of(booking: Booking, payments: Sequence[PaymentFacts], findings: list[Finding]) -> list[StatementEntry]:
    """Give one entry for each payment where the payments add up to the booking, else one for the booking.

    The booked amount is the truth. A payment's own amount may be missing, in foreign currency or before charges.
    """
    if not payments:
        return [_entry(booking, NO_PAYMENT, booking.amount, booking.place, findings)]
    if len(payments) == 1 and not _is_one_of_several(booking, payments[0]):
        return [_entry(booking, payments[0], booking.amount, _place(booking, 0), findings)]
    amounts = _proven_amounts(booking, payments) if len(payments) > 1 else None
    if amounts is None:
        findings.append(_does_not_add_up(booking, payments))
        return [_entry(booking, _together(payments), booking.amount, booking.place, findings)]
    return [
        _entry(booking, payment, amount, _place(booking, position), findings, position, alone=False)
        for position, (payment, amount) in enumerate(zip(payments, amounts, strict=True))
    ]


def entry_of_many(booking: Booking, payment: PaymentFacts, position: int, findings: list[Finding]) -> StatementEntry:
    """Give the entry of a payment whose booking is still being read; raise Unreadable where it has no amount."""
    place = _place(booking, position)
    amount = _own_amount(booking, payment)
    if amount is None:
        raise unreadable(
            told(place),
            "a payment of a very large booking names no amount in the currency of the account",
            what_to_do="Ask the bank to deliver the amount of each payment (TxDtls/Amt).",
        )
    return _entry(booking, payment, amount, place, findings, position, alone=False)


def check_many(booking: Booking, together: Money, payments: int) -> None:
    """Raise Unreadable where the payments of a very large booking, which are entries already, do not add up to it."""
    if together != booking.amount:
        raise unreadable(
            told(booking.place),
            f"a booking of {booking.amount} holds {payments:,} payments that do not add up to it",
            found=f"together they are {together}",
            what_to_do="Ask the bank for a correct file.",
        )


def _place(booking: Booking, position: int) -> str:
    return f"{booking.place}/TxDtls[{position + 1}]"


def _written(*names: str) -> tuple[Callable[[PaymentFacts], tuple[str, str]], ...]:
    return tuple(attrgetter(name, f"{name}_currency") for name in names)


# Where the amount of a payment may stand. The instructed one is before charges and exchange, so it comes last.
_AS_BOOKED: Final = _written("amount", "transaction_amount", "counter_value", "announced_amount", "instructed_amount")
_AS_SETTLED: Final = _written("transaction_amount", "counter_value", "amount")


def _proven_amounts(booking: Booking, payments: Sequence[PaymentFacts]) -> list[Money] | None:
    """Give the amounts of the payments if they add up to the booking: Amt first, else TxAmt (all of version 02)."""
    for order in (_AS_BOOKED, _AS_SETTLED):
        amounts = [_own_amount(booking, payment, order) for payment in payments]
        known = [amount for amount in amounts if amount is not None]
        if len(known) == len(payments) and total(known, booking.amount.currency) == booking.amount:
            return known
    return None


def _own_amount(
    booking: Booking,
    payment: PaymentFacts,
    order: Iterable[Callable[[PaymentFacts], tuple[str, str]]] = _AS_BOOKED,
) -> Money | None:
    """Give the first amount of a payment that is in the currency of the booking."""
    for written in order:
        text, currency = written(payment)
        if currency == booking.amount.currency and text:
            amount = read_amount(text, currency, booking.place)
            direction = payment.direction
            credit = is_credit(direction, booking.place) if direction else booking.amount.minor >= 0
            return amount if credit else -amount
    return None


_ALONE: Final = frozenset({"", "0", "1"})


def _is_one_of_several(booking: Booking, payment: PaymentFacts) -> bool:
    """Whether the bank says that the booking holds more payments, but lists only this one and its smaller amount."""
    if all(batch.number_of_payments in _ALONE for batch in booking.facts.batches):
        return False
    return _own_amount(booking, payment) not in {None, booking.amount}


def _does_not_add_up(booking: Booking, payments: Sequence[PaymentFacts]) -> Finding:
    amounts = (_own_amount(booking, payment) for payment in payments)
    known = [amount for amount in amounts if amount is not None]
    return Finding(
        code="payments_do_not_add_up",
        place=booking.place,
        what=f"the payments listed in a booking of {booking.amount} do not add up to it",
        excerpt=f"{len(known)} of {len(payments)} name an amount, together {total(known, booking.amount.currency)}",
        what_to_do="The booking is kept as one entry. Look up the single payments at the bank and split it by hand.",
    )


def _together(payments: Sequence[PaymentFacts]) -> PaymentFacts:
    """Keep only what all payments say of the purpose: nobody is the payer of them all."""
    return NO_PAYMENT._replace(
        unstructured=tuple(line for payment in payments for line in payment.unstructured),
        additional_remittance=tuple(line for payment in payments for line in payment.additional_remittance),
        creditor_references=tuple(one for payment in payments for one in payment.creditor_references),
        document_numbers=tuple(one for payment in payments for one in payment.document_numbers),
    )


def _entry(
    booking: Booking,
    payment: PaymentFacts,
    amount: Money,
    place: str,
    findings: list[Finding],
    position: int = 0,
    *,
    alone: bool = True,
) -> StatementEntry:
    """Build the entry; what the booking says counts for a payment that is ``alone`` in it."""
    facts, account = booking.facts, booking.account
    credit = amount.minor >= 0
    coded, marked = payment if payment.domain else facts, payment if payment.proprietary else facts
    kind, transaction_code, addendum = _kind_of(
        coded.domain,
        coded.family,
        coded.sub_family,
        marked.proprietary,
        marked.issuer,
        credit,
        is_true(facts.reversal),
        payment.returned != "",
    )
    is_return = kind in RETURN_KINDS
    party = other_party(payment, account.number, account.owner, credit=credit, is_return=is_return)
    around = facts.additional_information if alone else ()
    text = payment_text(payment, around, swiss=account.number[:2] in _SWISS)
    charges = payment.charges or (facts.charges if alone else ())
    return StatementEntry(  # by position, in the order of its fields: names would cost as much as reading a date
        account.number,
        booking.booking_date,
        amount,
        booking.value_date,
        kind,
        booking.status,
        party.name,
        party.account,
        party.bic,
        party.ultimate_name,
        text.remittance,
        text.glued,
        text.references,
        _provided(payment.end_to_end_id),
        _provided(payment.mandate_id),
        party.creditor_id,
        payment.bank_reference or facts.bank_reference,
        _reason(payment, addendum, text.remittance, booking.posting_text) if is_return or payment.returned else "",
        _original_amount(booking, payment, place, findings, alone=alone),
        _charged(charges, amount.currency, place) if charges else None,
        booking.posting_text,
        transaction_code,
        str(booking.number),
        position,
        place,
        "",  # the identity, which only storage can know
        party.ultimate_own_name,
        payment.purpose,
        _batch(booking, payment) or _provided(payment.batch_id) or _provided(facts.message_id),
        _provided(payment.uetr) or _provided(payment.transaction_id) or _provided(payment.instruction_id),
        payment.exchange_rate or (facts.exchange_rate if alone else ""),
    )


@lru_cache(maxsize=4096)
def _kind_of(
    domain: str,
    family: str,
    sub_family: str,
    proprietary: str,
    issuer: str,
    credit: bool,
    reversal: bool,
    returned: bool,
) -> tuple[EntryKind, str, str]:
    """Give the kind, the code as delivered, and the text-key addendum of a German code."""
    proprietary = _provided(proprietary)
    iso = IsoCode(domain, family, sub_family)
    gvc = gvc_of(proprietary, issuer)
    kind = entry_kind(credit=credit, gvc=gvc, iso=iso, reversal=reversal, returned=returned)
    return kind, proprietary if gvc or not domain else str(iso), addendum_of(proprietary) if gvc else ""


def _provided(text: str) -> str:
    return "" if text in _NOT_PROVIDED else text


def _batch(booking: Booking, payment: PaymentFacts) -> str:
    return booking.batches[payment.details] if payment.details < len(booking.batches) else ""


def _reason(payment: PaymentFacts, addendum: str, *texts: str) -> str:
    """Say why it came back: the code, what the bank writes instead, or what can be found in the texts around."""
    if payment.return_code:
        return payment.return_code
    told_why = " ".join(" ".join(payment.return_information).split())
    if payment.return_proprietary:
        return f"{payment.return_proprietary} {told_why}".strip()
    around = " ".join(" ".join((told_why, *payment.additional_information, *texts)).split())
    return return_reason(addendum, around) or told_why


def _original_amount(
    booking: Booking, payment: PaymentFacts, place: str, findings: list[Finding], *, alone: bool
) -> Money | None:
    """Give what was ordered: the instructed amount, else the payment's own where that is in another currency."""
    text, currency = payment.instructed_amount, payment.instructed_amount_currency
    if not text and alone:
        text, currency = booking.facts.instructed_amount, booking.facts.instructed_amount_currency
    if not text:
        text, currency = _foreign_amount(payment, booking.amount.currency)
    if not text:
        return None
    if currency not in MINOR_DIGITS:
        findings.append(_unknown_currency(f"{text} {currency}", place))
        return None
    return read_amount(text, currency, place)


def _foreign_amount(payment: PaymentFacts, currency: str) -> tuple[str, str]:
    if payment.amount and payment.amount_currency != currency:
        return payment.amount, payment.amount_currency
    if payment.transaction_amount and payment.transaction_amount_currency != currency:
        return payment.transaction_amount, payment.transaction_amount_currency
    return "", ""


def _unknown_currency(written: str, place: str) -> Finding:
    return Finding(
        code="original_amount_unknown_currency",
        severity=Severity.NOTE,
        place=place,
        what=f"the instructed amount {written} is in a currency we do not know and was left out",
        what_to_do="Nothing: the booked amount counts.",
    )


def _charged(charges: Sequence[Charge], currency: str, place: str) -> Money | None:
    """Add up what banks kept inside the amount; nothing where they kept nothing.

    A charge that is not included (ChrgInclInd false) is booked elsewhere, and a credited one is none.
    """
    kept = [
        read_amount(charge.amount, charge.currency, place)
        for charge in charges
        if charge.currency == currency and charge.direction != "CRDT" and charge.included not in {"false", "0"}
    ]
    return total(kept, currency) or None
