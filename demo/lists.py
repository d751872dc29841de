"""The lists the invented accounting tool exports (OP-Liste, Debitorenliste), and the truth beside them."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Final

from demo.mt940 import swift_text
from ledger.text import squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from demo.movement import Movement
    from ledger.debtor import Debtor
    from ledger.open_item import OpenItem

_OPEN_ITEM_COLUMNS: Final = (
    "document_number,kind,debtor_number,document_date,due_date,amount,open_amount,currency,"
    "skonto_percent,skonto_until,payment_reference,order_number,end_to_end_id"
).split(",")

_DEBTOR_COLUMNS: Final = "debtor_number,name,street,postcode,city,country,email,phone,ibans,type,language".split(",")


def open_items_csv(items: Iterable[OpenItem]) -> bytes:
    """Write the open items in the order of the journal."""
    return _csv(
        _OPEN_ITEM_COLUMNS,
        (
            (
                item.document_number,
                item.kind,
                item.debtor_number,
                item.document_date.isoformat(),
                item.due_date.isoformat(),
                str(item.amount.decimal()),
                str(item.open_amount.decimal()),
                item.currency,
                str(item.skonto_percent or ""),
                item.skonto_until.isoformat() if item.skonto_until else "",
                item.payment_reference,
                item.order_number,
                item.end_to_end_id,
            )
            for item in items
        ),
    )


def debtors_csv(debtors: Iterable[Debtor]) -> bytes:
    """Write the debtors."""
    return _csv(
        _DEBTOR_COLUMNS,
        (
            (
                d.number,
                d.name,
                d.street,
                d.postcode,
                d.city,
                d.country,
                d.email,
                d.phone,
                ";".join(d.ibans),
                d.type,
                d.language,
            )
            for d in debtors
        ),
    )


def truth_jsonl(movements: Iterable[Movement], *, transliterated: str) -> bytes:
    """Write one object per movement: how to find it on the statements, its class, and its correct allocations.

    On the account ``transliterated`` the bank delivers SWIFT letters only; blanks at its cuts may be lost, which is
    why ``remittance_squeezed`` (letters and digits only) stands beside the remittance.
    """
    lines = (
        json.dumps(_truth(movement, swift=movement.entry.account == transliterated), ensure_ascii=False)
        for movement in movements
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _truth(movement: Movement, *, swift: bool) -> dict[str, object]:
    entry = movement.entry
    written = entry.remittance or " ".join(entry.references)
    remittance = swift_text(written) if swift else written
    return {
        "class": movement.payment_class,
        "account": entry.account,
        "booking_date": entry.booking_date.isoformat(),
        "amount_minor": entry.amount.minor,
        "currency": entry.amount.currency,
        "end_to_end_id": entry.end_to_end_id,
        "remittance": remittance,
        "remittance_squeezed": squeeze(remittance),
        "references": list(entry.references),
        "payer_name": swift_text(entry.payer_name) if swift else entry.payer_name,
        "payer_iban": entry.payer_iban,
        "bank_reference": entry.bank_reference,
        "batch": entry.booking_ref,
        "allocations": [
            {
                "document_number": a.document_number,
                "debtor_number": a.debtor_number,
                "amount_minor": a.amount.minor,
                "kind": a.kind,
            }
            for a in movement.allocations
        ],
    }


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()
