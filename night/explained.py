"""One entry explained (Erklärung): what the bank said and where, how it is booked, and what we made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.errors import Refused
from storage.matches import load_all_booked, load_outcomes
from storage.statements import load_batch, load_deliveries, load_entries

if TYPE_CHECKING:
    from ledger.money import Money
    from ledger.statement import StatementEntry
    from storage.database import Connection


def explain_entry(connection: Connection, company_id: str, entry_id: str) -> dict[str, Any]:
    """Give everything known of an entry; it may be named by the beginning of its identity. Raises Refused."""
    entry = _entry(connection, company_id, entry_id)
    outcome = load_outcomes(connection, company_id).get(entry.entry_id)
    return {
        "entry_id": entry.entry_id,
        "status": entry.status.value,
        "said": _said(entry),
        "delivered": [
            {
                "file": one.file,
                "sha256": one.sha256,
                "received_on": one.received_on.isoformat(),
                "format": one.format,
                "statement": one.number or one.statement_ref,
                "place": one.place,
                "says": "booked" if one.booked else "announced",
            }
            for one in load_deliveries(connection, company_id, entry.entry_id)
        ],
        "batch": load_batch(connection, company_id, entry.entry_id),
        "state": outcome.state.value if outcome else "",
        "reasons": list(outcome.reasons) if outcome else [],
        "proposals": [
            {
                "probability": float(f"{proposal.probability:.4f}"),
                "allocations": [
                    f"{a.document_number or a.debtor_number} {a.kind.value} {a.amount}" for a in proposal.allocations
                ],
                "reasons": list(proposal.reasons),
                "clues": [clue.says for clue in proposal.evidence],
            }
            for proposal in (outcome.proposals if outcome else ())
        ],
        "decided": [
            {
                "allocation_id": booked.allocation_id,
                "amount": str(booked.allocation.amount),
                "kind": booked.allocation.kind.value,
                "document_number": booked.allocation.document_number,
                "debtor_number": booked.allocation.debtor_number,
                "takes_back": booked.reverses,
            }
            for booked in load_all_booked(connection, company_id)
            if booked.entry_id == entry.entry_id
        ],
    }


def _entry(connection: Connection, company_id: str, entry_id: str) -> StatementEntry:
    entries = load_entries(connection, company_id)
    if entry_id in entries:
        return entries[entry_id]
    candidates = [entry for known, entry in entries.items() if entry_id and known.startswith(entry_id)]
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        some = ", ".join(entry.entry_id for entry in candidates[:5])
        raise Refused(f"{entry_id}: {len(candidates)} entries begin like this: {some}; give more of it")
    raise Refused(f"there is no entry {entry_id}")


def _said(entry: StatementEntry) -> dict[str, str]:
    """Write every field the bank filled, in words and in the order of the record."""
    told = {}
    if entry.remittance_glued == entry.remittance:
        entry = entry._replace(remittance_glued="")
    for name, value in entry._asdict().items():
        if name not in {"entry_id", "status", "place", "position", "booking_ref"} and value not in {"", None, ()}:
            told[name] = _plain(value)
    return told


def _plain(value: Money | tuple[str, ...] | object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
