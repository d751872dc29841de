"""The ways customers pay one invoice (Zahlungsweisen): each writes down a payment, where it is possible."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from benchmarks.matching import wording
from benchmarks.matching.customers import Payer, iban
from benchmarks.matching.diary import Clear, Payment
from benchmarks.matching.skonto import Discount, discount, pay_less
from ledger.allocation import AllocationKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from benchmarks.matching.customers import Customer
    from benchmarks.matching.diary import Diary
    from ledger.open_item import OpenItem

    # Writes down a payment for an invoice on a day; False where the invoice does not allow this way.
    Way = Callable[[Diary, Customer, OpenItem, date], bool]

NOTHING_LESS: Final = Discount({}, {}, ())


def pay_exactly(
    diary: Diary,
    customer: Customer,
    item: OpenItem,
    day: date,
    *,
    payment_class: str,
    text: str,
    clear: Clear = Clear.BY_ITSELF,
    reference: str = "",
) -> None:
    """Pay all that is open on one invoice, with Skonto where there still is some, in the words given."""
    less = discount(diary, (item,), day)
    alike = equal_amounts(diary, item)
    minor, bookings = pay_less(diary, (item,), less)
    diary.write(
        Payment(
            payment_class=payment_class,
            day=day,
            minor=minor,
            text=text,
            bookings=bookings,
            clear=Clear.NEVER if less.needs_decision else clear,
            customer=customer,
            modifiers=[*less.modifiers, *(["equal_amounts"] if alike else [])],
            reference=reference,
        )
    )


def equal_amounts(diary: Diary, item: OpenItem) -> bool:
    """Whether the debtor has another open invoice of the same amount."""
    due = diary.left[item.item_id]
    return any(diary.left[i.item_id] == due for i in diary.everything_open(item.debtor_number) if i is not item)


def if_only_one_fits(diary: Diary, item: OpenItem, day: date) -> Clear:
    """Say whether the amount alone tells which invoice of a known debtor is meant, full or less its Skonto."""
    due = diary.left[item.item_id]
    less = item.skonto().minor if item.skonto_until and (day - item.skonto_until).days <= 12 else 0
    amounts = {due, due - less}
    for other in diary.everything_open(item.debtor_number):
        left = diary.left[other.item_id]
        if other is not item and {left, left - other.skonto().minor} & amounts:
            return Clear.NEVER
    return Clear.WITH_PAYER


def _exact(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    text = _single(diary, customer, item, str(diary.numbers[item.item_id]))
    pay_exactly(diary, customer, item, day, payment_class="exact", text=text)
    return True


def _structured(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    if not item.payment_reference or diary.left[item.item_id] != item.amount.minor:
        return False
    groups = [item.payment_reference[n : n + 4] for n in range(0, len(item.payment_reference), 4)]
    text = diary.rng.choice((item.payment_reference, " ".join(groups), f"Ref. {item.payment_reference}"))
    reference = item.payment_reference
    pay_exactly(diary, customer, item, day, payment_class="structured", text=text, reference=reference)
    return True


def _separators_lost(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    number = diary.numbers[item.item_id]
    written = wording.separators_lost(diary.rng, number)
    if written == str(number):
        return False
    text = _single(diary, customer, item, written)
    # A number that lost its zeros may be read as another one; then it takes the payer to be sure.
    clear = Clear.BY_ITSELF if wording.has_all_digits(written, number) else Clear.WITH_PAYER
    pay_exactly(diary, customer, item, day, payment_class="separators_lost", text=text, clear=clear)
    return True


def _short_form(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    text = wording.short_form(diary.rng, diary.numbers[item.item_id])
    clear = Clear.WITH_PAYER if wording.is_telling(text) else if_only_one_fits(diary, item, day)
    pay_exactly(diary, customer, item, day, payment_class="short_form", text=text, clear=clear)
    return True


def _typo(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    written = wording.mistyped(diary.rng, diary.numbers[item.item_id])
    text = _single(diary, customer, item, written)
    clear = if_only_one_fits(diary, item, day)
    pay_exactly(diary, customer, item, day, payment_class="typo", text=text, clear=clear)
    return True


def _no_number(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    text = wording.without_number(diary.rng, diary.quoted(item))
    clear = if_only_one_fits(diary, item, day)
    pay_exactly(diary, customer, item, day, payment_class="no_number_single", text=text, clear=clear)
    return True


def _customer_number(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    words = ("Kd-Nr. {}", "Kundennummer {}", "KD {}", "Kunde {} Rechnung", "{}", "Debitor {}")
    text = diary.rng.choice(words).format(customer.number)
    alone = if_only_one_fits(diary, item, day) is Clear.WITH_PAYER
    clear = Clear.BY_ITSELF if alone else Clear.NEVER
    pay_exactly(diary, customer, item, day, payment_class="customer_number_only", text=text, clear=clear)
    return True


def _order_number(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    if not item.order_number:
        return False
    same = [i for i in diary.everything_open(customer.number) if i.order_number == item.order_number]
    alone = len(same) == 1 or if_only_one_fits(diary, item, day) is Clear.WITH_PAYER
    words = ("Bestellung {}", "Best.Nr. {}", "PO {}", "Auftrag {}", "{}", "Ihr Auftrag {}")
    text = diary.rng.choice(words).format(item.order_number)
    clear = Clear.BY_ITSELF if alone else Clear.NEVER
    pay_exactly(diary, customer, item, day, payment_class="order_number_only", text=text, clear=clear)
    return True


def _wrong_number(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    """Write the number of another customer's invoice: the slip of one line in a list."""
    some = (diary.rng.choice(diary.written) for _ in range(5))
    other = next((one for one in some if one.debtor_number != item.debtor_number), None)
    if other is None:
        return False
    text = _single(diary, customer, item, str(diary.numbers[other.item_id]))
    due = {diary.left[item.item_id], diary.left[item.item_id] - item.skonto().minor}
    fits_both = bool({diary.left[other.item_id], other.amount.minor} & due)
    clear = Clear.NEVER if fits_both else if_only_one_fits(diary, item, day)
    pay_exactly(diary, customer, item, day, payment_class="wrong_number", text=text, clear=clear)
    return True


def _partial_named(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    due = diary.left[item.item_id]
    part = _part_of(diary, due)
    if not 0 < part < due or part >= due * 9 // 10:
        return False
    said = diary.rng.choice(("", "", "Teilzahlung ", "Abschlag ", "a conto ", "1. Teil "))
    _write_part(diary, customer, item, day, part, said=said)
    if diary.rng.random() < 0.6:
        later = day + timedelta(days=diary.rng.randint(10, 45))
        diary.wish(later, partial(_pay_rest, diary, customer, item))
    return True


def _write_part(diary: Diary, customer: Customer, item: OpenItem, day: date, part: int, *, said: str) -> None:
    text = said + _single(diary, customer, item, str(diary.numbers[item.item_id]))
    diary.write(
        Payment(
            payment_class="partial_named",
            day=day,
            minor=part,
            text=text,
            bookings=diary.settle(item, part),
            clear=Clear.BY_ITSELF,
            customer=customer,
        )
    )


def _pay_rest(diary: Diary, customer: Customer, item: OpenItem, day: date) -> None:
    if diary.left[item.item_id]:
        _exact(diary, customer, item, day)


def _part_of(diary: Diary, due: int) -> int:
    """Give a part as people choose it: half, a third, a round sum."""
    share = due * diary.rng.randint(15, 80) // 100
    return diary.rng.choice(
        (due // 2, due // 3, max(5_000, share // 10_000 * 10_000), max(1_000, share // 1_000 * 1_000))
    )


def _partial_unnamed(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    """Send a round sum without a word; booked on the oldest invoices (§ 366 (2) BGB), if nobody says otherwise."""
    invoices = sorted(diary.everything_open(customer.number), key=lambda i: (i.due_date, i.item_id))
    due = sum(diary.left[i.item_id] for i in invoices)
    sum_paid = _part_of(diary, diary.left[item.item_id]) // 5_000 * 5_000
    if not 0 < sum_paid < due * 9 // 10 or sum_paid in {diary.left[i.item_id] for i in invoices}:
        return False
    if any(i.item_id in diary.promised for i in invoices):
        return False
    bookings, rest = [], sum_paid
    for invoice in invoices:
        part = min(rest, diary.left[invoice.item_id])
        if part:
            bookings += diary.settle(invoice, part)
            rest -= part
    diary.write(
        Payment(
            payment_class="partial_unnamed",
            day=day,
            minor=sum_paid,
            text=wording.without_number(diary.rng, diary.quoted(item)),
            bookings=bookings,
            clear=Clear.WITH_PAYER if len(invoices) == 1 else Clear.NEVER,
            customer=customer,
        )
    )
    return True


def _instalments(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    """Pay in equal monthly rates, the last one with the odd cents."""
    due = diary.left[item.item_id]
    if due < 20_000:
        return False
    rates = diary.rng.choice((2, 3, 3, 4, 6))
    named = diary.rng.random() < 0.75
    diary.promised.add(item.item_id)
    _rate(diary, customer, item, rates, 1, due // rates, day, named=named)
    return True


def _rate(
    diary: Diary, customer: Customer, item: OpenItem, rates: int, number: int, rate: int, day: date, *, named: bool
) -> None:
    left = diary.left[item.item_id]
    paid = left if number == rates else rate
    alone = len(diary.everything_open(customer.number)) == 1
    words = diary.rng.choice((f"Rate {number}/{rates} ", f"{number}. Rate ", "Ratenzahlung "))
    text = words + (str(diary.numbers[item.item_id]) if named else "")
    diary.write(
        Payment(
            payment_class="instalments",
            day=day,
            minor=paid,
            text=text,
            bookings=diary.settle(item, paid),
            clear=Clear.BY_ITSELF if named else Clear.WITH_PAYER if alone else Clear.NEVER,
            customer=customer,
        )
    )
    if number < rates:
        following = partial(_rate, diary, customer, item, rates, number + 1, rate, named=named)
        diary.wish(day + timedelta(days=30), following)


def _over(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    due = diary.left[item.item_id]
    over = diary.rng.choice((_swapped(due), -(-due // 10_000) * 10_000, due + diary.rng.randint(500, 20_000))) - due
    if not 0 < over <= due:
        return False
    text = _single(diary, customer, item, str(diary.numbers[item.item_id]))
    # A small surplus on a late invoice may be meant for fee and interest; who knows.
    may_be_fee = day > item.due_date and over <= 10_000
    credit = diary.apart(AllocationKind.ON_ACCOUNT, over, customer.number)
    diary.write(
        Payment(
            payment_class="over",
            day=day,
            minor=due + over,
            text=text,
            bookings=(*diary.settle(item, due), credit),
            clear=Clear.NEVER if may_be_fee or over <= 5 else Clear.BY_ITSELF,
            customer=customer,
        )
    )
    return True


def _swapped(minor: int) -> int:
    """Swap the two leading digits that make the amount larger."""
    digits = str(minor)
    return int(digits[1] + digits[0] + digits[2:]) if len(digits) > 1 else minor


def _with_dunning_costs(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    """Pay after a reminder what the reminder asked for; too early, and it is paid later that way."""
    if day < item.due_date + timedelta(days=15):
        later = item.due_date + timedelta(days=diary.rng.randint(18, 60))
        diary.wish(later, partial(_after_reminder, diary, customer, item))
        return True
    _after_reminder(diary, customer, item, day)
    return True


def _after_reminder(diary: Diary, customer: Customer, item: OpenItem, day: date) -> None:
    due = diary.left[item.item_id]
    if not due or item.item_id in diary.promised:
        return
    fee = diary.rng.choice(diary.dunning_fees)
    with_interest = diary.rng.random() < 0.3
    interest = due * (day - item.due_date).days * 11 // 36_500 if with_interest else 0
    said = diary.rng.choice(("", "", "inkl. Mahngebuehr ", "Mahnung ", "lt. Mahnung ", "incl. Mahnkosten "))
    told = bool(said) or not interest
    bookings = [*diary.settle(item, due), diary.apart(AllocationKind.FEE, fee, customer.number)]
    if interest:
        bookings.append(diary.apart(AllocationKind.INTEREST, interest, customer.number))
    diary.write(
        Payment(
            payment_class="with_dunning_costs",
            day=day,
            minor=due + fee + interest,
            text=said + _single(diary, customer, item, str(diary.numbers[item.item_id])),
            bookings=bookings,
            clear=Clear.BY_ITSELF if told else Clear.NEVER,
            customer=customer,
            modifiers=["with_interest"] if interest else [],
        )
    )


def _with_bank_charge(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    """Pay from abroad with shared charges; some banks tell what was kept on the way."""
    due = diary.left[item.item_id]
    charge = diary.rng.choice((150, 500, 750, 1_000, 1_250, 1_500, 2_000, diary.rng.randint(300, 3_000)))
    if charge * 8 >= due:
        return False
    told = diary.rng.random() < 0.5
    payer = Payer(customer.own_name, iban(diary.rng, diary.rng.choice(("GB", "PL", "TR", "NO"))))
    text = _single(diary, customer, item, str(diary.numbers[item.item_id]))
    as_ordered = told and diary.rng.random() < 0.5
    diary.write(
        Payment(
            payment_class="with_bank_charge",
            day=day,
            minor=due - charge,
            text=text,
            bookings=diary.settle(item, due - charge, charge, AllocationKind.BANK_CHARGE),
            clear=Clear.BY_ITSELF if told else Clear.NEVER,
            customer=customer,
            payer=payer,
            charges_minor=charge if told and not as_ordered else 0,
            original_minor=due if as_ordered else 0,
        )
    )
    return True


def _small_difference(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    due = diary.left[item.item_id]
    cents = diary.rng.choice((-3, -2, -1, -1, 1, 1, 2, 3, 4, 5))
    if due < 2_000:
        return False
    text = _single(diary, customer, item, str(diary.numbers[item.item_id]))
    diary.write(
        Payment(
            payment_class="small_difference",
            day=day,
            minor=due - cents,
            text=text,
            bookings=diary.settle(item, due - cents, cents, AllocationKind.SMALL_DIFFERENCE),
            clear=Clear.BY_ITSELF,
            customer=customer,
        )
    )
    return True


def _twice(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    """Pay, and pay the same again within days: a form sent twice, a standing order beside a transfer."""
    due = diary.left[item.item_id]
    text = _single(diary, customer, item, str(diary.numbers[item.item_id]))
    if diary.rng.random() < 0.25:
        text = wording.without_number(diary.rng, diary.quoted(item))
    clear = Clear.BY_ITSELF if str(diary.numbers[item.item_id]) in text else if_only_one_fits(diary, item, day)
    payment_class = "exact" if clear is Clear.BY_ITSELF else "no_number_single"
    pay_exactly(diary, customer, item, day, payment_class=payment_class, text=text, clear=clear)
    minor = diary.entries[-1].amount.minor
    assert minor <= due, item
    again = day + timedelta(days=diary.rng.randint(1, 12))
    diary.wish(again, partial(_again, diary, customer, minor, text, "duplicate"))
    return True


def _again(diary: Diary, customer: Customer, minor: int, text: str, payment_class: str, day: date) -> None:
    diary.write(
        Payment(
            payment_class=payment_class,
            day=day,
            minor=minor,
            text=text,
            bookings=[diary.apart(AllocationKind.ON_ACCOUNT, minor, customer.number)],
            customer=customer,
        )
    )


def _settled_invoice(diary: Diary, customer: Customer, _item: OpenItem, day: date) -> bool:
    """Pay an invoice that was settled weeks ago; the item of today stays open."""
    settled = diary.settled[customer.number]
    if not settled:
        return False
    old = settled[-1 - diary.rng.randrange(min(3, len(settled)))]
    text = _single(diary, customer, old, str(diary.numbers[old.item_id]))
    _again(diary, customer, old.amount.minor, text, "settled_invoice", day)
    return True


def _prepayment(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    """Pay before there is an invoice; the item of today stays open."""
    minor = diary.rng.choice((50_000, 100_000, item.amount.minor, diary.rng.randint(5_000, 300_000)))
    number = f"{day:%Y}-{diary.rng.randrange(100, 9_999):04d}"
    words = ("Anzahlung Angebot {}", "Vorkasse Auftrag {}", "Vorauszahlung AB-{}", "50% Anzahlung {}", "Kaution {}")
    text = diary.rng.choice(words).format(number)
    diary.write(
        Payment(
            payment_class="prepayment",
            day=day,
            minor=minor,
            text=text,
            bookings=[diary.apart(AllocationKind.ON_ACCOUNT, minor, customer.number)],
            clear=Clear.WITH_PAYER,
            customer=customer,
        )
    )
    return True


def _single(diary: Diary, customer: Customer, item: OpenItem, written: str) -> str:
    return wording.single(diary.rng, diary.quoted(item), written, customer.habit)


WAYS: Final[Mapping[str, Way]] = MappingProxyType(
    {
        "exact": _exact,
        "structured": _structured,
        "separators_lost": _separators_lost,
        "short_form": _short_form,
        "typo": _typo,
        "no_number_single": _no_number,
        "partial_named": _partial_named,
        "partial_unnamed": _partial_unnamed,
        "instalments": _instalments,
        "over": _over,
        "with_dunning_costs": _with_dunning_costs,
        "with_bank_charge": _with_bank_charge,
        "order_number_only": _order_number,
        "customer_number_only": _customer_number,
        "wrong_number": _wrong_number,
        "small_difference": _small_difference,
        "duplicate": _twice,
        "settled_invoice": _settled_invoice,
        "prepayment": _prepayment,
    }
)
