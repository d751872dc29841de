"""The rows of an open-item list (OP-Liste): every row an item or a finding, and contradictions set aside."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from connectors.accounting.record import Layout, Record, open_record
from connectors.accounting.row import text_of
from ledger.finding import Finding, Severity
from ledger.money import MINOR_DIGITS, InexactAmount, Money, total
from ledger.numerals import UnreadableNumber
from ledger.open_item import ItemKind, OpenItem
from ledger.tax_share import read_tax_shares
from ledger.text import squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from decimal import Decimal

    from connectors.accounting.row import Row
    from ledger.tax_share import TaxShare

KINDS: Final = MappingProxyType(
    {
        "invoice": ItemKind.INVOICE,
        "rechnung": ItemKind.INVOICE,
        "ausgangsrechnung": ItemKind.INVOICE,
        "creditnote": ItemKind.CREDIT_NOTE,
        "gutschrift": ItemKind.CREDIT_NOTE,
        "rechnungskorrektur": ItemKind.CREDIT_NOTE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItemRows:
    """What the rows of a list gave."""

    items: tuple[OpenItem, ...]
    findings: tuple[Finding, ...]
    unreadable_numbers: frozenset[str]
    complete: bool  # no row was set aside


def read_open_items(rows: Iterable[Row], layout: Layout, source: str, currency: str) -> OpenItemRows:
    """Read every row; ``currency`` is meant where a row names none."""
    findings: list[Finding] = []
    items: list[OpenItem] = []
    refused: list[tuple[str, str]] = []
    for row in rows:
        record = open_record(layout, row, findings)
        item = _open_item(record, source, currency) if record.usable else None
        if item is None:
            refused.append(_document_named(record))
        else:
            items.append(item)
    kept, contradicted = one_per_document(items, refused, findings)
    return OpenItemRows(
        items=kept,
        findings=tuple(findings),
        unreadable_numbers=frozenset(number for number, _ in refused if number) | contradicted,
        complete=not refused and not contradicted,
    )


def _open_item(record: Record, source: str, default_currency: str) -> OpenItem | None:
    number = record.mandatory("document_number")
    kind = _kind(record)
    debtor_number = record.mandatory("debtor_number")
    document_date = _mandatory_day(record, "document_date")
    due_date = _mandatory_day(record, "due_date")
    currency = _currency(record, default_currency)
    amount = _mandatory_money(record, "amount", currency)
    open_amount = _mandatory_money(record, "open_amount", currency)
    skonto_percent, skonto_until = _skonto(record)
    tax_shares = _tax_shares(record, amount)
    references = [record.text(column) for column in ("payment_reference", "order_number", "end_to_end_id")]
    if kind is None or document_date is None or due_date is None or amount is None or open_amount is None:
        return None
    if not record.usable:
        return None
    item = OpenItem(
        item_id=f"{source}:{kind}:{number}",
        document_number=number,
        kind=kind,
        debtor_number=debtor_number,
        document_date=document_date,
        due_date=due_date,
        amount=amount,
        open_amount=open_amount,
        skonto_percent=skonto_percent,
        skonto_until=skonto_until,
        payment_reference=references[0],
        order_number=references[1],
        end_to_end_id=references[2],
        source=source,
        place=record.layout.place(record.row.line),
        tax_shares=tax_shares,
    )
    warn_of_oddities(record, item)
    return item


def _kind(record: Record) -> ItemKind | None:
    text = record.mandatory("kind")
    kind = KINDS.get(squeeze(text))
    if text and kind is None:
        record.set_aside(
            "unknown_kind", "kind", f"{text!r} is no kind of document we know", "Write invoice or credit_note."
        )
    return kind


def _document_named(record: Record) -> tuple[str, str]:
    """Give number and kind of a row that was set aside, as far as they can be read; its findings are told already."""
    again = Record(layout=record.layout, row=record.row, findings=[])
    return again.text("document_number"), KINDS.get(squeeze(again.text("kind")), "")


def _mandatory_day(record: Record, column: str) -> date | None:
    return record.day(column) if record.mandatory(column) else None


def _currency(record: Record, default_currency: str) -> str:
    text = record.text("currency")
    currency = "EUR" if text == "€" else text.upper()
    if currency and currency not in MINOR_DIGITS:
        record.set_aside(
            "unknown_currency",
            "currency",
            f"{text!r} is no currency we know",
            "Write its ISO 4217 code, such as EUR.",
        )
        return ""
    return currency or default_currency


def _mandatory_money(record: Record, column: str, currency: str) -> Money | None:
    if not record.mandatory(column) or not currency:
        return None
    money = record.money(column, currency)
    if money is not None and money.minor < 0:
        record.set_aside(
            "negative_amount",
            column,
            f"{money} is negative",
            "Write it positive; what we owe has the kind credit_note.",
        )
    return money


def _skonto(record: Record) -> tuple[Decimal | None, date | None]:
    percent, until = record.percent("skonto_percent") or None, record.day("skonto_until")
    if percent and until is None and not text_of(record.cell("skonto_until")):
        record.warn(
            "skonto_without_date",
            "skonto_percent",
            f"{percent} % Skonto, but not until when, so none is granted",
            "Fill in the last day of the Skonto.",
        )
        return None, None
    return percent, until


def _tax_shares(record: Record, amount: Money | None) -> tuple[TaxShare, ...]:
    """Read what stands under which VAT rate; where that is in doubt, the document is owed all the same."""
    text = record.text("tax_shares")
    if not text or amount is None:
        return ()
    try:
        shares = read_tax_shares(text, amount.currency)
    except (UnreadableNumber, InexactAmount) as error:
        record.warn(
            "unreadable_tax_shares",
            "tax_shares",
            f"{error}; the document is used without its VAT rates",
            "Write every VAT rate with its gross amount, such as 19:119.00 7:53.50.",
        )
        return ()
    shared = total((share.gross for share in shares), amount.currency)
    if shared != amount:
        record.warn(
            "tax_shares_do_not_add_up",
            "tax_shares",
            f"the VAT rates add up to {shared}, the document to {amount}; it is used without its VAT rates",
            "Write the gross amount under every rate, with its tax, so that together they are the amount.",
        )
        return ()
    return shares


def warn_of_oddities(record: Record, item: OpenItem) -> None:
    """Note what is possible and still worth a look: more open than owed, due before it was written."""
    if item.open_amount > item.amount:
        record.warn(
            "open_above_amount",
            "open_amount",
            f"{item.open_amount} are open of a document over {item.amount}",
            "Check both amounts where the list comes from; the open amount is used as it is.",
        )
    if item.due_date < item.document_date:
        record.warn(
            "due_before_document_date",
            "due_date",
            f"due on {item.due_date}, before the document of {item.document_date}",
            "Check both dates where the list comes from; they are used as they are.",
        )


def one_per_document(
    items: Sequence[OpenItem], refused: Iterable[tuple[str, str]], findings: list[Finding]
) -> tuple[tuple[OpenItem, ...], frozenset[str]]:
    """Keep one of identical items and none of those that contradict each other; give the numbers of the latter.

    ``refused`` names what could not be read: number and kind, the kind empty where it could not be told.
    """
    twins: defaultdict[str, list[OpenItem]] = defaultdict(list)
    for item in items:
        twins[item.item_id].append(item)
    unread = frozenset(refused)
    kept: list[OpenItem] = []
    contradicted: set[str] = set()
    for same in twins.values():
        first = same[0]
        # A row that could not be read may say something else about the same document.
        doubted = bool(unread & {(first.document_number, first.kind), (first.document_number, "")})
        if doubted or any(replace(other, place=first.place) != first for other in same[1:]):
            contradicted.add(first.document_number)
            findings.append(_contradiction(same, doubted=doubted))
            continue
        kept.append(first)
        if len(same) > 1:
            findings.append(_repetition(same))
    return tuple(kept), frozenset(contradicted)


def _contradiction(same: Sequence[OpenItem], *, doubted: bool) -> Finding:
    places = ", ".join(item.place for item in same)
    return Finding(
        code="contradictory_rows",
        place=same[0].place,
        what=f"{same[0].kind} {same[0].document_number} stands here more than once, and the rows differ"
        f"{' or cannot be read' if doubted else ''}; all of them were set aside",
        what_to_do="Leave one row per document where the list comes from.",
        severity=Severity.ERROR,
        excerpt=places,
    )


def _repetition(same: Sequence[OpenItem]) -> Finding:
    return Finding(
        code="duplicate_row",
        place=same[1].place,
        what=f"{same[0].kind} {same[0].document_number} stands here {len(same)} times alike; it counts once",
        what_to_do="Nothing, unless the list should not repeat rows.",
        severity=Severity.NOTE,
        excerpt=", ".join(item.place for item in same),
    )
