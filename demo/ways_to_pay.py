"""The ways customers pay (Zahlungsweisen): each takes an item from the diary and writes down one payment for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from demo.diary import Diary, OtherParty, allocation, on_account, party_of
from demo.movement import PaymentClass
from demo.names import BANKS, FIRST_NAMES, iban
from demo.wording import (
    one_digit_off,
    quoting,
    quoting_several,
    shortened,
    straddling,
    without_number,
    without_separators,
    zeros_lost,
)
from ledger.allocation import Allocation, AllocationKind
from ledger.debtor import DebtorType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

    from demo.books import Customer
    from ledger.open_item import OpenItem

    # Writes down one payment for an item, wished on a day; False where the item does not allow this way.
    Way = Callable[[Diary, Customer, OpenItem, date], bool]

RETURN_SHARE: Final = 0.12
DUPLICATE_SHARE: Final = 0.03
RETURN_CHARGES: Final = (300, 350, 486, 763)  # what banks ask for a returned debit, in Cent


def pay(diary: Diary, customer: Customer, item: OpenItem, day: date) -> None:
    """Let the customer pay an item in one of the ways open to it."""
    if item.payment_reference and diary.rng.random() < 0.8:
        _by_reference(diary, customer, item, day)
        return
    ways = list(_WAYS)
    (way,) = diary.rng.choices(ways, [share for share, _ in _WAYS.values()])
    if not _WAYS[way][1](diary, customer, item, day):
        _exactly(diary, customer, item, day)


def collect(diary: Diary, customer: Customer, item: OpenItem, day: date) -> None:
    """Collect an item by direct debit on its due date; some collections come back within days."""
    rng = diary.rng
    party = OtherParty(name=customer.debtor.name, iban=customer.iban, bic=customer.bank.bic)
    remittance = f"{item.document_number} Kd.-Nr. {item.debtor_number}"
    diary.take([item])
    diary.write(
        PaymentClass.DIRECT_DEBIT,
        day,
        item.amount.minor,
        "171",
        account=customer.own_account,
        party=party,
        remittance=remittance,
        allocations=[allocation(item, item.amount.minor)],
        end_to_end_id=item.end_to_end_id,
        mandate_id=customer.mandate_id,
    )
    back_on = diary.later(day, rng.randint(2, 5))
    if rng.random() >= RETURN_SHARE or back_on is None:
        return
    charge = rng.choice(RETURN_CHARGES)
    diary.write(
        PaymentClass.RETURNED_DEBIT,
        back_on,
        -item.amount.minor - charge,
        "109",
        account=customer.own_account,
        party=party,
        remittance=remittance,
        allocations=[allocation(item, -item.amount.minor), _our_charge(customer, -charge)],
        end_to_end_id=item.end_to_end_id,
        mandate_id=customer.mandate_id,
        returned=("MS03", item.amount.minor, charge),
    )


def net_credit_note(diary: Diary, customer: Customer, credit_note: OpenItem, item: OpenItem, day: date) -> None:
    """Pay an invoice less a credit note."""
    rest = item.amount.minor - credit_note.amount.minor
    less = diary.rng.choice(("abzgl.", "minus", "abz. Gutschrift"))
    text = f"{item.document_number} {less} {credit_note.document_number}"
    settled = [allocation(item, item.amount.minor), allocation(credit_note, -credit_note.amount.minor)]
    _transfer(
        diary,
        customer,
        PaymentClass.CREDIT_NOTE_NETTED,
        day,
        rest,
        text,
        items=[item, credit_note],
        allocations=settled,
    )


def _exactly(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    text = quoting(diary.rng, item, item.document_number)
    _pay_whole(diary, customer, item, day, PaymentClass.EXACT, text)
    if diary.rng.random() < DUPLICATE_SHARE and (again := diary.later(day, diary.rng.randint(1, 8))):
        amount = item.amount.minor
        credit = [on_account(item.debtor_number, amount)]
        _transfer(diary, customer, PaymentClass.DUPLICATE, again, amount, text, items=[], allocations=credit)
    return True


def _by_reference(diary: Diary, customer: Customer, item: OpenItem, day: date) -> None:
    # CAMT has a field of its own for the reference; MT940 has only the text.
    structured = customer.own_account == 0
    _transfer(
        diary,
        customer,
        PaymentClass.STRUCTURED_REFERENCE,
        day,
        item.amount.minor,
        "" if structured else item.payment_reference,
        items=[item],
        references=(item.payment_reference,) if structured else (),
        gvc="167",
    )


def _mangled(payment_class: PaymentClass, mangle: Callable[[Random, str], str]) -> Way:
    def way(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
        text = quoting(diary.rng, item, mangle(diary.rng, item.document_number))
        _pay_whole(diary, customer, item, day, payment_class, text)
        return True

    return way


def _in_lower_case(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    text = quoting(diary.rng, item, item.document_number).lower()
    _pay_whole(diary, customer, item, day, PaymentClass.LOWER_CASE, text)
    return True


def _broken(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    cut = 35 if customer.own_account == 0 else 22
    text = straddling(diary.rng, item, cut)
    cut_after = cut if customer.own_account == 0 else 0  # MT940 cuts everything, CAMT only what came cut
    _transfer(diary, customer, PaymentClass.BROKEN, day, item.amount.minor, text, items=[item], cut_after=cut_after)
    return True


def _several(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    return _together(diary, customer, item, day, PaymentClass.SEVERAL_INVOICES, quoting_several)


def _short_forms(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    return _together(diary, customer, item, day, PaymentClass.SHORT_FORMS, shortened)


def _together(
    diary: Diary,
    customer: Customer,
    item: OpenItem,
    day: date,
    payment_class: PaymentClass,
    wording: Callable[[Random, Sequence[str]], str],
) -> bool:
    others = [i for i in diary.pending[item.debtor_number].values() if i is not item and i.document_date < day]
    if not others:
        return False
    chosen = [item, *diary.rng.sample(others, min(len(others), diary.rng.choice((1, 1, 2, 2, 3, 4))))]
    chosen.sort(key=lambda i: i.document_number)
    amount = sum(i.amount.minor for i in chosen)
    text = wording(diary.rng, [i.document_number for i in chosen])
    _transfer(diary, customer, payment_class, day, amount, text, items=chosen)
    return True


def _skonto_in_time(diary: Diary, customer: Customer, item: OpenItem, _day: date) -> bool:
    if item.skonto_until is None:
        return False
    day = diary.day(item.document_date + timedelta(days=diary.rng.randint(3, 8)))
    if not item.document_date < day <= item.skonto_until:
        return False
    _with_skonto(diary, customer, item, day, PaymentClass.SKONTO_IN_TIME)
    return True


def _skonto_late(diary: Diary, customer: Customer, item: OpenItem, _day: date) -> bool:
    if item.skonto_until is None:
        return False
    day = diary.day(item.skonto_until + timedelta(days=diary.rng.randint(7, 18)))
    if day <= item.skonto_until + timedelta(days=6):
        return False
    _with_skonto(diary, customer, item, day, PaymentClass.SKONTO_LATE)
    return True


def _with_skonto(diary: Diary, customer: Customer, item: OpenItem, day: date, payment_class: PaymentClass) -> None:
    skonto = item.skonto().minor
    paid = item.amount.minor - skonto
    settled = [allocation(item, paid)]
    if payment_class is PaymentClass.SKONTO_IN_TIME:
        settled.append(allocation(item, skonto, AllocationKind.SKONTO))
    mention = diary.rng.choice(("", f" abzgl. {item.skonto_percent}% Skonto", " abz. Skonto"))
    text = quoting(diary.rng, item, item.document_number) + mention
    _transfer(diary, customer, payment_class, day, paid, text, items=[item], allocations=settled)


def _partial(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    amount = item.amount.minor * diary.rng.randint(25, 75) // 100 // 1000 * 1000
    if amount == 0:
        return False
    opening = diary.rng.choice(("Teilzahlung", "1. Rate", "Abschlag", "Anzahlung zu"))
    text = f"{opening} {item.document_number}"
    settled = [allocation(item, amount)]
    _transfer(diary, customer, PaymentClass.PARTIAL, day, amount, text, items=[item], allocations=settled)
    return True


def _too_much(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    extra = diary.rng.choice((100, 900, 1_000, 5_000, item.amount.minor % 1_000 + 90))
    settled = [allocation(item, item.amount.minor), on_account(item.debtor_number, extra)]
    text = quoting(diary.rng, item, item.document_number)
    amount = item.amount.minor + extra
    _transfer(diary, customer, PaymentClass.OVERPAYMENT, day, amount, text, items=[item], allocations=settled)
    return True


def _from_known_account(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    if customer.iban not in customer.debtor.ibans or not _only_one_of_this_amount(diary, item):
        return False
    _pay_whole(diary, customer, item, day, PaymentClass.KNOWN_ACCOUNT, without_number(diary.rng))
    return True


def _by_name_only(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    if not _only_one_of_this_amount(diary, item):
        return False
    bank = diary.rng.choice(BANKS)
    new_account = OtherParty(
        name=customer.debtor.name, iban=iban(bank, diary.rng.randint(10_000, 9_999_999_999)), bic=bank.bic
    )
    text = without_number(diary.rng)
    _transfer(diary, customer, PaymentClass.NAME_ONLY, day, item.amount.minor, text, items=[item], party=new_account)
    return True


def _by_third_party(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    debtor = customer.debtor
    if debtor.number not in diary.relatives:
        diary.relatives[debtor.number] = _relative(diary, customer)
    payer = diary.relatives[debtor.number]
    text = f"{item.document_number} fuer {debtor.name}"
    _transfer(diary, customer, PaymentClass.THIRD_PARTY, day, item.amount.minor, text, items=[item], party=payer)
    return True


def _relative(diary: Diary, customer: Customer) -> OtherParty:
    """Choose who pays for this customer: a spouse, the parent company, or a tax adviser with many clients."""
    rng, debtor = diary.rng, customer.debtor
    if debtor.type is DebtorType.BUSINESS and rng.random() < 0.5:
        adviser = rng.choice(diary.advisers)
        return replace(adviser, ultimate_name=debtor.name if rng.random() < 0.5 else "")
    bank = rng.choice(BANKS)
    surname = debtor.name.rpartition(" ")[2]
    spouse = f"{rng.choice(FIRST_NAMES)} {surname}"
    return OtherParty(
        name=spouse if debtor.type is DebtorType.CONSUMER else f"{debtor.name.split()[0]} Holding GmbH",
        iban=iban(bank, rng.randint(10_000, 9_999_999_999)),
        bic=bank.bic,
    )


def _only_one_of_this_amount(diary: Diary, item: OpenItem) -> bool:
    """Whether the amount tells which of the debtor's items is meant (else § 366 BGB would have to)."""
    return all(other is item or other.amount != item.amount for other in diary.books.of_debtor(item.debtor_number))


def _pay_whole(
    diary: Diary, customer: Customer, item: OpenItem, day: date, payment_class: PaymentClass, text: str
) -> None:
    _transfer(diary, customer, payment_class, day, item.amount.minor, text, items=[item])


def _transfer(
    diary: Diary,
    customer: Customer,
    payment_class: PaymentClass,
    day: date,
    amount_minor: int,
    text: str,
    *,
    items: Sequence[OpenItem],
    allocations: Sequence[Allocation] | None = None,
    party: OtherParty | None = None,
    references: tuple[str, ...] = (),
    gvc: str = "",
    cut_after: int = 0,
) -> None:
    rng = diary.rng
    diary.take(items)
    diary.write(
        payment_class,
        day,
        amount_minor,
        gvc or rng.choice(("166", "166", "166", "166", "168")),
        account=customer.own_account,
        party=party or party_of(rng, customer),
        remittance=text,
        allocations=[allocation(i, i.amount.minor) for i in items] if allocations is None else allocations,
        end_to_end_id=rng.choice(("", f"{rng.getrandbits(48):012x}", f"ZV{day:%y%m%d}{rng.randint(100, 999)}")),
        references=references,
        cut_after=cut_after,
    )


def _our_charge(customer: Customer, amount_minor: int) -> Allocation:
    charge = on_account(customer.debtor.number, amount_minor)
    return Allocation(kind=AllocationKind.BANK_CHARGE, amount=charge.amount, debtor_number=charge.debtor_number)


# How often each way is tried; one that does not fit the item falls back to exact.
_WAYS: Final[Mapping[PaymentClass, tuple[float, Way]]] = MappingProxyType(
    {
        PaymentClass.EXACT: (24, _exactly),
        PaymentClass.WITHOUT_SEPARATORS: (7, _mangled(PaymentClass.WITHOUT_SEPARATORS, without_separators)),
        PaymentClass.LOWER_CASE: (3, _in_lower_case),
        PaymentClass.ZEROS_LOST: (4, _mangled(PaymentClass.ZEROS_LOST, zeros_lost)),
        PaymentClass.BROKEN: (6, _broken),
        PaymentClass.SEVERAL_INVOICES: (9, _several),
        PaymentClass.SHORT_FORMS: (4, _short_forms),
        PaymentClass.SKONTO_IN_TIME: (26, _skonto_in_time),
        PaymentClass.SKONTO_LATE: (5, _skonto_late),
        PaymentClass.PARTIAL: (3, _partial),
        PaymentClass.OVERPAYMENT: (2, _too_much),
        PaymentClass.WRONG_NUMBER: (3, _mangled(PaymentClass.WRONG_NUMBER, one_digit_off)),
        PaymentClass.KNOWN_ACCOUNT: (7, _from_known_account),
        PaymentClass.NAME_ONLY: (4, _by_name_only),
        PaymentClass.THIRD_PARTY: (4, _by_third_party),
    }
)
