"""The audit: every booked row against the decision that made it, and the other way round."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from storage.canonical import canonical, parsed
from storage.outbox import EffectStatus
from storage.tables import (
    ALLOCATION,
    AUDIT_DRAW,
    AUDIT_RESULT,
    BOUNCE,
    CALL,
    CASE_DECISION,
    COMPANY_RULE,
    COMPANY_RULE_REVOKED,
    DECISION,
    DRIFT,
    DRIFT_ENDED,
    HOLD,
    HOLD_LIFTED,
    IGNORED,
    INSTALMENT_PLAN,
    INSTALMENT_PLAN_ENDED,
    NOTICE,
    NOTICE_ITEM,
    OUTBOX,
    OWN_MODEL,
    OWN_MODEL_RESET,
    PAYER_REVOCATION,
    POSTED,
    PRINT_BATCH,
    PRINT_BATCH_LAID,
    PRINT_BATCH_LETTER,
    PROMISE,
    PROMISE_ENDED,
    RECEIPT,
    REJECTION,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Connection, Table

# What stands under a decision, row by row, in a form that can be compared.
_Rows = dict[int, list[str]]

# What was weighed when it was decided: see storage/matches.py.
_CONSIDERED: Final = frozenset({"rivals", "others"})

# The columns that repeat what the decision says, under the same names.
_OF_BOOKING: Final = ("entry_id", "state", "kind", "amount_minor", "currency", "document_number", "debtor_number")
_OF_NOTICE: Final = ("debtor_number", "currency", "stage", "channel", "total_minor", "letter_number", "outbox_id")
_OF_NOTICE_ITEM: Final = ("item_id", "stage", "open_minor", "interest_minor", "fee_minor")


def decision_payloads(connection: Connection, company_id: str) -> dict[str, int]:
    """Count the decisions by kind."""
    rows = connection.execute(
        select(DECISION.c.kind, func.count()).where(DECISION.c.company_id == company_id).group_by(DECISION.c.kind)
    )
    return {kind: int(count) for kind, count in rows}


def hash_at(connection: Connection, company_id: str, seq: int) -> str | None:
    """Give the hash of one decision; None when it is not there."""
    return connection.execute(
        select(DECISION.c.hash).where(DECISION.c.company_id == company_id, DECISION.c.seq == seq)
    ).scalar()


def loose_rows(connection: Connection, company_id: str) -> Iterator[str]:
    """Describe every row that differs from the decision that made it, is missing, or has no such decision."""
    for what, said, stored in (
        ("booking", *_bookings(connection, company_id)),
        ("reversal", *_reversals(connection, company_id)),
        ("notice", *_notices(connection, company_id)),
        ("word on a case", *_of_kind(connection, company_id, "case", CASE_DECISION)),
        ("hold", *_of_kind(connection, company_id, "hold", HOLD)),
        ("lifted hold", *_of_kind(connection, company_id, "hold_lifted", HOLD_LIFTED)),
        ("set-aside entry", *_of_kind(connection, company_id, "ignored", IGNORED)),
        ("company rule", *_of_kind(connection, company_id, "company_rule", COMPANY_RULE)),
        ("revoked rule", *_of_kind(connection, company_id, "company_rule_revoked", COMPANY_RULE_REVOKED)),
        ("word on a payer", *_of_kind(connection, company_id, "payer_revocation", PAYER_REVOCATION)),
        ("rejection", *_of_kind(connection, company_id, "rejection", REJECTION)),
        ("own model", *_of_kind(connection, company_id, "own_model", OWN_MODEL)),
        ("way back to the shipped model", *_of_kind(connection, company_id, "own_model_reset", OWN_MODEL_RESET)),
        ("draw for audit", *_of_kind(connection, company_id, "audit_drawn", AUDIT_DRAW)),
        ("result of an audit", *_of_kind(connection, company_id, "audited", AUDIT_RESULT)),
        ("drift", *_of_kind(connection, company_id, "drift", DRIFT)),
        ("end of a drift", *_of_kind(connection, company_id, "drift_ended", DRIFT_ENDED)),
        ("call", *_of_kind(connection, company_id, "call", CALL)),
        ("promise", *_of_kind(connection, company_id, "promise", PROMISE)),
        ("end of a promise", *_of_kind(connection, company_id, "promise_ended", PROMISE_ENDED)),
        ("instalment plan", *_of_kind(connection, company_id, "instalment_plan", INSTALMENT_PLAN)),
        ("end of a plan", *_of_kind(connection, company_id, "instalment_plan_ended", INSTALMENT_PLAN_ENDED)),
        ("bounce", *_of_kind(connection, company_id, "bounce", BOUNCE)),
        ("receipt", *_of_kind(connection, company_id, "receipt", RECEIPT)),
        ("print batch", *_print_batches(connection, company_id)),
        ("laid print batch", *_of_kind(connection, company_id, "print_batch_laid", PRINT_BATCH_LAID)),
        ("batch", *_batches(connection, company_id)),
    ):
        yield from _differences(what, said, stored)
    yield from _effects(connection, company_id)


def _differences(what: str, said: _Rows, stored: _Rows) -> Iterator[str]:
    for seq in sorted({*said, *stored}):
        if seq not in said:
            yield f"a {what} is stored under decision {seq}, which decided nothing of the kind"
        elif seq not in stored:
            yield f"the {what} of decision {seq} is missing"
        elif sorted(said[seq]) != sorted(stored[seq]):
            yield f"the {what} of decision {seq} is not what was decided"


def _bookings(connection: Connection, company_id: str) -> tuple[_Rows, _Rows]:
    said: _Rows = defaultdict(list)
    for seq, payload in _payloads(connection, company_id, "allocated"):
        of_entry = {"entry_id": payload.get("entry_id"), "state": payload.get("state")}
        allocations = payload.get("allocations", ())
        tax_parts = payload.get("tax_parts", [[]] * len(allocations))  # decisions of earlier versions know of none
        said[seq] = [
            canonical(of_entry | allocation | {"tax_parts": canonical(parts) if parts else ""})
            for allocation, parts in zip(allocations, tax_parts, strict=False)
        ]
    stored: _Rows = defaultdict(list)
    for row in _rows(connection, company_id, ALLOCATION):
        if not row["reverses"]:
            stored[row["seq"]].append(canonical(_booking(row) | {"tax_parts": row["tax_parts"]}))
    return said, stored


def _booking(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {word: row[word] for word in _OF_BOOKING} | {"item_id": row["item_id"] or ""}


def _taken_back(tax_parts: str) -> str | None:
    """Write the VAT rates of a Skonto as its reversal has them; None for what somebody made unreadable."""
    try:
        return canonical([[rate, -net, -tax] for rate, net, tax in parsed(tax_parts)]) if tax_parts else ""
    except (TypeError, ValueError):
        return None


def _reversals(connection: Connection, company_id: str) -> tuple[_Rows, _Rows]:
    said: _Rows = {seq: payload.get("reverses", []) for seq, payload in _payloads(connection, company_id, "reversed")}
    rows = {row["allocation_id"]: row for row in _rows(connection, company_id, ALLOCATION)}
    stored: _Rows = defaultdict(list)
    for row in rows.values():
        if row["reverses"]:
            first = rows[row["reverses"]]
            exact = _booking(row) | {"amount_minor": -row["amount_minor"]} == _booking(first)
            exact &= row["tax_parts"] == _taken_back(first["tax_parts"])
            stored[row["seq"]].append(row["reverses"] if exact else f"not exactly {row['reverses']}")
    return said, stored


def _notices(connection: Connection, company_id: str) -> tuple[_Rows, _Rows]:
    said: _Rows = {
        seq: [canonical(dict(payload) | {"items": _in_order(payload.get("items", ()))})]
        for seq, payload in _payloads(connection, company_id, "notice")
    }
    items: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(connection, company_id, NOTICE_ITEM):
        items[row["notice_id"]].append(
            {word: row[word] for word in _OF_NOTICE_ITEM}
            # A decision speaks of a lump sum only where one was asked for.
            | ({"lump_sum_minor": row["lump_sum_minor"]} if row["lump_sum_minor"] else {})
        )
    stored: _Rows = defaultdict(list)
    for row in _rows(connection, company_id, NOTICE):
        # A decision of an earlier version does not say where it was sent to.
        notice = {word: row[word] for word in (*_OF_NOTICE, *(["sent_to"] if row["sent_to"] else []))} | {
            "run_date": row["run_date"].isoformat(),
            "deadline": _day(row["deadline"]),
            "held_because": parsed(row["held_because"]),
            "items": _in_order(items[row["notice_id"]]),
        }
        stored[row["seq"]].append(canonical(notice))
    return said, stored


def _in_order(items: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(items, key=lambda item: item["item_id"])


def _of_kind(connection: Connection, company_id: str, kind: str, table: Table[Any]) -> tuple[_Rows, _Rows]:
    """Compare a table with one row per decision, whose columns have the names of the payload.

    What was considered besides is in the payload alone; its hash protects it.
    """
    said: _Rows = {}
    for seq, payload in _payloads(connection, company_id, kind):
        said[seq] = [canonical({word: payload[word] for word in payload if word not in _CONSIDERED})]
    stored: _Rows = defaultdict(list)
    for row in _rows(connection, company_id, table):
        words = parsed(said[row["seq"]][0]) if row["seq"] in said else ()
        stored[row["seq"]].append(canonical({word: _written(row[word]) for word in words}))
    return said, stored


def _written(value: object) -> object:
    """Give a value as a decision writes it."""
    return value.isoformat() if isinstance(value, date) else value


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _batches(connection: Connection, company_id: str) -> tuple[_Rows, _Rows]:
    said: _Rows = {
        seq: [f"{payload.get('batch')} {allocation_id}" for allocation_id in payload.get("allocations", ())]
        for seq, payload in _payloads(connection, company_id, "datev_batch")
    }
    stored: _Rows = defaultdict(list)
    for row in _rows(connection, company_id, POSTED):
        stored[row["seq"]].append(f"{row['batch_id']} {row['allocation_id']}")
    return said, stored


def _print_batches(connection: Connection, company_id: str) -> tuple[_Rows, _Rows]:
    said: _Rows = {
        seq: [f"{payload.get('batch_id')} {outbox_id}" for outbox_id in payload.get("letters", ())]
        for seq, payload in _payloads(connection, company_id, "print_batch")
    }
    made_by = {row["batch_id"]: row["seq"] for row in _rows(connection, company_id, PRINT_BATCH)}
    stored: _Rows = defaultdict(list)
    for row in _rows(connection, company_id, PRINT_BATCH_LETTER):
        if row["batch_id"] is not None:
            stored[made_by.get(row["batch_id"], 0)].append(f"{row['batch_id']} {row['outbox_id']}")
    return said, stored


def _effects(connection: Connection, company_id: str) -> Iterator[str]:
    """Describe every effect that claims to be sent, or to wait, against the last decision on it."""
    decided = {
        payload.get("outbox_id"): payload.get("status") for _, payload in _payloads(connection, company_id, "effect")
    }
    unsettled = {EffectStatus.QUEUED.value, EffectStatus.SENDING.value}
    for row in _rows(connection, company_id, OUTBOX):
        last = decided.get(row["outbox_id"], EffectStatus.QUEUED.value)
        if row["status"] not in (unsettled if last in unsettled else {last}):
            yield f"effect {row['outbox_id']} is stored as {row['status']}, but decided is {last}"


def _rows(connection: Connection, company_id: str, table: Table[Any]) -> Iterable[Mapping[Any, Any]]:
    return connection.execute(select(table).where(table.c.company_id == company_id)).mappings()


def _payloads(connection: Connection, company_id: str, kind: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    rows = connection.execute(
        select(DECISION.c.seq, DECISION.c.payload)
        .where(DECISION.c.company_id == company_id, DECISION.c.kind == kind)
        .order_by(DECISION.c.seq)
    )
    for seq, payload in rows:
        yield seq, _mapping(payload)


def _mapping(payload: str) -> Mapping[str, Any]:
    """Read a payload; one that somebody made unreadable says nothing, and is found out by its hash as well."""
    try:
        value = parsed(payload)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
