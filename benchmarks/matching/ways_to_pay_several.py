"""The ways customers pay several documents at once: listed, as a range, without a word, netted, for two debtors."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from benchmarks.matching import wording
from benchmarks.matching.diary import Clear, Payment
from benchmarks.matching.skonto import discount, pay_less

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from benchmarks.matching.customers import Customer
    from benchmarks.matching.diary import Diary
    from benchmarks.matching.ways_to_pay import Way
    from ledger.open_item import OpenItem

_MOST_COUNTED: Final = 14  # nobody tries the sums of more invoices by hand


def _several_numbers(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    chosen = _choose(diary, customer, item)
    if len(chosen) < 2:
        return False
    written = [str(diary.numbers[i.item_id]) for i in chosen]
    text = wording.several(diary.rng, written, customer.habit)
    _pay_together(diary, customer, chosen, day, "several_numbers", text, Clear.BY_ITSELF)
    return True


def _list_of_short_forms(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    alike = _same_series(diary, item, diary.open_invoices(customer.number))
    if len(alike) < 2:
        return False
    chosen = alike[: diary.rng.randint(2, 6)]
    text = wording.list_of_short_forms(diary.rng, [diary.numbers[i.item_id] for i in chosen])
    _pay_together(diary, customer, chosen, day, "list_short_forms", text, Clear.BY_ITSELF)
    return True


def _range(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    """Name the first and the last: everything of this customer that is open between them is meant."""
    invoices = _same_series(diary, item, diary.open_invoices(customer.number))
    if len(invoices) < 2:
        return False
    start = max(0, min(invoices.index(item), len(invoices) - 2))
    chosen = invoices[start : start + diary.rng.randint(2, 6)]
    text = wording.range_of(diary.rng, diary.numbers[chosen[0].item_id], diary.numbers[chosen[-1].item_id])
    _pay_together(diary, customer, chosen, day, "range", text, Clear.BY_ITSELF)
    return True


def _no_number_several(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    chosen = _choose(diary, customer, item)
    if len(chosen) < 2:
        return False
    text = wording.without_number(diary.rng, diary.quoted(item))
    clear = Clear.WITH_PAYER if _only_sum(diary, customer, chosen) else Clear.NEVER
    _pay_together(diary, customer, chosen, day, "no_number_several", text, clear)
    return True


def _several_debtors(diary: Diary, customer: Customer, item: OpenItem, day: date) -> bool:
    """Pay for another customer too, a sister company or the next client of the same adviser."""
    same = [c for c in diary.customers if c.payer is customer.payer and c is not customer]
    others = same or diary.rng.sample(diary.customers, min(4, len(diary.customers)))
    for other in others:
        theirs = diary.open_invoices(other.number)[:1] if other is not customer else []
        if theirs:
            chosen = [item, *theirs]
            text = wording.several(diary.rng, [str(diary.numbers[i.item_id]) for i in chosen], customer.habit)
            _pay_together(diary, customer, chosen, day, "several_debtors", text, Clear.BY_ITSELF)
            return True
    return False


def net_credit_note(diary: Diary, customer: Customer, item: OpenItem, credit_note: OpenItem, day: date) -> bool:
    """Pay an invoice less a credit note, which is mostly named."""
    due, less = diary.left[item.item_id], diary.left[credit_note.item_id]
    if less >= due:
        return False
    number, credit = str(diary.numbers[item.item_id]), str(diary.numbers[credit_note.item_id])
    named = diary.rng.random() < 0.7
    joint = diary.rng.choice((" abzgl. ", " minus ", " ./. Gutschrift ", " - ", " abz. GS ", ", "))
    text = (
        f"{number}{joint}{credit}" if named else f"{number} {diary.rng.choice(('', 'abzgl. Gutschrift', 'gekuerzt'))}"
    )
    fitting = [c for c in diary.open_credit_notes(customer.number) if diary.left[c.item_id] == less]
    diary.write(
        Payment(
            payment_class="credit_netted",
            day=day,
            minor=due - less,
            text=text,
            bookings=[*diary.settle(item, due), *diary.settle(credit_note, less)],
            clear=Clear.BY_ITSELF if named or len(fitting) == 1 else Clear.NEVER,
            customer=customer,
        )
    )
    return True


def pay_out(diary: Diary, customer: Customer, credit_note: OpenItem, day: date) -> None:
    """Transfer an open credit note to the customer."""
    minor = diary.left[credit_note.item_id]
    if not minor:
        return
    words = ("Gutschrift {}", "{}", "Erstattung Gutschrift {}", "Auszahlung {}", "Gutschr. {} Kd. " + customer.number)
    diary.write(
        Payment(
            payment_class="credit_payout",
            day=day,
            minor=-minor,
            text=diary.rng.choice(words).format(diary.numbers[credit_note.item_id]),
            bookings=diary.settle(credit_note, minor),
            clear=Clear.BY_ITSELF,
            customer=customer,
            text_is_final=True,
        )
    )


def _pay_together(
    diary: Diary,
    customer: Customer,
    chosen: Sequence[OpenItem],
    day: date,
    payment_class: str,
    text: str,
    clear: Clear,
) -> None:
    less = discount(diary, chosen, day)
    minor, bookings = pay_less(diary, chosen, less)
    diary.write(
        Payment(
            payment_class=payment_class,
            day=day,
            minor=minor,
            text=text,
            bookings=bookings,
            clear=Clear.NEVER if less.needs_decision else clear,
            customer=customer,
            modifiers=list(less.modifiers),
        )
    )


def _choose(diary: Diary, customer: Customer, item: OpenItem) -> list[OpenItem]:
    """Choose invoices as payers do: everything, the oldest, or those somebody has released."""
    invoices = diary.open_invoices(customer.number)
    way = diary.rng.random()
    if way < 0.35 and len(invoices) <= 8:
        return invoices
    if way < 0.7:
        return invoices[: diary.rng.choice((2, 2, 3, 3, 4, 5, 6))]
    others = [i for i in invoices if i is not item]
    picked = diary.rng.sample(others, min(len(others), diary.rng.choice((1, 1, 2, 2, 3, 4))))
    return [i for i in invoices if i is item or i in picked]


def _same_series(diary: Diary, item: OpenItem, items: Sequence[OpenItem]) -> list[OpenItem]:
    """Keep the invoices whose numbers begin like that of one item, so that only their ends need to be said."""
    first = diary.numbers[item.item_id]
    alike = [i for i in items if _begins_like(diary, i, first.head, len(first.running))]
    return sorted(alike, key=lambda i: int(diary.numbers[i.item_id].running))


def _begins_like(diary: Diary, item: OpenItem, head: str, digits: int) -> bool:
    number = diary.numbers[item.item_id]
    return number.head == head and len(number.running) == digits


def _only_sum(diary: Diary, customer: Customer, chosen: Sequence[OpenItem]) -> bool:
    """Whether these are the only open invoices with their sum; all of them together need no counting."""
    invoices = diary.everything_open(customer.number)
    wanted = sum(diary.left[i.item_id] for i in chosen)
    if len(chosen) == len(invoices):
        return True
    if len(invoices) > _MOST_COUNTED:
        return False
    sums = {0: 1}
    for invoice in invoices:
        minor = diary.left[invoice.item_id]
        grown = dict(sums)
        for total, ways in sums.items():
            if total + minor <= wanted:
                grown[total + minor] = grown.get(total + minor, 0) + ways
        sums = grown
    return sums.get(wanted) == 1


WAYS_TO_PAY_SEVERAL: Final[Mapping[str, Way]] = MappingProxyType(
    {
        "several_numbers": _several_numbers,
        "list_short_forms": _list_of_short_forms,
        "range": _range,
        "no_number_several": _no_number_several,
        "several_debtors": _several_debtors,
    }
)
