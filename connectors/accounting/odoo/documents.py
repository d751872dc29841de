"""Invoices and credit notes (Gutschriften) of Odoo in our words; each due date of an instalment plan is its own item.

Source: odoo/odoo, ``addons/account/models/account_move.py`` (states, ``_compute_payment_state``),
``account_move_line.py`` (lines of the kind ``payment_term``) and ``account_payment.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from connectors.accounting.document import Document, RemoteKey, Standing
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.odoo.database import id_of
from connectors.accounting.terms import item_id_of, skonto_of
from ledger.money import Money, minor_digits
from ledger.open_item import ItemKind, OpenItem
from ledger.rounding import half_up_ratio

if TYPE_CHECKING:
    from datetime import date

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

_AMOUNTS: Final[Mapping[bool, tuple[str, str]]] = MappingProxyType(  # of a line, or of the whole invoice
    {True: ("amount_currency", "amount_residual_currency"), False: ("amount_total", "amount_residual")}
)
_NOISE: Final = Decimal("0.000001")  # what is left of a binary fraction when it is written in decimals
_MOST_DIGITS: Final = 15  # before the point; a binary fraction has no more
_PLACES: Final = 10  # of a percentage, at most

_NOTHING_SAID: Final[Mapping[str, Standing]] = MappingProxyType(
    {"draft": Standing.DRAFT, "cancel": Standing.CANCELLED}  # no claim, and perhaps never was one
)
_OPEN: Final = frozenset({"not_paid", "partial", "blocked"})
_PAID: Final = frozenset({"paid", "in_payment", "reversed"})


@dataclass(slots=True)
class Unbooked:
    """What was paid without an entry: it goes to the oldest due date first, and the rest to the next one."""

    rest: Decimal | None  # None: everything counts as paid

    def taken_off(self, left: Money) -> Money:
        """Give what is left of an open amount, and keep what is left of the payments."""
        if self.rest is None:
            return Money(0, left.currency)
        digits = minor_digits(left.currency)
        paid = min(left.minor, int(self.rest.scaleb(digits).to_integral_value(ROUND_HALF_UP)))
        self.rest -= Decimal(paid).scaleb(-digits)
        return Money(left.minor - paid, left.currency)


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
    unbooked = Unbooked(_unbooked(row, around))
    return [
        _with(_part(row, line, unbooked, RemoteKey(str(row.get("move_type")), name), source), row, around)
        for name, line in zip(names, parts or [{}], strict=True)
    ]


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


def _part(row: Row, line: Row, unbooked: Unbooked, key: RemoteKey, source: str) -> Document:
    """Make the document of one due date."""
    number = row["name"] if isinstance(row.get("name"), str) else ""
    fields = Fields({**row, **line}, f"{source}: {_word(key)} {number or row['id']}")
    said = _NOTHING_SAID.get(str(row.get("state")))
    document = Document(key=key, number=number, standing=said or Standing.OPEN, item=None, payload=row)
    if said is not None:
        return document
    try:
        _known_states(fields)
        item = _item(fields, bool(line), unbooked, key, source)
    except Mistake as mistake:
        return replace(document, findings=(mistake.finding(f"{key.kind} {number or key.remote_id}"),))
    return replace(document, item=item, standing=Standing.OPEN if item.open_amount else Standing.SETTLED)


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


def _item(fields: Fields, is_line: bool, unbooked: Unbooked, key: RemoteKey, source: str) -> OpenItem:
    if not id_of(fields.values.get("commercial_partner_id")):
        raise fields.mistake("commercial_partner_id", "names no customer")
    currency = Fields({"name": _name(fields, "currency_id")}, fields.place).currency("name")
    kind = ItemKind.CREDIT_NOTE if key.kind == "out_refund" else ItemKind.INVOICE
    total, residual = _AMOUNTS[is_line]
    amount = _amount(fields, total, currency, negative=is_line and kind is ItemKind.CREDIT_NOTE)
    left = _amount(fields, residual, currency, negative=is_line and kind is ItemKind.CREDIT_NOTE)
    percent, until = _skonto(fields, amount, kind)
    dated = fields.needed_day("invoice_date")
    return OpenItem(
        item_id=item_id_of(source, key),
        document_number=fields.number("name"),
        kind=kind,
        debtor_number="",
        document_date=dated,
        due_date=fields.day("date_maturity") or fields.day("invoice_date_due") or dated,
        amount=amount,
        open_amount=unbooked.taken_off(left),
        skonto_percent=percent,
        skonto_until=until,
        payment_reference=_reference(fields),
        order_number=fields.text("ref") or fields.text("invoice_origin"),
        dunning_block="it is marked as blocked there" if fields.text("payment_state") == "blocked" else "",
        source=source,
        place=fields.place,
    )


def _amount(fields: Fields, key: str, currency: str, *, negative: bool) -> Money:
    """Read an amount, positive for both kinds; ``negative`` says that Odoo writes this one the other way round.

    Odoo computes with binary fractions, and JSON may show it: 118.99999999999999. What is that near to a whole number
    of minor units is that number; anything else is refused.
    """
    number = fields.needed_decimal(key)
    if number.adjusted() >= _MOST_DIGITS:
        raise fields.mistake(key, "is no believable amount")
    nearest = number.quantize(Decimal(1).scaleb(-minor_digits(currency)), ROUND_HALF_UP)
    money = fields.exact(key, nearest if abs(number - nearest) <= _NOISE else number, currency)
    money = -money if negative else money
    if money.minor < 0:
        raise fields.mistake(key, "goes in the other direction: an invoice that owes, or a credit note that asks")
    return money


def _unbooked(row: Row, around: Around) -> Decimal | None:
    """Give what was paid without an entry in the ledger, which no open amount knows; None stands for all of it.

    From 18 on a payment may be registered without any account. Then Odoo calls the invoice paid or in payment, and
    its open amount is what it was. Only payments for this invoice alone, in its currency, show what is left; with any
    other one, and where nothing but Skonto is missing, we say what Odoo says: nothing is open. When the bank shows
    less, Odoo opens it again.
    """
    if str(row.get("payment_state")) not in _PAID:
        return Decimal(0)
    # Those that the bank has confirmed may have lowered the open amount already; they count where no other one does.
    counted = [one for one in around.pending if one.get("state") == "in_process"] or around.pending
    if not counted or not all(_is_for(row, one) for one in counted):
        return None
    paid = sum((_number(one, "amount") for one in counted), Decimal(0))
    least = sum(map(_least, around.lines), Decimal(0))
    return None if around.lines and paid >= least else paid


def _least(line: Row) -> Decimal:
    """Give what must come at least, so that nothing but Skonto may be missing."""
    left, reduced = _number(line, "amount_residual_currency"), _number(line, "discount_amount_currency")
    return min(left, reduced) if reduced else left


def _number(row: Row, key: str) -> Decimal:
    """Read a number without its sign; nothing where there is none, which is a finding where it matters."""
    number = row.get(key)
    return abs(Decimal(number)) if isinstance(number, (int, Decimal)) else Decimal(0)


def _is_for(row: Row, payment: Row) -> bool:
    """Whether a payment is for this invoice alone, and in its currency."""
    same_currency = id_of(payment.get("currency_id")) == id_of(row.get("currency_id"))
    return same_currency and payment.get("invoice_ids") == [row["id"]] and bool(_number(payment, "amount"))


def _skonto(fields: Fields, amount: Money, kind: ItemKind) -> tuple[Decimal | None, date | None]:
    """Read what is to be paid until the day of the discount; Odoo grants none on credit notes."""
    if kind is ItemKind.CREDIT_NOTE or not fields.decimal("discount_amount_currency"):
        return None, None
    reduced = _amount(fields, "discount_amount_currency", amount.currency, negative=False)
    return skonto_of(percent_of(amount, reduced) if reduced < amount else None, fields.day("discount_date"))


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
