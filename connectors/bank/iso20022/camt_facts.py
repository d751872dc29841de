"""What we want to know of a booking and of a payment inside it, and the words (camt_vocabulary) that may say it."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from connectors.bank.iso20022.camt_record import Reader, Record, Shape
from connectors.bank.iso20022.camt_vocabulary import PAYMENT, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


class Charge(NamedTuple):
    """One amount a bank charged, as written."""

    amount: str
    currency: str
    direction: str
    included: str


class BatchFacts(NamedTuple):
    """What stands around the payments of a booking (NtryDtls): which batch they are, and how many they should be."""

    reference: str
    number_of_payments: str
    lists_payments: bool


class BookingFacts(NamedTuple):
    """What a booking (Ntry) says, as written."""

    amount: str = ""
    amount_currency: str = ""
    direction: str = ""
    reversal: str = ""
    status: str = ""
    booking_date: str = ""
    value_date: str = ""
    bank_reference: str = ""
    domain: str = ""
    family: str = ""
    sub_family: str = ""
    proprietary: str = ""
    issuer: str = ""
    instructed_amount: str = ""
    instructed_amount_currency: str = ""
    exchange_rate: str = ""
    message_id: str = ""
    additional_information: tuple[str, ...] = ()
    charges: tuple[Charge, ...] = ()
    batches: tuple[BatchFacts, ...] = ()


class PaymentFacts(NamedTuple):
    """What a payment (TxDtls) says, as written."""

    amount: str = ""
    amount_currency: str = ""
    transaction_amount: str = ""
    transaction_amount_currency: str = ""
    counter_value: str = ""
    counter_value_currency: str = ""
    announced_amount: str = ""
    announced_amount_currency: str = ""
    instructed_amount: str = ""
    instructed_amount_currency: str = ""
    direction: str = ""
    exchange_rate: str = ""
    end_to_end_id: str = ""
    mandate_id: str = ""
    uetr: str = ""
    transaction_id: str = ""
    instruction_id: str = ""
    bank_reference: str = ""
    batch_id: str = ""
    domain: str = ""
    family: str = ""
    sub_family: str = ""
    proprietary: str = ""
    issuer: str = ""
    debtor_name: str = ""
    debtor_account: str = ""
    debtor_bic: str = ""
    ultimate_debtor: str = ""
    creditor_name: str = ""
    creditor_account: str = ""
    creditor_bic: str = ""
    ultimate_creditor: str = ""
    creditor_ids: tuple[str, ...] = ()
    purpose: str = ""
    unstructured: tuple[str, ...] = ()
    additional_remittance: tuple[str, ...] = ()
    creditor_references: tuple[str, ...] = ()
    document_numbers: tuple[str, ...] = ()
    additional_information: tuple[str, ...] = ()
    returned: str = ""  # whatever a return says first; empty where nothing came back
    return_code: str = ""
    return_proprietary: str = ""
    return_information: tuple[str, ...] = ()
    charges: tuple[Charge, ...] = ()
    details: int = 0  # under which of those NtryDtls that list payments at all


NO_PAYMENT: Final = PaymentFacts()


def booking_facts(xml: str) -> tuple[BookingFacts, PaymentFacts]:
    """Read the facts of a booking, and those of the payment in it if it is the only one."""
    (plan, payment_plan), texts = _BOOKINGS.read(xml)
    facts = BookingFacts._make(plan.filled(texts))
    if plan.has_groups:
        record = Record(plan.shape, texts)
        facts = facts._replace(charges=tuple(_charges(record)), batches=tuple(_batches(record)))
    return facts, _payment_facts(payment_plan, texts)


def payment_facts(xml: str) -> PaymentFacts:
    """Read the facts of one payment among others."""
    plan, texts = _PAYMENTS.read(xml)
    return _payment_facts(plan, texts)


def _payment_facts(plan: _Plan, texts: Sequence[str]) -> PaymentFacts:
    facts = PaymentFacts._make(plan.filled(texts))
    if plan.has_groups:
        return facts._replace(charges=tuple(_charges(Record(plan.shape, texts))))
    return facts


class _Plan(NamedTuple):
    """Where the facts stand in one shape.

    What is one text is picked and stripped, what is not said is constant, the few lists and choices follow, and all
    is put in order: steps that hardly leave C, because they run for every booking and payment.
    """

    pick: Callable[[Sequence[str]], tuple[str, ...]]
    constants: tuple[object, ...]  # currencies, and what is not said at all
    lists: list[tuple[int, ...]]
    choices: list[tuple[int, ...]]  # of several places the first that is not empty
    arrange: Callable[[Sequence[object]], tuple[object, ...]]
    has_groups: bool  # charges, or batches that say something
    shape: Shape

    def filled(self, texts: Sequence[str]) -> tuple[object, ...]:
        """Give the facts in their order."""
        facts = [*map(str.strip, self.pick(texts)), *self.constants]
        facts += [tuple([texts[place] for place in places]) for places in self.lists]
        facts += [next(filter(None, [texts[place].strip() for place in places]), "") for places in self.choices]
        return self.arrange(facts)


def _plan(shape: Shape, empty: Sequence[object], words_of: Sequence[tuple[str, ...]]) -> _Plan:
    constants = list(empty)
    picked: dict[int, int] = {}
    lists: dict[int, tuple[int, ...]] = {}
    choices: dict[int, tuple[int, ...]] = {}
    for fact, wanted in enumerate(words_of):
        places = shape.places_of(*wanted)
        if places and constants[fact] == ():
            lists[fact] = places
        elif len(places) > 1:
            choices[fact] = places
        elif places:
            picked[fact] = places[0]
        elif currencies := [one for word in wanted for one in shape.currencies.get(word, ())]:
            constants[fact] = currencies[0]
    # Two more in front, because one place alone would be picked as a text and none not at all.
    sources = (None, None, *picked, *(None for _ in constants), *lists, *choices)
    where = {fact: source for source, fact in enumerate(sources) if fact is not None}
    order = [where.get(fact, 2 + len(picked) + fact) for fact in range(len(constants))]
    return _Plan(
        itemgetter(0, 0, *picked.values()),
        tuple(constants),
        [*lists.values()],
        [*choices.values()],
        itemgetter(*order),
        "charges" in shape.groups,
        shape,
    )


def _booking_plans(shape: Shape) -> tuple[_Plan, _Plan]:
    details = (shape, *shape.groups.get("entry_details", ()))
    payments = [payment for around in details for payment in around.groups.get("transaction_details", ())]
    payment_plan = _payment_plan(payments[0] if len(payments) == 1 else Shape())
    if any(around.places_of(*_BATCH_REFERENCE, _BATCH_NUMBER) for around in details):
        return _plan(shape, BookingFacts(), _BOOKING_WORDS)._replace(has_groups=True), payment_plan
    # Around most payments there is no batch, and then every booking of this shape says the same.
    batches = tuple(_batches(Record(shape, ())))
    return _plan(shape, BookingFacts(batches=batches), _BOOKING_WORDS), payment_plan


def _payment_plan(shape: Shape) -> _Plan:
    return _plan(shape, NO_PAYMENT, _PAYMENT_WORDS)


_BOOKINGS: Final = Reader("Ntry", _booking_plans)
_PAYMENTS: Final = Reader("TxDtls", _payment_plan)


def _charges(record: Record) -> Iterator[Charge]:
    """Give each charge: in Chrgs in version 02, in Chrgs/Rcrd from 04 on, else the total."""
    for charges in record.group("charges"):
        for charge in charges.group("record") or [charges]:
            amount = charge.amount("amount")
            yield Charge(
                *(amount if amount[0] else charge.amount("total")),
                charge.text("credit_debit_indicator"),
                charge.text("included_indicator"),
            )


_BATCH_REFERENCE: Final = ("batch.payment_information_id", "batch.message_id")
_BATCH_NUMBER: Final = "batch.number_of_transactions"


def _batches(record: Record) -> Iterator[BatchFacts]:
    """Give what stands around the payments, in the order of the file; version 01 has no element around them."""
    for around in (record, *record.group("entry_details")):
        lists_payments = "transaction_details" in around.shape.groups
        if around is not record or lists_payments:
            yield BatchFacts(around.text(*_BATCH_REFERENCE), around.text(_BATCH_NUMBER), lists_payments)


def _in_order(facts: type[NamedTuple], words_of: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    assert words_of.keys() <= set(facts._fields), words_of
    return tuple(words_of.get(name, ()) for name in facts._fields)


_CODES: Final = {
    "domain": ("bank_transaction_code.domain.code",),
    "family": ("bank_transaction_code.domain.family.code",),
    "sub_family": ("bank_transaction_code.domain.family.sub_family_code",),
    "proprietary": ("bank_transaction_code.proprietary.code",),
    "issuer": ("bank_transaction_code.proprietary.issuer",),
}

# The rate of what was exchanged into the account's currency comes before the rate of what was ordered.
_EXCHANGE_RATE: Final = tuple(
    f"amount_details.{amount}.currency_exchange.exchange_rate"
    for amount in (
        "transaction_amount",
        "counter_value_amount",
        "instructed_amount",
        "announced_posting_amount",
        "proprietary_amount",
    )
)


def _names(word: str) -> tuple[str, ...]:
    return (f"{word}.name", f"{word}.party.name", f"{word}.agent.financial_institution.name")


def _side(side: str) -> dict[str, tuple[str, ...]]:
    """Say where a side's facts may stand: the party itself, Pty or Agt from version 08 on; BIC or BICFI."""
    party, account = f"related_parties.{side}", f"related_parties.{side}_account"
    agents = (f"related_agents.{side}_agent.financial_institution", f"{party}.agent.financial_institution")
    organisations = (f"{party}.id.organisation", f"{party}.party.id.organisation")
    return {
        f"{side}_name": (*_names(party), f"{account}.name"),
        f"{side}_account": (
            f"{account}.id.iban",
            f"{account}.id.other.id",
            f"{account}.id.bban",
            f"{account}.id.upic",
            f"{account}.id.proprietary.id",
            f"{account}.proxy.id",
        ),
        f"{side}_bic": (
            *(f"{agent}.{bic}" for agent in agents for bic in ("bicfi", "bic")),
            *(f"{organisation}.{bic}" for organisation in organisations for bic in ("any_bic", "bic_or_bei")),
        ),
        f"ultimate_{side}": _names(f"related_parties.ultimate_{side}"),
    }


_STRUCTURED: Final = "remittance_information.structured"

_BOOKING_WORDS: Final = _in_order(
    BookingFacts,
    {
        "amount": ("amount",),
        "amount_currency": ("amount.currency",),
        "direction": ("credit_debit_indicator",),
        "reversal": ("reversal_indicator",),
        "status": ("status.code", "status", "status.proprietary"),
        "booking_date": ("booking_date.date", "booking_date.date_time"),
        "value_date": ("value_date.date", "value_date.date_time"),
        "bank_reference": ("account_servicer_reference",),
        **_CODES,
        "instructed_amount": ("amount_details.instructed_amount.amount",),
        "instructed_amount_currency": ("amount_details.instructed_amount.amount.currency",),
        "exchange_rate": _EXCHANGE_RATE,
        "message_id": ("additional_information_indicator.message_id",),
        "additional_information": ("additional_information",),
    },
)

_PAYMENT_WORDS: Final = _in_order(
    PaymentFacts,
    {
        "amount": ("amount",),
        "amount_currency": ("amount.currency",),
        "transaction_amount": ("amount_details.transaction_amount.amount",),
        "transaction_amount_currency": ("amount_details.transaction_amount.amount.currency",),
        "counter_value": ("amount_details.counter_value_amount.amount",),
        "counter_value_currency": ("amount_details.counter_value_amount.amount.currency",),
        "announced_amount": ("amount_details.announced_posting_amount.amount",),
        "announced_amount_currency": ("amount_details.announced_posting_amount.amount.currency",),
        "instructed_amount": ("amount_details.instructed_amount.amount",),
        "instructed_amount_currency": ("amount_details.instructed_amount.amount.currency",),
        "direction": ("credit_debit_indicator",),
        "exchange_rate": _EXCHANGE_RATE,
        "end_to_end_id": ("refs.end_to_end_id",),
        "mandate_id": ("refs.mandate_id",),
        "uetr": ("refs.uetr",),
        "transaction_id": ("refs.transaction_id",),
        "instruction_id": ("refs.instruction_id",),
        "bank_reference": ("refs.account_servicer_reference",),
        "batch_id": ("refs.payment_information_id",),
        **_CODES,
        **_side("debtor"),
        **_side("creditor"),
        "creditor_ids": tuple(
            f"related_parties.creditor.{inner}id.{kind}.other.id"
            for inner in ("", "party.")
            for kind in ("private", "organisation")
        ),
        "purpose": ("purpose.code", "purpose.proprietary"),
        "unstructured": ("remittance_information.unstructured",),
        "additional_remittance": (f"{_STRUCTURED}.additional_information",),
        "creditor_references": (
            f"{_STRUCTURED}.creditor_reference.reference",
            f"{_STRUCTURED}.creditor_reference.old_reference",
        ),
        "document_numbers": (
            f"{_STRUCTURED}.referred_document.number",
            f"{_STRUCTURED}.referred_document.old_number",
        ),
        "additional_information": ("additional_information",),
        "returned": tuple(word for word in words(PAYMENT) if word.startswith("return_information.")),
        "return_code": ("return_information.reason.code",),
        "return_proprietary": ("return_information.reason.proprietary",),
        "return_information": ("return_information.additional_information",),
    },
)
