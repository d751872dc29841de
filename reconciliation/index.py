"""The night's lookups: every item, account and name filed once, so that no payment is compared with all of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeVar

from ledger.text import squeeze
from reconciliation.item_history import ItemHistory
from reconciliation.names import NameIndex, index_names
from reconciliation.numbers import Numbers, learn_numbers
from reconciliation.own_letters import NO_LETTERS, by_reference
from reconciliation.payers import Payers, build_payers
from reconciliation.payers import account_key as payer_key
from reconciliation.reading import Reading, read, read_entry
from reconciliation.revocations import Revoked, still_known, still_teaching

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ledger.debtor import Debtor
    from ledger.money import Money
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.item_history import AskedCosts
    from reconciliation.outcome import KnownPayer, PastPayment
    from reconciliation.own_letters import OwnLetter
    from reconciliation.revocations import Revocation
    from reconciliation.settings import MatchSettings

_MOST_READINGS: Final = 4_096
_SHORTEST_KEY: Final = 4  # shorter order and customer numbers are found everywhere

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What one night looks up. Items are named by ``item_id``, debtors by number, amounts by (currency, minor)."""

    settings: MatchSettings
    own_accounts: frozenset[str]
    items: Mapping[str, OpenItem]
    debtors: Mapping[str, Debtor]
    numbers: Numbers
    names: NameIndex
    open_items: Mapping[tuple[str, str], tuple[OpenItem, ...]]  # (debtor, currency) -> oldest due first
    amounts: Mapping[tuple[str, int], tuple[str, ...]]  # open amount, or open amount less Skonto
    settled: Mapping[tuple[str, str, int], tuple[OpenItem, ...]]  # (debtor, currency, invoice amount)
    references: Mapping[str, tuple[str, ...]]
    end_to_end_ids: Mapping[str, tuple[str, ...]]
    orders: Mapping[str, tuple[str, ...]]
    customer_numbers: Mapping[str, str]
    payers: Payers  # who pays for whom
    past: Sequence[PastPayment]
    past_alike: Mapping[tuple[str, str, int, str], tuple[PastPayment, ...]]  # see payment_key
    past_amounts: Mapping[tuple[str, str, int], tuple[PastPayment, ...]]  # payer, currency, amount; whatever the text
    past_of_item: Mapping[str, tuple[PastPayment, ...]]
    history: ItemHistory  # what was asked for and paid on items before
    letters: Mapping[str, OwnLetter] = field(default_factory=dict)  # by the reference they asked for, squeezed
    _readings: dict[tuple[str, str], Reading] = field(default_factory=dict)
    _other_readings: dict[str, Reading] = field(default_factory=dict)
    _owing: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)

    def reading(self, entry: StatementEntry) -> Reading:
        """Read the remittance information of an entry; asked many times in a row, it is read once."""
        key = (entry.remittance, entry.remittance_glued)
        known = self._readings.get(key)
        if known is None:
            _make_room(self._readings)
            known = self._readings[key] = read_entry(entry, self.numbers)
        return known

    def reading_of(self, text: str) -> Reading:
        """Read a text that stands elsewhere than in the remittance information."""
        if text not in self._other_readings:
            _make_room(self._other_readings)
            self._other_readings[text] = read(text, self.numbers)
        return self._other_readings[text]

    def with_amount(self, currency: str, minor: int) -> tuple[str, ...]:
        """Give the open items with exactly this open amount, or this amount after Skonto; oldest due first."""
        return self.amounts.get((currency, minor), ())

    def owing(self, amount: Money) -> tuple[str, ...]:
        """Give the debtors with an open item of this amount, the oldest due first; counted once a night."""
        key = (amount.currency, amount.minor)
        if key not in self._owing:
            self._owing[key] = tuple(dict.fromkeys(self.items[i].debtor_number for i in self.with_amount(*key)))
        return self._owing[key]

    def open_of(self, debtor_number: str, currency: str) -> tuple[OpenItem, ...]:
        """Give a debtor's open items in one currency, oldest due first."""
        return self.open_items.get((debtor_number, currency), ())

    def owed_exactly(self, debtors: Iterable[str], amount: Money) -> list[OpenItem]:
        """Give what some debtors owe of exactly this amount, in full or after Skonto; oldest due first."""
        same = self.with_amount(amount.currency, amount.minor)
        found: list[OpenItem] = []
        for debtor in debtors:
            own = self.open_of(debtor, amount.currency)
            if len(same) < len(own):  # the shorter list is looked through
                found += [item for item in map(self.items.__getitem__, same) if item.debtor_number == debtor]
            else:
                found += [item for item in own if has_amount(item, amount)]
        return found

    def debtors_of_account(self, iban: str) -> Mapping[str, int]:
        """Give the debtors who are known to pay from an account, with the payments that prove it."""
        return {proof.debtor_number: proof.payments for proof in self.payers.accounts.get(payer_key(iban), ())}

    def likely_debtors(self, entry: StatementEntry) -> tuple[str, ...]:
        """Give the debtors whose account or name the payer has; nobody, where very many share the account."""
        named = (
            like.debtor_number for name in (entry.payer_name, entry.ultimate_name) for like in self.names.like(name)
        )
        of_account = self.debtors_of_account(entry.payer_iban)
        return tuple(
            dict.fromkeys((*(of_account if len(of_account) <= self.settings.shared_account_maximum else ()), *named))
        )

    def likely_items(self, entry: StatementEntry) -> tuple[OpenItem, ...]:
        """Give the open items of the likely debtors and those with this amount, each within its limit."""
        limit = self.settings.subset_maximum_items
        likely: dict[str, OpenItem] = {}
        for debtor in self.likely_debtors(entry):
            likely.update([(item.item_id, item) for item in self.open_of(debtor, entry.amount.currency)[:limit]])
        for item_id in self.with_amount(entry.amount.currency, entry.amount.minor)[: self.settings.amount_cap]:
            likely[item_id] = self.items[item_id]
        return tuple(likely.values())

    def settled_with_amount(self, debtors: Iterable[str], amount: Money) -> tuple[OpenItem, ...]:
        """Give settled items of some debtors whose invoice amount was exactly this."""
        keys = ((debtor, amount.currency, amount.minor) for debtor in debtors)
        return tuple(item for key in keys for item in self.settled.get(key, ()))

    def debtor_name(self, debtor_number: str) -> str:
        """Give the name to be shown for a debtor, or the number where the tool gave no name."""
        debtor = self.debtors.get(debtor_number)
        return debtor.name if debtor and debtor.name else debtor_number


def _make_room(cache: dict[K, V]) -> None:
    """Forget everything where too much is kept: a large company has a million texts, and each is needed shortly."""
    if len(cache) >= _MOST_READINGS:
        cache.clear()


def build_index(
    *,
    items: Iterable[OpenItem],
    debtors: Mapping[str, Debtor],
    known_payers: Iterable[KnownPayer],
    past: Iterable[PastPayment],
    settings: MatchSettings,
    own_accounts: Iterable[str],
    revocations: Iterable[Revocation] = (),
    asked: Mapping[str, Sequence[AskedCosts]] = MappingProxyType({}),
    letters: Iterable[OwnLetter] = NO_LETTERS,
) -> Index:
    """File everything once. Sorted first, so that the order of the input decides nothing."""
    every = sorted(items, key=oldest_first)
    still_open = [item for item in every if item.open_amount]
    payments = sorted(past, key=lambda p: (p.booking_date, p.entry_id))
    revoked = Revoked(revocations)
    by_id = {item.item_id: item for item in every}
    past_of_item = _grouped((a.item_id, p) for p in payments for a in p.allocations if a.item_id)
    return Index(
        settings=settings,
        own_accounts=frozenset(account_key(account) for account in own_accounts),
        items=by_id,
        debtors=debtors,
        numbers=learn_numbers(every),
        names=index_names(
            ((d.number, d.name) for d in debtors.values() if d.name),
            {d.number: d.city for d in debtors.values() if d.city},
        ),
        open_items=_grouped(((i.debtor_number, i.currency), i) for i in still_open),
        amounts=_by_amount(still_open),
        settled=_grouped(
            ((i.debtor_number, i.currency, i.amount.minor), i) for i in every if i.is_invoice and not i.open_amount
        ),
        references=_grouped((squeeze(i.payment_reference), i.item_id) for i in every if _is_key(i.payment_reference)),
        end_to_end_ids=_grouped((squeeze(i.end_to_end_id), i.item_id) for i in every if i.end_to_end_id),
        orders=_grouped((squeeze(i.order_number), i.item_id) for i in every if _is_key(i.order_number)),
        customer_numbers={squeeze(number): number for number in sorted(debtors) if _is_key(number)},
        payers=build_payers(
            debtors=debtors,
            known_payers=still_known(known_payers, revoked),
            past=still_teaching(payments, revoked),
            shared_maximum=settings.shared_account_maximum,
        ),
        past=payments,
        past_alike=_grouped((past_key(p), p) for p in payments),
        past_amounts=_grouped((past_key(p)[:3], p) for p in payments),
        past_of_item=past_of_item,
        history=ItemHistory(asked=asked, payments=past_of_item),
        letters=by_reference(letters, by_id),
    )


def oldest_first(item: OpenItem) -> tuple[object, ...]:
    """Order items as § 366 (2) BGB settles them where nobody said which: oldest due first, then by number."""
    return (item.due_date, item.document_date, item.document_number, item.item_id)


def has_amount(item: OpenItem, amount: Money) -> bool:
    """Whether exactly this is open on an item, in full or after Skonto."""
    if item.open_amount.currency != amount.currency:
        return False
    short = item.balance_minor - amount.minor
    return short == 0 or (short > 0 and short == item.skonto_minor)


def account_key(account: str) -> str:
    """Write an account number as we compare it: without blanks, in capitals."""
    return account.replace(" ", "").upper()


def entry_key(entry: StatementEntry) -> tuple[str, str, int, str]:
    """Say what makes two payments look the same: payer, currency, amount and text."""
    payer = account_key(entry.payer_iban) or squeeze(entry.payer_name)
    return (payer, entry.amount.currency, entry.amount.minor, squeeze(entry.remittance))


def past_key(payment: PastPayment) -> tuple[str, str, int, str]:
    """Give the same key as ``entry_key`` for a payment booked on an earlier night."""
    payer = account_key(payment.payer_iban) or squeeze(payment.payer_name)
    return (payer, payment.amount.currency, payment.amount.minor, squeeze(payment.remittance))


def _is_key(number: str) -> bool:
    squeezed = squeeze(number)
    return len(squeezed) >= _SHORTEST_KEY and any(c.isdigit() for c in squeezed)


def _by_amount(still_open: Iterable[OpenItem]) -> dict[tuple[str, int], tuple[str, ...]]:
    def filed() -> Iterable[tuple[tuple[str, int], str]]:
        for item in still_open:
            if not item.is_invoice:
                continue
            yield (item.currency, item.open_amount.minor), item.item_id
            skonto = item.skonto_minor
            if 0 < skonto < item.open_amount.minor:
                yield (item.currency, item.open_amount.minor - skonto), item.item_id

    return _grouped(filed())


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, tuple[V, ...]]:
    groups: defaultdict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: tuple(values) for key, values in groups.items()}
