"""What proves that a camt statement is whole: its balances (Salden), and the bank's own summary of its bookings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from connectors.bank.format import unreadable
from connectors.bank.iso20022.camt_values import exact_amount, is_credit, read_amount, read_day
from ledger.finding import Finding, Severity
from ledger.money import InexactAmount, Money, UnknownCurrency, german
from ledger.statement import EntryStatus

if TYPE_CHECKING:
    from datetime import date

    from connectors.bank.iso20022.camt_entry import Booking
    from connectors.bank.iso20022.camt_record import Record
    from ledger.statement import Statement

# Booked balances in the order we trust them. Available balances (…AV) never take part in a sum.
_OPENING: Final = ("OPBD", "PRCD")
_CLOSING: Final = ("CLBD",)
_INTERIM: Final = "ITBD"
_BOOKED: Final = frozenset({*_OPENING, *_CLOSING, _INTERIM})


class Balance(NamedTuple):
    """A booked balance."""

    code: str
    sub_code: str
    amount: Money
    day: date | None


def opening_and_closing(header: Record, place: str) -> tuple[Balance | None, Balance | None]:
    """Pick opening and closing: OPBD, PRCD or the first interim one; CLBD or the last interim one.

    German banks open with the previous closing balance (PRCD); pages in between open and close with ITBD, which
    a bank may mark as OIBD or CIBD. One interim balance is never both ends of a statement.
    """
    found = [_balance(record, place) for record in header.group("balance") if _code(record) in _BOOKED]
    interim = [balance for balance in found if balance.code == _INTERIM]
    opening = _first(found, _OPENING)
    closing = _first(found, _CLOSING)
    if opening is None:
        opening = next((b for b in interim if b.sub_code != "CIBD"), None)
        if closing is None and len(interim) == 1 and interim[0].sub_code != "OIBD":
            opening = None
    if closing is None:
        closing = next((b for b in reversed(interim) if b is not opening and b.sub_code != "OIBD"), None)
    return opening, closing


def currency_of(header: Record) -> str:
    """Give the currency of the account: of its booked balances, else as the account itself says; or empty."""
    for record in header.group("balance"):
        if _code(record) in _BOOKED and (currency := record.amount("amount")[1]):
            return currency
    return header.text("account.currency")


def _balance(record: Record, place: str) -> Balance:
    amount = read_amount(*record.amount("amount"), place)
    credit = is_credit(record.text("credit_debit_indicator"), place)
    day = read_day(record.text("date.date", "date.date_time"))
    return Balance(_code(record), record.text("type.sub_type.code"), amount if credit else -amount, day)


def _code(record: Record) -> str:
    return record.text("type.code_or_proprietary.code")


def _first(found: list[Balance], codes: tuple[str, ...]) -> Balance | None:
    return next((balance for code in codes for balance in found if balance.code == code), None)


@dataclass(slots=True)
class _Tally:
    """Bookings counted and added up by direction while they pass, in minor units."""

    credits: int = 0
    debits: int = 0
    credited: int = 0
    debited: int = 0

    def add(self, minor: int) -> None:
        if minor < 0:
            self.debits += 1
            self.debited -= minor
        else:
            self.credits += 1
            self.credited += minor

    def says(self) -> dict[str, tuple[int, ...]]:
        """Give what a correct summary may say; a few banks write the net sum where all are to be added up."""
        net = self.credited - self.debited
        return {
            "total_entries.number_of_entries": (self.credits + self.debits,),
            "total_entries.sum": (self.credited + self.debited, abs(net)),
            "total_entries.total_net_entry.amount": (abs(net),),
            "total_entries.net_amount": (abs(net),),
            "total_credit_entries.number_of_entries": (self.credits,),
            "total_credit_entries.sum": (self.credited,),
            "total_debit_entries.number_of_entries": (self.debits,),
            "total_debit_entries.sum": (self.debited,),
        }


class Proof:
    """What passed of a statement's bookings, to be held against what the bank says of them all."""

    __slots__ = ("_booked", "_listed")

    def __init__(self) -> None:
        self._booked = _Tally()
        self._listed = _Tally()  # pending ones as well: some banks count them in their summary

    def add(self, booking: Booking) -> None:
        """Count one more booking."""
        minor = booking.amount.minor
        self._listed.add(minor)
        if booking.status is EntryStatus.BOOKED:
            self._booked.add(minor)

    def findings(self, statement: Statement, header: Record) -> tuple[Finding, ...]:
        """Check a statement; raise Unreadable where something is missing, tell where nothing proves that it is whole.

        Balances that add up prove it. Where there are none, the summary does (TxsSummry); that of a paged statement
        counts the other pages too, so it proves nothing. A message from which nothing is booked is never refused.
        """
        is_balanced = self._check_balances(statement)
        is_paged = statement.page > 1 or not statement.is_last_page
        claims = {} if is_paged else _claims(header, statement.currency)
        difference = self._difference(claims, statement.currency)
        if difference and not is_balanced and statement.is_binding:
            raise unreadable(
                statement.place,
                f"statement {statement.number or statement.statement_ref} does not hold what its summary says",
                found=difference,
                what_to_do="A page is probably missing: fetch the statement again from the bank.",
            )
        if difference:
            return (_differs(statement, difference, is_balanced=is_balanced),)
        if not is_balanced and not claims and statement.is_binding:
            return (_unchecked(statement),)
        return ()

    def _check_balances(self, statement: Statement) -> bool:
        opening, closing = statement.opening, statement.closing
        if opening is None or closing is None:
            return False
        _check_currencies(statement, opening, closing)
        movement = Money(self._booked.credited - self._booked.debited, statement.currency)
        if opening + movement == closing:
            return True
        raise unreadable(
            statement.place,
            f"the balances of statement {statement.number or statement.statement_ref} do not add up",
            found=(
                f"opening {german(opening)} + entries {german(movement)} = {german(opening + movement)}, "
                f"but closing says {german(closing)} {statement.currency}"
            ),
            what_to_do="A page is probably missing: fetch the statement again from the bank.",
        )

    def _difference(self, claims: dict[str, tuple[str, int]], currency: str) -> str:
        """Say what of the summary is true neither of the booked bookings nor of all listed; empty if it agrees."""
        booked, listed = self._booked.says(), self._listed.says()
        for word, (written, value) in claims.items():
            if value not in booked[word] and value not in listed[word]:
                counted = booked[word][0]
                ours = str(counted) if word.endswith("number_of_entries") else german(Money(counted, currency))
                return f"{_SUMMARY[word]}: the bank says {written}, the file holds {ours}"
        return ""


def _check_currencies(statement: Statement, opening: Money, closing: Money) -> None:
    if opening.currency != closing.currency:
        raise unreadable(
            statement.place,
            f"the statement opens in {opening.currency} and closes in {closing.currency}",
            what_to_do="Ask the bank for a correct file.",
        )
    if opening.currency != statement.currency:
        raise unreadable(
            statement.place,
            f"the statement opens in {opening.currency}, but its bookings are in {statement.currency}",
            what_to_do="Ask the bank for one statement per currency.",
        )


_SUMMARY: Final = {
    "total_entries.number_of_entries": "number of bookings",
    "total_entries.sum": "sum of all bookings",
    "total_entries.total_net_entry.amount": "net sum of all bookings",
    "total_entries.net_amount": "net sum of all bookings",
    "total_credit_entries.number_of_entries": "number of credits",
    "total_credit_entries.sum": "sum of all credits",
    "total_debit_entries.number_of_entries": "number of debits",
    "total_debit_entries.sum": "sum of all debits",
}
_NO_NUMBER: Final = -1  # agrees with nothing
_MOST_DIGITS: Final = 15  # of a number of bookings: ISO 20022 allows no more, and Python refuses thousands of them


def _claims(header: Record, currency: str) -> dict[str, tuple[str, int]]:
    """Give what the summary says, as written and as a number."""
    said = ((word, header.text(f"transactions_summary.{word}")) for word in _SUMMARY)
    return {word: (text, _value(word, text, currency)) for word, text in said if text}


def _value(word: str, text: str, currency: str) -> int:
    if word.endswith("number_of_entries"):
        return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else _NO_NUMBER
    try:
        return exact_amount(text.lstrip("+-"), currency).minor
    except (InexactAmount, UnknownCurrency):
        return _NO_NUMBER


def _differs(statement: Statement, difference: str, *, is_balanced: bool) -> Finding:
    if is_balanced:
        what = "the bank's summary is not what the statement holds, although its balances add up"
        what_to_do = "Nothing: the balances prove the statement. Tell the bank if it happens often."
    else:
        what = "the bank's summary is not what the message holds"
        what_to_do = "Nothing is booked from this message; the statement that follows will tell everything."
    return Finding(
        code="summary_differs",
        severity=Severity.NOTE,
        place=statement.place,
        what=what,
        excerpt=difference,
        what_to_do=what_to_do,
    )


def _unchecked(statement: Statement) -> Finding:
    missing = " and ".join(
        name for name, there in (("opening", statement.opening), ("closing", statement.closing)) if there is None
    )
    return Finding(
        code="statement_unchecked",
        place=statement.place,
        what=f"the statement has no {missing} balance, so nothing proves that it is complete",
        what_to_do="Ask the bank to deliver opening and closing balances (OPBD or PRCD, and CLBD).",
    )
