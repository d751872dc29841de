"""The simulated world: customers with habits of their own, what they are invoiced, and when they really pay."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING, Final

from demo.names import BANKS, OWN_BANKS, firm, iban, person
from tests.simulation.days import bank_day_after, bank_day_from, is_bank_day, is_working_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ACCOUNTS: Final = (iban(OWN_BANKS[0], 47_110_815), iban(OWN_BANKS[1], 1_903_472))
AMOUNTS: Final = (1_900, 11_900, 35_700, 84_915, 249_900, 1_213_800)
RETURN_CHARGE: Final = 350
HEIRS: Final = "10900"


class Habit(StrEnum):
    """How a customer deals with invoices."""

    PUNCTUAL = "pays on time"
    LATE = "pays late, whatever we write"
    FORGETFUL = "pays a few days after some letter"
    CROSSING = "pays on the day the letter goes out"
    IN_PARTS = "pays in parts"
    NEVER = "never pays"
    WITHOUT_WORDS = "pays without naming an invoice"
    FOR_OTHERS = "somebody else pays, and names nothing"
    CASH = "pays in cash, which only the accounting tool knows"
    COLLECTED = "we collect by direct debit"
    COLLECTED_IN_VAIN = "our direct debits come back: no money"
    COLLECTED_AND_REVOKED = "takes the money of a direct debit back"
    KEEPS_WORD = "promises to pay, and pays"
    BREAKS_WORD = "promises to pay, and does not"
    KEEPS_PLAN = "pays in instalments as agreed"
    BREAKS_PLAN = "pays the first instalment only"
    DISPUTES = "complains, and pays when that is settled"
    WRITES = "writes to us, and pays when answered"
    INSOLVENT = "becomes insolvent in the middle of the year"
    DIES = "dies; the heirs are found later"
    MERGES = "is merged into another customer"
    BOUNCES = "has a mail address that does not exist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A debtor as he really is."""

    number: str
    name: str
    habit: Habit
    iban: str
    account: int  # of ours that he pays to
    track: str = "standard"
    type: str = "business"
    country: str = "DE"
    postcode: str = "80331"
    email: str = ""
    phone: str = ""

    @property
    def places(self) -> tuple[str, ...]:
        """Whose holidays may excuse him: ours, and those of where he lives."""
        return ("BY", {"80331": "BY", "50667": "NW", "1010": "AT"}[self.postcode])

    @property
    def is_collected(self) -> bool:
        """Whether we collect by direct debit."""
        return self.track == "direct_debit"


@dataclass(slots=True, kw_only=True)
class Invoice:
    """A document, and when it was paid in cash if it was."""

    number: str
    customer: Customer
    issued: date
    due: date
    minor: int
    cash_on: date | None = None
    patience: int = 1  # the notice that its owner reacts to


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One booking on one of our accounts, and what it truly settles. Negative where it came back."""

    reference: str  # of the bank
    booked_on: date
    account: int
    minor: int
    parts: tuple[tuple[str, int], ...]
    payer: str
    iban: str
    text: str
    end_to_end_id: str = ""
    returned_because: str = ""
    original_minor: int = 0


class Wish(StrEnum):
    """What a customer says to the accountant, or what she hears of him."""

    PROMISE = "promise"
    PLAN = "plan"
    DISPUTE = "dispute"
    DISPUTE_SETTLED = "dispute settled"
    MESSAGE = "message"
    ANSWER = "answer"
    INSOLVENCY = "insolvency"
    DEATH = "death"
    HEIRS = "heirs"
    MERGER = "merger"
    RETURN_CLARIFIED = "return clarified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Something that reaches the accountant on a day."""

    day: date
    wish: Wish
    customer: Customer
    document: str = ""


# Habit, how many of them, and what else is special about them.
_CAST: Final[tuple[tuple[Habit, int, Mapping[str, str]], ...]] = (
    (Habit.PUNCTUAL, 6, {}),
    (Habit.LATE, 4, {}),
    (Habit.LATE, 1, {"track": "consumer", "type": "consumer"}),
    (Habit.FORGETFUL, 3, {}),
    (Habit.FORGETFUL, 2, {"track": "consumer", "type": "consumer"}),
    (Habit.CROSSING, 2, {}),
    (Habit.IN_PARTS, 3, {}),
    (Habit.NEVER, 2, {}),
    (Habit.NEVER, 1, {"type": "unknown", "postcode": "50667"}),
    (Habit.NEVER, 1, {"track": "consumer", "type": "consumer"}),
    (Habit.NEVER, 1, {"track": "foreign", "country": "AT", "postcode": "1010"}),
    (Habit.NEVER, 1, {"track": "public_body", "postcode": "50667"}),
    (Habit.NEVER, 1, {"track": "strict"}),
    (Habit.WITHOUT_WORDS, 2, {}),
    (Habit.FOR_OTHERS, 1, {}),
    (Habit.CASH, 2, {}),
    (Habit.COLLECTED, 1, {"track": "direct_debit"}),
    (Habit.COLLECTED_IN_VAIN, 2, {"track": "direct_debit"}),
    (Habit.COLLECTED_AND_REVOKED, 1, {"track": "direct_debit"}),
    (Habit.KEEPS_WORD, 2, {}),
    (Habit.BREAKS_WORD, 2, {}),
    (Habit.KEEPS_PLAN, 1, {}),
    (Habit.BREAKS_PLAN, 1, {}),
    (Habit.DISPUTES, 2, {}),
    (Habit.WRITES, 1, {}),
    (Habit.INSOLVENT, 1, {}),
    (Habit.DIES, 1, {"track": "consumer", "type": "consumer"}),
    (Habit.MERGES, 1, {}),
    (Habit.BOUNCES, 2, {"type": "unknown"}),
)
_PHONELESS: Final = frozenset({Habit.BOUNCES, Habit.CROSSING})


def cast(luck: Random, *, everybody: bool) -> dict[str, Customer]:
    """Give who lives in this world, by debtor number: everybody, or one of each kind."""
    customers: dict[str, Customer] = {}
    for habit, count, special in _CAST:
        for _ in range(count if everybody else 1):
            serial = len(customers)
            number = str(10_001 + serial)
            private = special.get("type") == "consumer"
            name = f"{person(luck)} {serial}" if private else f"{firm(luck).split()[0]} {serial} Handel GmbH"
            bank = luck.choice(BANKS)
            customers[number] = Customer(
                number=number,
                name=name,
                habit=habit,
                iban=iban(bank, 7_000_000 + serial * 1_113),
                account=0 if special.get("track") == "direct_debit" else serial % 2,
                email=f"kasse@kunde-{number}.example" if serial % 4 or habit is Habit.BOUNCES else "",
                phone="" if habit in _PHONELESS or serial % 5 == 0 else f"+49 89 99998 {serial:03d}",
                **special,
            )
    return customers


@dataclass(slots=True)
class World:
    """Everything that is true."""

    luck: Random
    first: date
    last: date
    customers: dict[str, Customer] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)
    paid: dict[str, list[tuple[Payment, int]]] = field(default_factory=lambda: defaultdict(list))  # by document
    to_come: dict[date, list[Payment]] = field(default_factory=lambda: defaultdict(list))
    said: list[Said] = field(default_factory=list)
    heard: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # notices about a document
    _serial: int = 0

    @classmethod
    def begin(cls, seed: int, first: date, last: date, *, everybody: bool) -> World:
        """Create a world in which the last two months' invoices are already out."""
        luck = Random(seed)
        world = cls(luck, first, last, cast(luck, everybody=everybody))
        for customer in world.customers.values():
            for back in (55, 25) if everybody else (45,):
                world._invoice(customer, first - timedelta(days=back + luck.randint(0, 9)))
        world.customers[HEIRS] = _heirs()
        for habit, wish, after in (
            (Habit.INSOLVENT, Wish.INSOLVENCY, 0.45),
            (Habit.DIES, Wish.DEATH, 0.4),
            (Habit.DIES, Wish.HEIRS, 0.6),
            (Habit.MERGES, Wish.MERGER, 0.5),
        ):
            day = first + (last - first) * after
            world.said += [Said(day=day, wish=wish, customer=one) for one in world.of_habit(habit)]
        return world

    def of_habit(self, *habits: Habit) -> list[Customer]:
        """Give the customers with a habit."""
        return [one for one in self.customers.values() if one.habit in habits]

    def live(self, day: date) -> None:
        """Let a day happen: invoices go out, and the bank books what was paid."""
        if is_working_day(day):
            for customer in self.customers.values():
                if customer.number != HEIRS and self.luck.random() < 0.016 and day < self.last - timedelta(days=20):
                    self._invoice(customer, day)
        if is_bank_day(day):
            for payment in self.to_come.pop(day, []):
                self.payments.append(payment)
                for number, minor in payment.parts:
                    self.paid[number].append((payment, minor))

    def hear(self, day: date, customer: Customer, stage: str, documents: Iterable[str]) -> None:
        """Let a customer react to a notice that really reached him."""
        for number in documents:
            self.heard[number] += 1
            self._react(day, customer, self.invoices[number], stage)

    def say(self, day: date, wish: Wish, customer: Customer, document: str = "") -> None:
        """Let the accountant hear something on a day to come."""
        self.said.append(Said(day=day, wish=wish, customer=customer, document=document))

    def pay(
        self, invoice: Invoice, day: date, minor: int = 0, *, text: str = "", iban: str = "", payer: str = ""
    ) -> None:
        """Let the bank book a payment on a day, or on the next one that banks work on."""
        customer = invoice.customer
        minor = minor or invoice.minor
        self._book(
            day,
            customer,
            minor,
            ((invoice.number, minor),),
            text=text or self.luck.choice((f"Rechnung {invoice.number}", f"{invoice.number} Danke")),
            iban=iban or customer.iban,
            payer=payer or customer.name,
        )

    def truly_open(self, number: str, day: date) -> int:
        """Give what is really open on a document at the end of a day, in cents."""
        invoice = self.invoices[number]
        if invoice.cash_on is not None and invoice.cash_on <= day:
            return 0
        return invoice.minor - sum(minor for payment, minor in self.paid[number] if payment.booked_on <= day)

    def _invoice(self, customer: Customer, day: date) -> None:
        self._serial += 1
        # Odd cents tell amounts apart, as far as real ones do.
        minor = self.luck.choice(AMOUNTS) + self.luck.randint(0, 99)
        invoice = Invoice(
            number=f"RE-{day.year}-{self._serial:05d}",
            customer=customer,
            issued=day,
            due=day + timedelta(days=self.luck.choice((10, 14, 14, 30))),
            minor=minor,
            patience=self.luck.randint(1, 3),
        )
        self.invoices[invoice.number] = invoice
        self._plan_to_pay(invoice)

    def _plan_to_pay(self, invoice: Invoice) -> None:
        luck, due = self.luck, invoice.due
        match invoice.customer.habit:
            case Habit.PUNCTUAL:
                self.pay(invoice, due - timedelta(days=luck.randint(0, 4)))
                if luck.random() < 0.05:
                    self._pay_again(invoice, due + timedelta(days=luck.randint(1, 9)))
            case Habit.LATE:
                self.pay(invoice, due + timedelta(days=luck.randint(5, 60)))
            case Habit.IN_PARTS:
                first, second = invoice.minor * 2 // 5, invoice.minor // 3
                self.pay(invoice, due + timedelta(days=luck.randint(5, 15)), first)
                self.pay(invoice, due + timedelta(days=luck.randint(25, 50)), second)
                if luck.random() < 0.5:
                    self.pay(invoice, due + timedelta(days=luck.randint(60, 90)), invoice.minor - first - second)
            case Habit.WITHOUT_WORDS:
                self.pay(invoice, due + timedelta(days=luck.randint(0, 25)), text="Vielen Dank")
            case Habit.FOR_OTHERS:
                stranger = iban(BANKS[0], 9_990_000 + self._serial)
                self.pay(
                    invoice,
                    due + timedelta(days=luck.randint(0, 25)),
                    text="i.A.",
                    iban=stranger,
                    payer="Treuhand AG",
                )
            case Habit.CASH:
                invoice.cash_on = due + timedelta(days=luck.randint(0, 30))
            case Habit.COLLECTED | Habit.COLLECTED_IN_VAIN | Habit.COLLECTED_AND_REVOKED:
                self._collect(invoice)
            case Habit.INSOLVENT | Habit.DIES | Habit.MERGES if luck.random() < 0.3:
                self.pay(invoice, due + timedelta(days=luck.randint(0, 20)))

    def _react(self, day: date, customer: Customer, invoice: Invoice, stage: str) -> None:
        luck = self.luck
        later = day + timedelta(days=luck.randint(1, 6))
        match customer.habit:
            case Habit.FORGETFUL | Habit.BOUNCES if self.heard[invoice.number] == invoice.patience:
                self.pay(invoice, later)
            case Habit.CROSSING if self.heard[invoice.number] == 1:
                self.pay(invoice, day)
            case Habit.KEEPS_WORD | Habit.BREAKS_WORD if stage == "call":
                self.say(day, Wish.PROMISE, customer)
            case Habit.KEEPS_PLAN | Habit.BREAKS_PLAN if stage == "first_dunning":
                self.say(later, Wish.PLAN, customer)
            case Habit.DISPUTES if self.heard[invoice.number] == invoice.patience:
                self.say(later, Wish.DISPUTE, customer, invoice.number)
                settled = later + timedelta(days=luck.randint(10, 45))
                self.say(settled, Wish.DISPUTE_SETTLED, customer, invoice.number)
                if luck.random() < 0.5:
                    self.pay(invoice, settled + timedelta(days=luck.randint(1, 10)))
            case Habit.WRITES if self.heard[invoice.number] == 1:
                self.say(later, Wish.MESSAGE, customer)
                self.say(later + timedelta(days=luck.randint(4, 20)), Wish.ANSWER, customer)
                self.pay(invoice, later + timedelta(days=luck.randint(20, 40)))

    def _collect(self, invoice: Invoice) -> None:
        """Collect on the due day; some collections come back, at our cost."""
        customer = invoice.customer
        collected_on = bank_day_from(invoice.due)
        text, end_to_end_id = f"{invoice.number} Kd.-Nr. {customer.number}", f"LS-{invoice.number}"
        self._book(
            collected_on,
            customer,
            invoice.minor,
            ((invoice.number, invoice.minor),),
            text=text,
            end_to_end_id=end_to_end_id,
        )
        reason = {Habit.COLLECTED_IN_VAIN: "AM04", Habit.COLLECTED_AND_REVOKED: "MD06"}.get(customer.habit, "")
        if not reason or self.luck.random() < 0.3:
            return
        back_on = bank_day_after(collected_on, self.luck.randint(2, 5))
        self._book(
            back_on,
            customer,
            -invoice.minor - RETURN_CHARGE,
            ((invoice.number, -invoice.minor),),
            returned_because=reason,
            original_minor=invoice.minor,
            text=text,
            end_to_end_id=end_to_end_id,
        )
        if reason == "MD06":
            self.say(back_on + timedelta(days=20), Wish.RETURN_CLARIFIED, customer, invoice.number)

    def _pay_again(self, invoice: Invoice, day: date) -> None:
        self._book(day, invoice.customer, invoice.minor, (), text=f"Rechnung {invoice.number}")

    def _book(
        self,
        day: date,
        customer: Customer,
        minor: int,
        parts: tuple[tuple[str, int], ...],
        *,
        text: str,
        iban: str = "",
        payer: str = "",
        end_to_end_id: str = "",
        returned_because: str = "",
        original_minor: int = 0,
    ) -> None:
        day = bank_day_from(max(day, self.first))
        self._serial += 1
        self.to_come[day].append(
            Payment(
                reference=f"ZV{self._serial:08d}",
                booked_on=day,
                account=customer.account,
                minor=minor,
                parts=parts,
                payer=payer or customer.name,
                iban=iban or customer.iban,
                text=text,
                end_to_end_id=end_to_end_id,
                returned_because=returned_because,
                original_minor=original_minor,
            )
        )

    def pay_instalments(self, documents: Iterable[str], amounts: Iterable[tuple[date, int]]) -> None:
        """Pay amounts on their days: the oldest document first, several where one payment covers more than it."""
        left = {number: self.truly_open(number, self.last) for number in documents}
        for day, minor in amounts:
            parts, rest = [], minor
            for number, open_ in left.items():
                if part := min(rest, open_):
                    parts.append((number, part))
                    rest -= part
            left |= {number: left[number] - part for number, part in parts}
            customer = self.invoices[parts[0][0]].customer
            self._book(day, customer, minor, tuple(parts), text="Rate " + " ".join(name for name, _ in parts))


def _heirs() -> Customer:
    """Give those who will answer for the dead; nobody invoices them before."""
    return Customer(
        number=HEIRS,
        name="Erbengemeinschaft",
        habit=Habit.NEVER,
        iban="",
        account=0,
        track="consumer",
        type="consumer",
    )
