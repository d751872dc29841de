"""The diary of an invented company: what is open on every day, and the payments that are written into it."""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from benchmarks.matching.bank import Delivered, by_camt, by_mt940
from benchmarks.matching.customers import Payer, iban, namesakes
from benchmarks.matching.names import core, variant
from benchmarks.matching.truth import Truth
from benchmarks.matching.wording import Quoted, foreign_number
from connectors.bank.creditor_reference import creditor_references
from ledger.allocation import Allocation, AllocationKind
from ledger.money import Money
from ledger.statement import EntryKind, StatementEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from random import Random

    from benchmarks.matching.customers import Customer
    from benchmarks.matching.number_formats import DocumentNumber
    from benchmarks.matching.profiles import Profile
    from ledger.open_item import OpenItem

SERVICE: Final = "payment_service"
_SATURDAY: Final = 5
_SERVICES: Final = (
    ("PayPal Europe S.a.r.l. et Cie S.C.A", "PP.{}.PP/. {}, Ihr Einkauf"),
    ("Klarna Bank AB", "KLARNA {} {}"),
    ("Wise Europe SA", "Sent from {1} via Wise {0}"),
    ("Stripe Technology Europe Ltd", "STRIPE {} {}"),
)


class Clear(Enum):
    """What must be known so that a payment can be booked without asking."""

    BY_ITSELF = auto()  # the text and the amount say everything
    WITH_PAYER = auto()  # and it must be seen who pays
    NEVER = auto()  # somebody has to ask, or to decide


@dataclass(slots=True, kw_only=True)
class Payment:
    """A payment as it is wished, before a bank has touched it."""

    payment_class: str
    day: date
    minor: int
    text: str
    bookings: Sequence[Allocation] = ()
    clear: Clear = Clear.NEVER
    customer: Customer | None = None
    payer: Payer | None = None  # instead of the one who usually pays for the customer
    modifiers: list[str] = field(default_factory=list)
    kind: EntryKind = EntryKind.TRANSFER
    reference: str = ""
    end_to_end_id: str = ""
    mandate_id: str = ""
    charges_minor: int = 0
    original_minor: int = 0
    return_reason: str = ""
    text_is_final: bool = False  # nobody adds other numbers, and no service comes between


class Diary:
    """Everything that changes while a company is invented. Days only go forward."""

    def __init__(self, rng: Random, profile: Profile, customers: list[Customer], last_day: date) -> None:
        self.rng = rng
        self.profile = profile
        self.customers = customers
        self.last_day = last_day
        self.own_accounts = tuple(iban(rng, profile.country) for _ in range(3))  # two receive, one saves
        self.dunning_fees = rng.choice(((500, 1_000), (250, 500), (400, 800), (500, 500), (1_000, 2_000)))
        self.accepts_late_skonto = rng.random() < 0.5
        self.numbers: dict[str, DocumentNumber] = {}
        self.written: list[OpenItem] = []  # so far, oldest first
        self.left: dict[str, int] = {}
        self.settled: defaultdict[str, list[OpenItem]] = defaultdict(list)  # debtor -> invoices paid, oldest first
        self.promised: set[str] = set()  # items that are paid by instalments; no other payment takes them
        self.entries: list[StatementEntry] = []
        self.truth: dict[str, Truth] = {}
        self._open_of: defaultdict[str, dict[str, OpenItem]] = defaultdict(dict)
        self._paid_from: defaultdict[str, set[str]] = defaultdict(set)  # account -> debtors it was seen paying for
        self._namesakes = namesakes(customers)
        self._wished: list[tuple[date, int, Callable[[date], None]]] = []
        self._wishes = 0
        for customer in customers:
            for account in customer.accounts:
                self._paid_from[account].add(customer.number)

    # ---- days -----------------------------------------------------------------------------------------------------

    def wish(self, day: date, what: Callable[[date], None]) -> None:
        """Plan something for a day, or for the next bank day; what lies behind the last day never happens."""
        day = bank_day(day)
        if day <= self.last_day:
            self._wishes += 1
            heapq.heappush(self._wished, (day, self._wishes, what))

    def live(self, documents: Iterable[OpenItem]) -> None:
        """Let the days pass: documents are written in the order given, and what was wished happens in between."""
        for item in documents:
            self._happen(before=item.document_date)
            self.written.append(item)
            self.left[item.item_id] = item.amount.minor
            self._open_of[item.debtor_number][item.item_id] = item
        self._happen(before=self.last_day + timedelta(days=1))

    def _happen(self, before: date) -> None:
        while self._wished and self._wished[0][0] < before:
            day, _, what = heapq.heappop(self._wished)
            what(day)

    # ---- what is open ---------------------------------------------------------------------------------------------

    def open_invoices(self, debtor_number: str) -> list[OpenItem]:
        """Give a debtor's open invoices that are not promised otherwise, oldest first."""
        return [
            item
            for item in self._open_of[debtor_number].values()
            if item.is_invoice and item.item_id not in self.promised
        ]

    def open_credit_notes(self, debtor_number: str) -> list[OpenItem]:
        """Give a debtor's open credit notes."""
        return [item for item in self._open_of[debtor_number].values() if not item.is_invoice]

    def everything_open(self, debtor_number: str) -> list[OpenItem]:
        """Give every invoice that is open on a debtor's account, as the accountant sees it."""
        return [item for item in self._open_of[debtor_number].values() if item.is_invoice]

    def quoted(self, item: OpenItem) -> Quoted:
        """Give what the payer sees on the invoice."""
        return Quoted(
            self.numbers[item.item_id], item.document_date, item.debtor_number, item.order_number, item.amount.minor
        )

    def money(self, minor: int) -> Money:
        """Give an amount in the company's currency."""
        return Money(minor, self.profile.currency)

    # ---- bookings -------------------------------------------------------------------------------------------------

    def settle(
        self, item: OpenItem, paid: int, waived: int = 0, waived_as: AllocationKind = AllocationKind.SKONTO
    ) -> list[Allocation]:
        """Reduce what is open on an invoice or use up a credit note; both amounts are positive for both.

        A negative ``waived`` is a few cents paid too much and kept.
        """
        left = self.left[item.item_id] - paid - waived
        assert left >= 0, (item, paid, waived)
        self.left[item.item_id] = left
        if left == 0:
            del self._open_of[item.debtor_number][item.item_id]
            self.promised.discard(item.item_id)
            if item.is_invoice:
                self.settled[item.debtor_number].append(item)
        sign = 1 if item.is_invoice else -1
        lines = [(AllocationKind.PAYMENT, paid), (waived_as, waived)]
        return [self._line(kind, sign * minor, item) for kind, minor in lines if minor]

    def reopen(self, item: OpenItem, minor: int) -> list[Allocation]:
        """Give an invoice back what a returned debit takes away again."""
        self.left[item.item_id] += minor
        assert self.left[item.item_id] <= item.amount.minor, item
        self._open_of[item.debtor_number][item.item_id] = item
        self.settled[item.debtor_number] = [one for one in self.settled[item.debtor_number] if one is not item]
        return [self._line(AllocationKind.PAYMENT, -minor, item)]

    def apart(self, kind: AllocationKind, minor: int, debtor_number: str) -> Allocation:
        """Book an amount that belongs to no document: on account, a fee, a charge."""
        return Allocation(kind=kind, amount=self.money(minor), debtor_number=debtor_number)

    def _line(self, kind: AllocationKind, minor: int, item: OpenItem) -> Allocation:
        return Allocation(
            kind=kind,
            amount=self.money(minor),
            item_id=item.item_id,
            document_number=item.document_number,
            debtor_number=item.debtor_number,
        )

    # ---- writing down ---------------------------------------------------------------------------------------------

    def write(self, payment: Payment) -> None:
        """Send a payment through a bank and write down the entry and its truth."""
        payer, shown = self._payer(payment)
        text = payment.text
        if not payment.text_is_final:
            payer, shown, text = self._through_service(payment, payer, shown)
            text = self._with_foreign_number(payment, text)
        account = 0 if self.rng.random() < self.profile.mt940 else 1
        delivered = (by_mt940, by_camt)[account](self.rng, shown, text)
        remittance, glued, references = self._with_reference(payment, delivered, structured=account == 1)
        entry = StatementEntry(
            account=self.own_accounts[account],
            booking_date=payment.day,
            value_date=payment.day + timedelta(days=self.rng.random() < 0.1),
            amount=self.money(payment.minor),
            kind=EntryKind.INSTANT if self._is_instant(payment) else payment.kind,
            payer_name=delivered.name,
            payer_iban=payer.iban,
            ultimate_name=self._ultimate(payment, payer),
            remittance=remittance,
            remittance_glued=glued,
            references=references,
            end_to_end_id=payment.end_to_end_id,
            mandate_id=payment.mandate_id,
            original_amount=self.money(payment.original_minor) if payment.original_minor else None,
            charges=self.money(payment.charges_minor) if payment.charges_minor else None,
            return_reason=payment.return_reason,
            entry_id=f"E{len(self.entries):07d}",
        )
        self.entries.append(entry)
        self.truth[entry.entry_id] = Truth(
            payment_class=payment.payment_class,
            modifiers=tuple(dict.fromkeys((*payment.modifiers, *delivered.modifiers))),
            bookings=tuple(payment.bookings),
            bookable=self._bookable(
                payment, payer, f"{shown} {entry.ultimate_name} {text if payer.role == SERVICE else ''}"
            ),
        )
        if payment.minor > 0:
            self._paid_from[payer.iban].update(a.debtor_number for a in payment.bookings)

    def _payer(self, payment: Payment) -> tuple[Payer, str]:
        """Say who pays, and under which name; now and then the customer has a new account from now on."""
        if payment.payer is not None:
            return payment.payer, payment.payer.name
        customer = payment.customer
        assert customer is not None, payment
        if customer.payer.role:
            payment.modifiers.append(customer.payer.role)
            return customer.payer, customer.payer.name
        if self.rng.random() < self.profile.new_account:
            customer.payer = Payer(customer.own_name, iban(self.rng, self.profile.country))
            payment.modifiers.append("new_account")
        if customer.spelling >= self.profile.name_variant:
            return customer.payer, customer.own_name
        if not customer.bank_spelling:
            customer.bank_spelling = variant(self.rng, customer.own_name, is_person=customer.is_person)
        payment.modifiers.append("name_variant")
        return customer.payer, customer.bank_spelling

    def _through_service(self, payment: Payment, payer: Payer, shown: str) -> tuple[Payer, str, str]:
        """Let a payment service stand between the payer and us, with its own words around the payer's."""
        if payment.payer is not None or self.rng.random() >= self.profile.service:
            return payer, shown, payment.text
        payment.modifiers.append(SERVICE)
        name, words = self.rng.choice(_SERVICES)
        service = Payer(name, f"LU{len(name):02d}0019400644750{len(name):03d}", SERVICE)
        words = words.format(self.rng.randrange(10**5, 10**7), shown if self.rng.random() < 0.5 else "")
        return service, name, f"{words} {payment.text}"

    def _with_foreign_number(self, payment: Payment, text: str) -> str:
        if self.rng.random() >= self.profile.foreign_number:
            return text
        payment.modifiers.append("foreign_number")
        other = foreign_number(self.rng, payment.day)
        return f"{other} {text}" if self.rng.random() < 0.4 else f"{text} {other}"

    def _with_reference(
        self, payment: Payment, delivered: Delivered, *, structured: bool
    ) -> tuple[str, str, tuple[str, ...]]:
        """Carry a structured reference in its own field where the format has one; else it is found in the text."""
        if payment.reference and structured:
            said = delivered.remittance or payment.reference
            return said, delivered.glued or payment.reference, (payment.reference,)
        if payment.reference:
            return delivered.remittance, delivered.glued, creditor_references(delivered.remittance, delivered.glued)
        return delivered.remittance, delivered.glued, ()

    def _is_instant(self, payment: Payment) -> bool:
        return payment.kind is EntryKind.TRANSFER and payment.minor > 0 and self.rng.random() < 0.1

    def _ultimate(self, payment: Payment, payer: Payer) -> str:
        customer = payment.customer
        return customer.own_name if customer and payer.names_debtor and payment.minor > 0 else ""

    def _bookable(self, payment: Payment, payer: Payer, names: str) -> bool:
        if payment.clear is not Clear.WITH_PAYER:
            return payment.clear is Clear.BY_ITSELF
        customer = payment.customer
        assert customer is not None, payment
        if payer.role != SERVICE and self._paid_from[payer.iban] == {customer.number}:
            return True
        own = core(customer.own_name)
        return own <= core(names) and self._namesakes[own] == 1


def bank_day(day: date) -> date:
    """Give the day itself, or the Monday after it; banks do not book on Saturdays and Sundays."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= _SATURDAY else day
