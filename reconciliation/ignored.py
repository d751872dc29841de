"""What is set aside (Nicht-Debitoren): when money that is not ours to match needs nobody, and when it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.statement import EntryKind
from ledger.text import squeeze
from reconciliation.company_rules import NO_RULES, RuleEffect
from reconciliation.index import account_key
from reconciliation.names import SAME_NAME
from reconciliation.other_money import MoneyKind, OtherMoney, label_of
from reconciliation.reading import COMPLETE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.company_rules import CompanyRule, RuleBook
    from reconciliation.index import Index
    from reconciliation.own_transfers import OwnTransfer

_OWN: Final = "a transfer between our own accounts (Umbuchung)"
_TAKES_BACK: Final = frozenset({EntryKind.RETURNED_DEBIT, EntryKind.REVERSAL})

# What the bank itself says, and what pairing our own accounts proves: certain whatever the sign.
_BY_THE_BANK: Final = frozenset({EntryKind.CHARGE, EntryKind.INTEREST, EntryKind.REFUND})


def ignored_because(
    entry: StatementEntry,
    index: Index,
    rules: RuleBook = NO_RULES,
    transfers: Mapping[str, OwnTransfer] | None = None,
) -> str:
    """Say why an entry is set aside before anything is matched; empty where it must be looked at.

    Always looked at are, whatever a rule or a label says: what names an open document in full, what takes a payment
    of a debtor back, and what an "always ask" rule of the company speaks of.
    """
    if not entry.amount:
        return "no money moved"
    rule = rules.rule_for(entry)
    if rule is not None and rule.effect is RuleEffect.ALWAYS_ASK:
        return ""
    why = _not_ours_because(entry, index, rule, (transfers or {}).get(entry.entry_id))
    looked_at = bool(why) and (entry.kind in _TAKES_BACK or any(named_open(entry, index)))
    return "" if looked_at else why


def asked_because(
    entry: StatementEntry,
    index: Index,
    rules: RuleBook = NO_RULES,
    transfers: Mapping[str, OwnTransfer] | None = None,
) -> tuple[str, ...]:
    """Say why a person decides an entry whatever proves it: an "always ask" rule, or two things that cannot both be.

    That is money which by a rule, by the bank's word or by our own accounts is not ours to match, and which names an
    open document all the same. Mostly there is nothing to say.
    """
    rule = rules.rule_for(entry)
    if rule is not None and rule.effect is RuleEffect.ALWAYS_ASK:
        return (rule.told(),)
    why = _not_ours_because(entry, index, rule, (transfers or {}).get(entry.entry_id))
    numbers = ", ".join(item.document_number for item in named_open(entry, index)) if why else ""
    return (why, f"but it names the open document {numbers}, so a person decides") if numbers else ()


def not_ours(entry: StatementEntry, index: Index, transfer: OwnTransfer | None = None) -> OtherMoney | None:
    """Give the label that counts against paying an open item; None where a debtor speaks for it."""
    if entry.amount.minor > 0 and (_is_debtor(entry, index) or any(named_open(entry, index))):
        return None
    return label_of(entry, transfer)


def own_payment(entry: StatementEntry) -> str:
    """Say what left our account, where no credit note of a debtor is paid out with it."""
    label = label_of(entry)
    if label is None or label.kind is MoneyKind.SUPPLIER_PAYMENT:
        return label.says if label else "our own payment"
    return f"our own payment: {label.says}"


def needs_a_person(entry: StatementEntry, index: Index) -> str:
    """Say why money that left for no credit note is looked at all the same: a refund to a debtor; empty else."""
    label = label_of(entry)
    if label is None or label.kind is not MoneyKind.REFUND_TO_CUSTOMER or not _is_debtor(entry, index):
        return ""
    return f"{label.says}, who is a debtor, and no open credit note (Gutschrift) has this amount"


def named_open(entry: StatementEntry, index: Index) -> Iterator[OpenItem]:
    """Give the open documents that an entry names in full: in its text, or in its references, structured or not."""
    fields = [field for field in dict.fromkeys((*entry.references, entry.end_to_end_id)) if field]
    readings = (index.reading(entry), *map(index.reading_of, fields))
    named = [i for reading in readings for f in reading.known if f.form in COMPLETE for i in f.item_ids]
    referred = [i for field in fields for i in index.references.get(squeeze(field), ())]
    collected = index.end_to_end_ids.get(squeeze(entry.end_to_end_id), ()) if entry.end_to_end_id else ()
    for item_id in dict.fromkeys((*named, *referred, *collected)):
        if index.items[item_id].open_amount.minor:
            yield index.items[item_id]


def _not_ours_because(
    entry: StatementEntry, index: Index, rule: CompanyRule | None, transfer: OwnTransfer | None
) -> str:
    """Say what makes it certain that an entry is no payment of a debtor; empty where nothing does."""
    paired = transfer is not None and bool(transfer.other_side)
    if rule is not None:
        return rule.told()
    if transfer is None and _is_own(entry, index):
        return _OWN
    if not (paired or entry.kind in _BY_THE_BANK or _is_own(entry, index)):
        return ""
    label = label_of(entry, transfer)
    assert label is not None, entry
    return label.says


def _is_own(entry: StatementEntry, index: Index) -> bool:
    """Whether the bank says that the other account is ours; no customer can pay from it."""
    return entry.kind is EntryKind.OWN_TRANSFER or account_key(entry.payer_iban) in index.own_accounts


def _is_debtor(entry: StatementEntry, index: Index) -> bool:
    """Whether the other party is known as a debtor, by account or by name."""
    if index.debtors_of_account(entry.payer_iban):
        return True
    return any(like.score >= SAME_NAME for like in index.names.like(entry.payer_name))
