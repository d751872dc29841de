"""Postings of debtors in DATEV (Posten) as documents: those with one account and one Belegfeld 1 belong together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.datevconnect.blocks import is_blocked
from connectors.accounting.datevconnect.year import account_of, term_id
from connectors.accounting.document import Document, RemoteKey, Standing
from connectors.accounting.fields import Fields
from connectors.accounting.terms import days_after, document_by, item_id_of, skonto_of
from ledger.finding import Finding, Severity
from ledger.money import Money, total
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from connectors.accounting.datevconnect.year import Term, Year

    Row = dict[str, Any]

_KIND: Final = "receivable"
_BLOCK: Final = "a dunning block (Mahnsperre) is set"
_CREDITS: Final = frozenset({"credit_note", "credit_note_by_revocation"})
_EVIDENCE: Final = _CREDITS | {"", "invoice", "deposit", "payment", "cash_discount"}


def grouped(rows: Iterable[Row]) -> Collection[list[Row]]:
    """Give the postings of each document together."""
    documents: defaultdict[RemoteKey, list[Row]] = defaultdict(list)
    for row in rows:
        documents[key_of(row)].append(row)
    return documents.values()


def key_of(row: Row) -> RemoteKey:
    """Give what names a document in DATEV: the account and Belegfeld 1."""
    return RemoteKey(_KIND, f"{row.get('account_number')}/{row.get('document_field1') or ''}")


def translate(rows: Sequence[Row], source: str, year: Year, terms: Mapping[str, Term]) -> Document:
    """Make a document of ours out of its postings."""
    key = key_of(rows[0])
    number = str(rows[0].get("document_field1") or "")
    place = f"{source}: {_KIND} {key.remote_id}"
    postings = [Fields(row, place) for row in sorted(rows, key=lambda row: str(row.get("id")))]

    def item(standing: Standing) -> OpenItem:
        live = postings if standing is Standing.SETTLED else [one for one in postings if not one.truth("is_cleared")]
        return _item(key, live, standing, source, year, terms)

    payload = {"postings": [dict(one.values) for one in postings]}
    document = document_by(key, number or key.remote_id, payload, lambda: _standing(postings), item)
    if document.item and document.item.open_amount and _is_payment(document.item, rows):
        return replace(document, findings=(_on_account(document.item),))
    return document


def _standing(postings: Sequence[Fields]) -> Standing:
    for one in postings:
        if one.values.get("is_cleared") is None:
            raise one.mistake("is_cleared", "does not say whether it is open")
    return Standing.SETTLED if all(one.truth("is_cleared") for one in postings) else Standing.OPEN


def _item(
    key: RemoteKey, live: Sequence[Fields], standing: Standing, source: str, year: Year, terms: Mapping[str, Term]
) -> OpenItem:
    nets = [_net(one, year.currency) for one in live]
    debit = total((net for net in nets if net.minor > 0), year.currency)
    credit = -total((net for net in nets if net.minor < 0), year.currency)
    left = debit - credit if standing is Standing.OPEN else Money(0, year.currency)
    if standing is Standing.OPEN:
        _prove(live, nets, year.currency)
    first = live[0]
    if debit and left.minor < 0:
        raise first.mistake("document_field1", f"was overpaid by {-left}; assign the money in DATEV (Ausziffern)")
    side = [one for one, net in zip(live, nets, strict=True) if (net.minor > 0) is bool(debit)]
    invoices = [one for one in side if one.text("evidence_type") in {"", "invoice"}]
    if debit and not invoices:
        raise first.mistake("evidence_type", "is no invoice, and yet it is owed")
    dated = min(one.needed_day("date") for one in invoices or side)
    term = terms.get(term_id(side[0].text("term_of_payment_id"))) if debit and len(side) == 1 else None
    percent, until = skonto_of(term.percent, days_after(dated, term.days)) if term else (None, None)
    account = account_of(first, year)
    number = first.number("document_field1") if debit else first.text("document_field1") or f"Akonto {account}"
    return OpenItem(
        item_id=item_id_of(source, key),
        document_number=number,
        kind=ItemKind.INVOICE if debit else ItemKind.CREDIT_NOTE,
        debtor_number=account,
        document_date=dated,
        due_date=_due(invoices) if debit else dated,
        amount=debit or credit,
        open_amount=abs(left),
        skonto_percent=percent,
        skonto_until=until,
        source=source,
        place=first.place,
        dunning_block=_BLOCK if any(is_blocked(one.values, year.today) for one in live) else "",
    )


def _net(fields: Fields, currency: str) -> Money:
    """Give what a posting adds to the debt, in the currency of the books."""
    if fields.text("evidence_type") not in _EVIDENCE:
        raise fields.mistake("evidence_type", "is no type of posting that we know")
    if fields.text("currency_code").upper() not in {"", currency}:
        raise fields.mistake("currency_code", f"is owed in another currency than the books, which are in {currency}")
    if not fields.has("amount_debit") and not fields.has("amount_credit"):
        raise fields.mistake("amount_debit", "has neither debit nor credit")
    sides = [
        fields.money(k, currency) if fields.has(k) else Money(0, currency) for k in ("amount_debit", "amount_credit")
    ]
    return sides[0] - sides[1]


def _prove(live: Sequence[Fields], nets: Sequence[Money], currency: str) -> None:
    """Compare with the balances that DATEV itself gives: those of the document, or those of each posting."""
    whole = total(nets, currency)
    said = [
        (_balance(one, currency), net) for one, net in zip(live, nets, strict=True) if one.has("open_balance_of_item")
    ]
    if any(balance != whole for balance, _ in said) and any(balance != net for balance, net in said):
        raise live[0].mistake("open_balance_of_item", f"is not debits less credits, which are {whole}")


def _balance(fields: Fields, currency: str) -> Money:
    side = fields.needed("debit_credit_identifier")
    if side not in {"S", "H"}:
        raise fields.mistake("debit_credit_identifier", "is neither S nor H")
    balance = fields.money("open_balance_of_item", currency)
    return balance if side == "S" else -balance


def _due(invoices: Sequence[Fields]) -> date:
    """Give the day on which the last part is due; the one assigned to the item goes before that of the term."""
    return max(one.day("assigned_due_date") or one.needed_day("due_date") for one in invoices)


def _is_payment(item: OpenItem, rows: Iterable[Row]) -> bool:
    return not item.is_invoice and not any(str(row.get("evidence_type")) in _CREDITS for row in rows)


def _on_account(item: OpenItem) -> Finding:
    return Finding(
        code="payment_on_account",
        place=item.place,
        what=f"{item.open_amount} were paid on account (Akontozahlung); they count as a credit of the debtor",
        what_to_do="Clear it (Ausziffern) in DATEV.",
        severity=Severity.WARNING,
    )
