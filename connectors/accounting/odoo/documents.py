"""Invoices and credit notes (Gutschriften) of Odoo in our words; each due date of an instalment plan is its own item.

Source: odoo/odoo, ``addons/account/models/account_move.py`` (states, ``_compute_payment_state``),
``account_move_line.py`` (lines of the kind ``payment_term``) and ``account_payment.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.document import Document, RemoteKey, Standing
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.odoo.database import id_of
from connectors.accounting.terms import item_id_of, skonto_of
from ledger.money import Money, minor_digits
from ledger.open_item import ItemKind, OpenItem
from ledger.rounding import half_up_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.accounting.odoo.database import Row
    from ledger.debtor import Debtor

TYPES: Final = ("out_invoice", "out_refund")
MOVE_FIELDS: Final = [
    "name",
    "move_type",
    "state",
    "payment_state",
    "invoice_date",
    "invoice_date_due",
    "amount_total",
    "amount_residual",
    "currency_id",
    "partner_id",
    "commercial_partner_id",
    "payment_reference",
    "ref",
    "invoice_origin",
]
MATCHED: Final = "matched_payment_ids"  # from 18 on
LINE_FIELDS: Final = [
    "move_id",
    "date_maturity",
    "amount_currency",
    "amount_residual_currency",
    "discount_date",
    "discount_amount_currency",
]
PENDING_FIELDS: Final = ["amount", "currency_id", "state", "invoice_ids"]

_NOISE: Final = Decimal("0.000001")  # what is left of a binary fraction when it is written in decimals
_PLACES: Final = 10  # of a percentage, at most

_NOTHING_SAID: Final[Mapping[str, Standing]] = MappingProxyType(
    {"draft": Standing.DRAFT, "cancel": Standing.CANCELLED}  # no claim, and perhaps never was one
)
_OPEN: Final = frozenset({"not_paid", "partial", "blocked"})
_PAID: Final = frozenset({"paid", "in_payment", "reversed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What belongs to an invoice: its due dates, and payments that stand in no ledger yet."""

    lines: Sequence[Row] = ()
    pending: Sequence[Row] = ()
    debtor: Debtor | None = None  # where no list of customers has him


def translate(row: Row, around: Around, source: str) -> list[Document]:
    """Make documents of ours out of one of their invoices: one, or one for each due date where there are several."""
    parts: list[Row] = sorted(around.lines, key=lambda line: (str(line.get("date_maturity") or ""), line["id"]))
    names = [f"{row['id']}-{line['id']}" for line in parts] if len(parts) > 1 else [str(row["id"])]
    # Payments without an entry say nothing of due dates; Odoo itself settles the oldest one first.
    pending = around.pending
    documents = []
    for name, line in zip(names, parts or [{}], strict=True):
        document, pending = _part(row, line, pending, RemoteKey(str(row.get("move_type")), name), source)
        documents.append(_with(document, row, around))
    return documents


def move_id_of(key: RemoteKey) -> int:
    """Give the id of the invoice that a document is, or is a part of."""
    return int(key.remote_id.partition("-")[0])


def line_id_of(key: RemoteKey) -> int:
    """Give the id of the line that is one due date of several; 0 where the document is the whole invoice."""
    return int(key.remote_id.partition("-")[2] or 0)


def percent_of(amount: Money, reduced: Money) -> Decimal:
    """Give the shortest percentage by which an amount becomes the reduced one exactly.

    Odoo tells what is to be paid, not how it was worked out: from the total, or from the net amount alone.
    """
    wished = (amount - reduced).minor
    exact = Decimal(wished * 100) / amount.minor
    shorter = (exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) for places in range(_PLACES))
    return next((p for p in shorter if _share(p, amount) == wished), exact)


def _share(percent: Decimal, amount: Money) -> int:
    numerator, denominator = percent.as_integer_ratio()
    return half_up_ratio(numerator * amount.minor, denominator * 100)


def _part(
    row: Row, line: Row, pending: Sequence[Row], key: RemoteKey, source: str
) -> tuple[Document, Sequence[Row]]:
    """Make the document of one due date; give the payments back of which something is left for the next ones."""
    number = Fields(row, source).text("name")
    fields = Fields({**row, **line}, f"{source}: {_word(key)} {number or row['id']}")
    said = _NOTHING_SAID.get(str(row.get("state")))
    document = Document(key=key, number=number, standing=said or Standing.OPEN, item=None, payload=row)
    if said is not None:
        return document, pending
    try:
        _known_states(fields)
        item, pending = _item(fields, line, pending, key, source)
    except Mistake as mistake:
        return replace(document, findings=(mistake.finding(f"{key.kind} {number or key.remote_id}"),)), pending
    return replace(document, item=item, standing=Standing.OPEN if item.open_amount else Standing.SETTLED), pending


def _with(document: Document, row: Row, around: Around) -> Document:
    """Add the customer and, word for word, everything that was said."""
    item = document.item
    if item is not None and around.debtor is not None:
        item = replace(item, debtor_number=around.debtor.number)
    return replace(
        document,
        item=item,
        contact_id=str(id_of(row.get("commercial_partner_id")) or ""),
        debtor=around.debtor,
        payload={**row, "lines": list(around.lines), "pending": list(around.pending)},
    )


def _known_states(fields: Fields) -> None:
    if fields.text("state") != "posted":
        raise fields.mistake("state", "is no state of an invoice that we know")
    if fields.text("payment_state") not in _OPEN | _PAID:
        raise fields.mistake("payment_state", "does not say whether it is paid")


def _item(
    fields: Fields, line: Row, pending: Sequence[Row], key: RemoteKey, source: str
) -> tuple[OpenItem, Sequence[Row]]:
    currency = Fields({"name": _name(fields, "currency_id")}, fields.place).currency("name")
    kind = ItemKind.CREDIT_NOTE if key.kind == "out_refund" else ItemKind.INVOICE
    amount = _amount(fields, "amount_currency" if line else "amount_total", currency, kind, signed=bool(line))
    left = _amount(fields, "amount_residual_currency" if line else "amount_residual", currency, kind, signed=bool(line))
    left, pending = _without_pending(left, fields, pending)
    due = fields.day("date_maturity") or fields.day("invoice_date_due")
    item = OpenItem(
        item_id=item_id_of(source, key),
        document_number=fields.number("name"),
        kind=kind,
        debtor_number="",
        document_date=fields.needed_day("invoice_date"),
        due_date=due or fields.needed_day("invoice_date"),
        amount=amount,
        open_amount=left,
        payment_reference=_reference(fields),
        order_number=fields.text("ref") or fields.text("invoice_origin"),
        source=source,
        place=fields.place,
    )
    percent, until = _skonto(fields, item)
    return replace(item, skonto_percent=percent, skonto_until=until), pending


def _amount(fields: Fields, key: str, currency: str, kind: ItemKind, *, signed: bool) -> Money:
    """Read an amount, positive for both kinds; on the lines of a credit note it is negative.

    Odoo computes with binary fractions, and JSON may show it: 118.99999999999999. What is that near to a whole number
    of minor units is that number; anything else is refused.
    """
    number = fields.needed_decimal(key)
    nearest = number.quantize(Decimal(1).scaleb(-minor_digits(currency)), ROUND_HALF_UP)
    money = fields.exact(key, nearest if abs(number - nearest) <= _NOISE else number, currency)
    money = -money if signed and kind is ItemKind.CREDIT_NOTE else money
    if money.minor < 0:
        raise fields.mistake(key, "has the sign of the other direction: an invoice that owes, or a credit note that asks")
    return money


def _without_pending(left: Money, fields: Fields, pending: Sequence[Row]) -> tuple[Money, Sequence[Row]]:
    """Take off what was paid without an entry in the ledger, as Odoo counts it: the invoice says it is paid.

    From 18 on a payment may be registered without any account. Then the invoice is called paid or in payment, and its
    open amount is what it was. Only payments for this invoice alone, in its currency, show what is left; with any
    other one we say what Odoo says: nothing. Nobody is dunned for it, and when the bank shows less, it is open again.
    """
    nothing = Money(0, left.currency)
    if fields.text("payment_state") not in _PAID or not left:
        return left, pending
    if not pending or not all(_for_this_alone(payment, fields) for payment in pending):
        return nothing, pending
    paid = sum(
        (_amount(Fields(p, fields.place), "amount", left.currency, ItemKind.INVOICE, signed=False) for p in pending),
        nothing,
    )
    rest = Money(max(0, paid.minor - left.minor), left.currency)
    # What is more than this due date asks for goes to the next one.
    return Money(max(0, left.minor - paid.minor), left.currency), _rest_of(pending, rest)


def _for_this_alone(payment: Row, fields: Fields) -> bool:
    same_currency = id_of(payment.get("currency_id")) == id_of(fields.values.get("currency_id"))
    return same_currency and payment.get("invoice_ids") == [fields.values["move_id"][0] if "move_id" in fields.values else fields.values["id"]]


def _rest_of(pending: Sequence[Row], rest: Money) -> Sequence[Row]:
    return [{**pending[0], "amount": Decimal(rest.minor).scaleb(-minor_digits(rest.currency))}]


def _skonto(fields: Fields, item: OpenItem) -> tuple[Decimal | None, Any]:
    """Read what is to be paid until the day of the discount; Odoo grants none on credit notes."""
    until = fields.day("discount_date")
    if not item.is_invoice or until is None or not fields.decimal("discount_amount_currency"):
        return None, None
    reduced = _amount(fields, "discount_amount_currency", item.currency, item.kind, signed=True)
    return skonto_of(percent_of(item.amount, reduced) if reduced < item.amount else None, until)


def _reference(fields: Fields) -> str:
    """Give the reference that payers are asked for, where it is not the number of the invoice anyway."""
    reference = fields.text("payment_reference")
    return "" if reference == fields.text("name") else reference.replace(" ", "")


def _name(fields: Fields, key: str) -> str:
    """Read the name out of ``[1, "EUR"]``; empty for ``false``, which means none."""
    value = fields.values.get(key)
    return str(value[1]) if isinstance(value, list) and len(value) > 1 else ""


def _word(key: RemoteKey) -> str:
    return "credit note" if key.kind == "out_refund" else "invoice"
