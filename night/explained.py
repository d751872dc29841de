"""Entries and open items explained (Erklärung): what the bank said and where, what we made of it, and why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger.errors import Refused
from ledger.text import squeeze
from night.own_model import deciding
from night.reconcile import index_of, load_match_facts
from reconciliation.case import consider
from reconciliation.counterfactual import would_be_booked
from reconciliation.explain import chance, concerns, explained
from reconciliation.outcome import EntryState
from storage.matches import load_all_booked, load_outcomes
from storage.own_models import load_own_model
from storage.statements import load_batch, load_deliveries, load_entries

if TYPE_CHECKING:
    from datetime import date

    from config.settings import Company
    from ledger.money import Money
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.index import Index
    from reconciliation.model import Model
    from reconciliation.outcome import Evidence
    from storage.database import Connection

_MOST_PAYMENTS: Final = 10
_WAITING: Final = frozenset({EntryState.REVIEW, EntryState.UNMATCHED})


def explain_entry(connection: Connection, company: Company, entry_id: str, run_date: date) -> dict[str, Any]:
    """Give everything known of an entry; it may be named by the beginning of its identity. Raises Refused."""
    company_id = company.id
    entry = _entry(connection, company_id, entry_id)
    outcome = load_outcomes(connection, company_id).get(entry.entry_id)
    model = deciding(load_own_model(connection, company_id))
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
                "evidence_class": proposal.evidence_class,
                "reasons": list(proposal.reasons),
                "clues": [_clue(clue, entry) for clue in proposal.evidence],
                "weights": [{"argument": w.argument, "log_odds": w.log_odds} for w in proposal.weights],
                "residual": str(proposal.residual) if proposal.residual is not None else "",
            }
            for proposal in (outcome.proposals if outcome else ())
        ],
        "needed": _needed(company, model),
        "would_be_booked_if": (
            _would_be_booked_if(connection, company, entry, model, run_date)
            if outcome is not None and outcome.state in _WAITING
            else []
        ),
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


def explain_item(
    connection: Connection, company: Company, number: str, run_date: date, entry_id: str = ""
) -> dict[str, Any]:
    """Say of an open item what settled it, which payments may, and why others do not; raises Refused.

    ``entry_id`` (or its beginning) asks about one payment, whatever it is about.
    """
    facts = load_match_facts(connection, company.id, run_date)
    index = index_of(facts, company)
    item = _item(index, number)
    asked = [_entry(connection, company.id, entry_id)] if entry_id else facts.undecided
    model = deciding(load_own_model(connection, company.id))
    cases = [
        consider(
            entry, index, model, thorough=True, rules=facts.rules, rejected=facts.rejections.get(entry.entry_id, ())
        )
        for entry in asked
    ]
    about = [case for case in cases if entry_id or concerns(case, item)]
    about.sort(key=lambda case: (-chance(case, item), case.entry.booking_date, case.entry.entry_id))
    return {
        "document_number": item.document_number,
        "debtor": f"{item.debtor_number} {index.debtor_name(item.debtor_number)}",
        "amount": str(item.amount),
        "open": str(item.open_amount),
        "due": item.due_date.isoformat(),
        "settled_by": [
            {
                "entry_id": booked.entry_id,
                "amount": str(booked.allocation.amount),
                "kind": booked.allocation.kind.value,
                "takes_back": booked.reverses,
            }
            for booked in load_all_booked(connection, company.id)
            if booked.allocation.item_id == item.item_id
        ],
        "payments": [
            {
                "entry_id": case.entry.entry_id,
                "booked_on": case.entry.booking_date.isoformat(),
                "amount": str(case.entry.amount),
                "payer": case.entry.payer_name,
                "text": case.entry.remittance,
                "probability": float(f"{chance(case, item):.4f}"),
                "why": list(explained(case, item)),
            }
            for case in about[:_MOST_PAYMENTS]
        ],
        "more_payments": max(0, len(about) - _MOST_PAYMENTS),
    }


def _needed(company: Company, model: Model) -> dict[str, float | None]:
    """Give what a booking without a person must reach: with a class of evidence, and without one."""
    settings, certificate = company.matching.for_engine(), model.certificate
    certified = certificate.threshold if certificate is not None and settings.book_by_certificate else None
    return {"with_a_class_of_evidence": settings.auto_minimum_probability, "by_probability_alone": certified}


def _would_be_booked_if(
    connection: Connection, company: Company, entry: StatementEntry, model: Model, run_date: date
) -> list[str]:
    facts = load_match_facts(connection, company.id, run_date)
    rejected = facts.rejections.get(entry.entry_id, ())
    case = consider(entry, index_of(facts, company), model, rules=facts.rules, rejected=rejected)
    return list(would_be_booked(case, facts.rules))


def _item(index: Index, number: str) -> OpenItem:
    """Find a document by its number, written in any way a payer may write it."""
    found = [item for item in index.items.values() if squeeze(item.document_number) == squeeze(number)]
    found = found or [index.items[item_id] for one in index.reading_of(number).known for item_id in one.item_ids]
    if not found:
        raise Refused(f"there is no document {number}, or it was settled more than a year ago")
    if len(found) > 1:
        several = ", ".join(f"{item.document_number} of {item.debtor_number}" for item in found)
        raise Refused(f"{number} may be {several}; give the whole number")
    return found[0]


def _clue(clue: Evidence, entry: StatementEntry) -> dict[str, Any]:
    """Tell a clue with its weight, and the piece of the bank's text in which it was found."""
    return {
        "rule": clue.rule,
        "says": clue.says,
        "span": list(clue.span) if clue.span else None,
        "text": entry.remittance[slice(*clue.span)] if clue.span else "",
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
