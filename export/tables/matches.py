"""The table of matches (Zuordnungen): what became of every statement entry, and why."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from export.tables.table import JOINT, Table, major

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from export.tables.table import CellValue
    from ledger.allocation import Allocation
    from ledger.statement import StatementEntry
    from reconciliation.outcome import Outcome, Proposal


def match_row(company: str, entry: StatementEntry, outcome: Outcome) -> dict[str, Any]:
    """Tell one entry: ``allocations`` is what is booked, ``proposals`` is best first, amounts are credit positive."""
    return {
        "company": company,
        "account": entry.account,
        "entry_id": outcome.entry_id,
        "bank_reference": entry.bank_reference,
        "booking_date": entry.booking_date.isoformat(),
        "amount_minor": entry.amount.minor,
        "currency": entry.amount.currency,
        "payer_name": entry.payer_name,
        "payer_iban": entry.payer_iban,
        "end_to_end_id": entry.end_to_end_id,
        "remittance": entry.remittance,
        "state": outcome.state.value,
        "allocations": [_allocation(a) for a in outcome.allocations],
        "proposals": [_proposal(p) for p in outcome.proposals],
        "reasons": list(outcome.reasons),
    }


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "probability": proposal.probability,
        "allocations": [_allocation(a) for a in proposal.allocations],
        "reasons": list(proposal.reasons),
    }


def _allocation(allocation: Allocation) -> dict[str, Any]:
    return {
        "document_number": allocation.document_number,
        "debtor_number": allocation.debtor_number,
        "amount_minor": allocation.amount.minor,
        "kind": allocation.kind.value,
    }


def _lines(row: Mapping[str, Any]) -> Iterator[dict[str, CellValue]]:
    """Give one line per allocation; the entry's own amount stands on its first line only, so that columns add up."""
    currency = row["currency"]
    told = {key: row[key] for key in _ENTRY_COLUMNS if key in row} | _best_proposal(row)
    told["reasons"] = JOINT.join(row["reasons"])
    for n, allocation in enumerate(row["allocations"] or [None]):
        line: dict[str, CellValue] = dict(told)
        if n == 0:
            line |= {"amount_minor": row["amount_minor"], "amount": major(row["amount_minor"], currency)}
        if allocation is not None:
            line |= {key: allocation[key] for key in ("document_number", "debtor_number", "kind")}
            minor = allocation["amount_minor"]
            line |= {"allocation_minor": minor, "allocation_amount": major(minor, currency)}
        yield line


def _best_proposal(row: Mapping[str, Any]) -> dict[str, CellValue]:
    if not row["proposals"]:
        return {}
    best = row["proposals"][0]
    return {
        "proposal_probability": Decimal(f"{best['probability']:.4f}"),
        "proposal": JOINT.join(_in_words(a, row["currency"]) for a in best["allocations"]),
    }


def _in_words(allocation: Mapping[str, Any], currency: str) -> str:
    amount = f"{major(allocation['amount_minor'], currency):f}".replace(".", ",")
    return " ".join(text for text in (allocation["document_number"], amount, allocation["kind"]) if text)


_ENTRY_COLUMNS: Final = (
    "company account entry_id bank_reference booking_date currency payer_name payer_iban end_to_end_id remittance "
    "state"
).split()
MATCHES: Final = Table(
    name="matches",
    columns=(
        "company",
        "account",
        "entry_id",
        "bank_reference",
        "booking_date",
        "amount_minor",
        "amount",
        "currency",
        "payer_name",
        "payer_iban",
        "end_to_end_id",
        "remittance",
        "state",
        "document_number",
        "debtor_number",
        "allocation_minor",
        "allocation_amount",
        "kind",
        "proposal_probability",
        "proposal",
        "reasons",
    ),
    lines=_lines,
)
