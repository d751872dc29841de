"""Posting lines (Buchungszeilen): what one entry's allocations become at the tax adviser."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from export.datev.characters import document_field, windows_text
from export.datev.columns import DOCUMENT_LENGTH, INFO_LENGTH, TEXT_LENGTH
from export.datev.skonto import is_booked_by_rate, skonto_by_rate, written_rate
from ledger.allocation import AllocationKind
from ledger.money import total
from ledger.open_item import ItemKind
from reconciliation.outcome import EntryState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from export.datev.accounts import ChartOfAccounts
    from ledger.allocation import Allocation
    from ledger.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingFact:
    """One booked allocation with what its entry says; the allocations of an entry share ``entry_id``.

    A reversal repeats the allocation it takes back, with the same sign, and says ``is_reversal``.
    """

    entry_id: str
    booking_date: date  # Buchungstag; of a reversal: the day it is to be booked on, usually that of the entry
    account: str  # our own IBAN
    allocation: Allocation
    item_kind: ItemKind | None = None  # of the document, None without one
    payer_name: str = ""
    payer_iban: str = ""
    remittance: str = ""
    end_to_end_id: str = ""
    state: EntryState = EntryState.AUTO
    is_reversal: bool = False


class Side(StrEnum):
    """Debit or credit (Soll oder Haben) of the line's own account."""

    DEBIT = "S"
    CREDIT = "H"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.CREDIT if self is Side.DEBIT else Side.DEBIT


class Reversal(StrEnum):
    """How a booking is taken back."""

    GENERALUMKEHR = "generalumkehr"  # the same line again, marked in column 118: DATEV books it with a minus
    COUNTER_POSTING = "counter_posting"  # Gegenbuchung: the same line with debit and credit exchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingLine:
    """One line of a batch. ``amount`` and ``skonto`` are positive; ``side`` refers to ``account``."""

    amount: Money  # Umsatz; on a payment what the bank booked, Skonto not included
    side: Side
    account: int  # Konto
    contra_account: int  # Gegenkonto
    document_date: date  # Belegdatum
    document_field: str = ""  # Belegfeld 1
    skonto: Money | None = None
    skonto_account: int | None = None  # abweichendes Skontokonto
    text: str = ""  # Buchungstext
    matter: int | None = None  # Sachverhalt
    info: tuple[tuple[str, str], ...] = ()  # Beleginfo: kind and content
    is_reversal: bool = False  # Generalumkehr


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What is known about accounts and document numbers; complete for every fact that reaches ``posting_lines``."""

    chart: ChartOfAccounts
    debtor_accounts: dict[str, int]  # by debtor number
    document_fields: dict[str, str]  # by document number
    reversal: Reversal = Reversal.GENERALUMKEHR


CLAIMS: Final = MappingProxyType({AllocationKind.FEE: 40, AllocationKind.INTEREST: 31})  # Sachverhalt
PAYMENT_MARK: Final = "ZE-"  # Zahlungseingang
_STATE_WORD: Final = MappingProxyType({EntryState.RETURNED: "Rückl."})
_KIND_WORD: Final = MappingProxyType(
    {
        AllocationKind.FEE: "Mahngebühr",
        AllocationKind.INTEREST: "Verzugszinsen",
        AllocationKind.SMALL_DIFFERENCE: "Differenz",
        AllocationKind.BANK_CHARGE: "Bankspesen",
        AllocationKind.ON_ACCOUNT: "Akonto",
    }
)


def moves_bank_without_item(allocation: Allocation) -> bool:
    """Whether a bank charge left our account, rather than being kept by a bank on the way (see ``money_moved``)."""
    return allocation.kind is AllocationKind.BANK_CHARGE and not allocation.item_id


def posting_lines(facts: Sequence[PostingFact], books: Books) -> tuple[PostingLine, ...]:
    """Give the lines of one entry (or of one reversal of it): the bank moves by exactly what its allocations moved.

    A payment of 80 for an invoice of 100 less a credit note of 20 becomes bank S 100 with the invoice's number and
    bank H 20 with the credit note's: the bank moves by 80, and both documents clear.
    """
    first = facts[0]
    bank = books.chart.bank_account(first.account)
    assert bank is not None, first
    lines = [*_payments(facts, bank, books), *(line for f in facts for line in _other_lines(f, bank, books))]
    return tuple(_taken_back(line, books.reversal) if first.is_reversal else line for line in lines)


def payments_by_document(
    facts: Sequence[PostingFact], chart: ChartOfAccounts
) -> dict[tuple[str, str], list[PostingFact]]:
    """Gather payments and the Skonto on their lines by debtor and document, in the order of the facts."""
    gathered: dict[tuple[str, str], list[PostingFact]] = {}
    for fact in facts:
        if fact.allocation.kind not in (AllocationKind.PAYMENT, AllocationKind.SKONTO):
            continue
        if not is_booked_by_rate(fact.allocation, chart):
            key = (fact.allocation.debtor_number, fact.allocation.document_number)
            gathered.setdefault(key, []).append(fact)
    return gathered


def sum_of(facts: Sequence[PostingFact], kind: AllocationKind) -> Money:
    """Add up the allocations of one kind."""
    return total(
        (f.allocation.amount for f in facts if f.allocation.kind is kind), facts[0].allocation.amount.currency
    )


def _payments(facts: Sequence[PostingFact], bank: int, books: Books) -> Iterator[PostingLine]:
    """Book payments on the bank; Skonto of which no rate is known is on the same line, where DATEV finds its tax."""
    for (debtor, _), of_document in payments_by_document(facts, books.chart).items():
        paid = sum_of(of_document, AllocationKind.PAYMENT)
        skonto = sum_of(of_document, AllocationKind.SKONTO)
        if paid:
            line = _line(of_document[0], paid, bank, books.debtor_accounts[debtor], books)
            yield replace(line, skonto=abs(skonto), skonto_account=books.chart.skonto) if skonto else line


def _other_lines(fact: PostingFact, bank: int, books: Books) -> Iterator[PostingLine]:
    """Book one allocation that does not go by document."""
    chart, allocation = books.chart, fact.allocation
    debtor = books.debtor_accounts.get(allocation.debtor_number)
    if not allocation.amount:
        return
    match allocation.kind:
        case AllocationKind.FEE | AllocationKind.INTEREST:
            yield from _claim(fact, bank, books)
        case AllocationKind.ON_ACCOUNT:
            contra = chart.unclear_receipts if debtor is None else debtor
            yield _line(fact, allocation.amount, bank, contra, books)
        case AllocationKind.BANK_CHARGE if moves_bank_without_item(allocation):
            yield _line(fact, -allocation.amount, chart.bank_charges, bank, books)
        case AllocationKind.BANK_CHARGE | AllocationKind.SMALL_DIFFERENCE:
            kept = allocation.kind is AllocationKind.BANK_CHARGE
            account = chart.bank_charges if kept else chart.small_differences
            assert debtor is not None, fact
            yield _line(fact, allocation.amount, account, debtor, books)
        case AllocationKind.SKONTO:
            yield from _skonto(fact, books)
        case AllocationKind.PAYMENT:
            return  # by document, with the Skonto of which no rate is known


def _skonto(fact: PostingFact, books: Books) -> Iterator[PostingLine]:
    """Book a Skonto rate by rate; with the money received its parts clear the document.

    A payment's line has room for one Skonto only, and DATEV would split it by an invoice it may not have yet.
    """
    for rate, account, gross in skonto_by_rate(fact.allocation, books.chart):
        debtor = books.debtor_accounts[fact.allocation.debtor_number]
        line = _line(fact, gross, account, debtor, books)
        yield replace(line, text=_posting_text(fact, f"Skonto {written_rate(rate)}"))


def _claim(fact: PostingFact, bank: int, books: Books) -> Iterator[PostingLine]:
    """Book a fee or interest twice: as a claim on the debtor, and as its payment.

    The adviser knows nothing of our dunning letters, so the claim comes with the money. It is damages and carries no
    VAT (UStAE 1.3); what it leaves on the debtor's account is zero.
    """
    kind = fact.allocation.kind
    income = books.chart.dunning_fees if kind is AllocationKind.FEE else books.chart.interest
    debtor = books.debtor_accounts[fact.allocation.debtor_number]
    yield replace(_line(fact, fact.allocation.amount, debtor, income, books), matter=CLAIMS[kind])
    yield _line(fact, fact.allocation.amount, bank, debtor, books)


def _line(fact: PostingFact, amount: Money, account: int, contra_account: int, books: Books) -> PostingLine:
    """Give the line that moves ``account`` by a signed amount: positive is debit."""
    return PostingLine(
        amount=abs(amount),
        side=Side.DEBIT if amount.minor > 0 else Side.CREDIT,
        account=account,
        contra_account=contra_account,
        document_date=fact.booking_date,
        document_field=_document_field(fact, books),
        text=_posting_text(fact),
        info=_info(fact),
    )


def _document_field(fact: PostingFact, books: Books) -> str:
    """Give Belegfeld 1: the document, or else the payment itself, marked so that it never looks like an invoice."""
    if fact.allocation.document_number:
        return books.document_fields[fact.allocation.document_number]
    reference = document_field(fact.end_to_end_id)
    return f"{PAYMENT_MARK}{reference}"[:DOCUMENT_LENGTH] if reference and fact.allocation.debtor_number else ""


def _taken_back(line: PostingLine, reversal: Reversal) -> PostingLine:
    if reversal is Reversal.COUNTER_POSTING:
        return replace(line, side=line.side.other)
    return replace(line, is_reversal=True)


def _posting_text(fact: PostingFact, what: str = "") -> str:
    """Say what it is in 60 characters; a long payer name gives way to the document number."""
    words = [
        "Storno" if fact.is_reversal else "",
        _STATE_WORD.get(fact.state, ""),
        what or _KIND_WORD.get(fact.allocation.kind, ""),
        "Gutschrift" if fact.item_kind is ItemKind.CREDIT_NOTE else "",
        fact.allocation.document_number,
    ]
    tail = windows_text(" ".join(word for word in words if word), TEXT_LENGTH)
    payer = windows_text(fact.payer_name, max(0, TEXT_LENGTH - len(tail) - 1))
    return f"{payer} {tail}".strip()


def _info(fact: PostingFact) -> tuple[tuple[str, str], ...]:
    told = (
        ("EREF", fact.end_to_end_id),
        ("Auftraggeber", fact.payer_name),
        ("IBAN", fact.payer_iban),
        ("Verwendungszweck", fact.remittance),
    )
    shown = ((kind, windows_text(content, INFO_LENGTH)) for kind, content in told)
    return tuple((kind, content) for kind, content in shown if content)
