"""Allocations (decisions) and outcomes (what the last night thought of every entry)."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from math import exp
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select

from ledger.allocation import Allocation, AllocationKind
from ledger.money import Money
from ledger.tax_share import TaxPart
from reconciliation.outcome import EntryState, Evidence, Outcome, Proposal, Weight
from storage.canonical import canonical, parsed
from storage.decisions import Author, Decided, append, decided_until
from storage.tables import ALLOCATION, DECISION, IGNORED, OUTCOME
from storage.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection


# So many values a database takes in one question.
_CHUNK: Final = 2000

_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """An allocation that stands, or stood, with the decision that made it."""

    allocation_id: str
    seq: int
    entry_id: str
    state: EntryState
    allocation: Allocation
    reverses: str = ""


def book(connection: Connection, company_id: str, author: Author, outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Append one decision per outcome that books something, with its allocations; return its number by entry.

    Whoever decides has looked first: an entry on which something stands is never booked a second time. Of very many
    outcomes only some are looked at together, so that they need not lie in memory.
    """
    booked: dict[str, int] = {}
    for some in _batches(outcome for outcome in outcomes if outcome.allocations):
        booked |= _book(connection, company_id, author, some)
    return booked


def _book(connection: Connection, company_id: str, author: Author, booking: Sequence[Outcome]) -> dict[str, int]:
    twice = _standing_among(connection, company_id, [outcome.entry_id for outcome in booking])
    assert not twice, ("booked already", sorted(twice))
    seqs = append(connection, company_id, author, [Decided("allocated", _payload(outcome)) for outcome in booking])
    rows = [
        _allocation_row(company_id, seq, number, outcome.entry_id, outcome.state, allocation)
        for seq, outcome in zip(seqs, booking, strict=True)
        for number, allocation in enumerate(outcome.allocations)
    ]
    connection.execute(insert(ALLOCATION), rows)
    return {outcome.entry_id: seq for seq, outcome in zip(seqs, booking, strict=True)}


def _batches(outcomes: Iterable[Outcome]) -> Iterator[list[Outcome]]:
    every = iter(outcomes)
    while some := list(islice(every, _CHUNK)):
        yield some


def reverse(connection: Connection, company_id: str, author: Author, entry_id: str, reason: str) -> int:
    """Take back everything that stands on an entry; return how many allocations were reversed."""
    standing = [b for b in load_booked(connection, company_id) if b.entry_id == entry_id]
    if not standing:
        return 0
    payload = {"entry_id": entry_id, "reason": reason, "reverses": [b.allocation_id for b in standing]}
    (seq,) = append(connection, company_id, author, [Decided("reversed", payload)])
    connection.execute(
        insert(ALLOCATION),
        [
            _allocation_row(company_id, seq, number, entry_id, b.state, -b.allocation) | {"reverses": b.allocation_id}
            for number, b in enumerate(standing)
        ],
    )
    return len(standing)


def note_file_taken_back(
    connection: Connection,
    company_id: str,
    author: Author,
    sha256: str,
    name: str,
    reason: str,
    entry_ids: Sequence[str],
) -> None:
    """Record that a file was taken back, with the entries whose bookings were reversed because of it."""
    payload = {"sha256": sha256, "name": name, "reason": reason, "entry_ids": sorted(entry_ids)}
    append(connection, company_id, author, [Decided("file_taken_back", payload)])


def reversed_with_files(connection: Connection, company_id: str) -> dict[str, int]:
    """Give the entries whose bookings went with a file that was taken back, with the number of that decision.

    Nobody doubted the booking itself, so it may be made again when the file is read again.
    """
    rows = connection.execute(
        select(DECISION.c.seq, DECISION.c.payload)
        .where(DECISION.c.company_id == company_id, DECISION.c.kind == "file_taken_back")
        .order_by(DECISION.c.seq)
    )
    return {entry_id: seq for seq, payload in rows for entry_id in parsed(payload)["entry_ids"]}


def ignore(
    connection: Connection,
    company_id: str,
    author: Author,
    entry_id: str,
    reason: str,
    *,
    ignored: bool,
    proposals: Sequence[Proposal] = (),
) -> None:
    """Decide that an entry is (or is after all) not about receivables, and that none of these proposals is right."""
    payload = {"entry_id": entry_id, "ignored": ignored, "reason": reason, **_considered(proposals, None)}
    (seq,) = append(connection, company_id, author, [Decided("ignored", payload)])
    connection.execute(
        insert(IGNORED).values(company_id=company_id, entry_id=entry_id, seq=seq, ignored=ignored, reason=reason)
    )


def load_booked(connection: Connection, company_id: str, *, until: date | None = None) -> list[Booked]:
    """Give every allocation that stands, neither a reversal nor reversed; ``until``: that stood on this day."""
    return [booked for booked, stands in _load(connection, company_id, until) if stands]


def load_all_booked(connection: Connection, company_id: str, *, until: date | None = None) -> list[Booked]:
    """Give every allocation ever made (``until`` a day), reversals included, in the order of deciding."""
    return [booked for booked, _ in _load(connection, company_id, until)]


def load_ignored(connection: Connection, company_id: str) -> dict[str, str]:
    """Give the entries a person set aside, with the reason."""
    last: dict[str, tuple[bool, str]] = {}
    rows = connection.execute(
        select(IGNORED.c.entry_id, IGNORED.c.ignored, IGNORED.c.reason)
        .where(IGNORED.c.company_id == company_id)
        .order_by(IGNORED.c.seq)
    )
    for entry_id, ignored, reason in rows:
        last[entry_id] = (ignored, reason)
    return {entry_id: reason for entry_id, (ignored, reason) in last.items() if ignored}


def save_outcomes(connection: Connection, company_id: str, outcomes: Iterable[Outcome]) -> None:
    """Replace what the last night thought of these entries."""
    for some in _batches(outcomes):
        upsert(
            connection,
            OUTCOME,
            [
                {
                    "company_id": company_id,
                    "entry_id": outcome.entry_id,
                    "state": outcome.state.value,
                    "reasons": canonical(outcome.reasons),
                    "proposals": canonical([_proposal_json(proposal) for proposal in outcome.proposals]),
                    "possible_debtors": canonical(sorted(outcome.possible_debtors)),
                }
                for outcome in some
            ],
        )


def load_outcomes(connection: Connection, company_id: str, *states: EntryState) -> dict[str, Outcome]:
    """Give the state of every entry (or of those in some states): what is booked, what is proposed, and why."""
    standing: dict[str, list[Booked]] = defaultdict(list)
    for booked in load_booked(connection, company_id):
        standing[booked.entry_id].append(booked)
    query = select(OUTCOME).where(OUTCOME.c.company_id == company_id)
    if states:
        query = query.where(OUTCOME.c.state.in_([state.value for state in states]))
    rows = connection.execute(query).mappings()
    return {row["entry_id"]: _outcome(row, standing[row["entry_id"]]) for row in rows}


def allocation_json(allocation: Allocation) -> dict[str, Any]:
    """Write an allocation as it stands in a decision."""
    return {
        "kind": allocation.kind.value,
        "amount_minor": allocation.amount.minor,
        "currency": allocation.amount.currency,
        "item_id": allocation.item_id,
        "document_number": allocation.document_number,
        "debtor_number": allocation.debtor_number,
    }


def _standing_among(connection: Connection, company_id: str, entry_ids: Sequence[str]) -> set[str]:
    """Give those of the entries that have an allocation nobody took back, or that are named twice."""
    found = {entry_id for entry_id, count in Counter(entry_ids).items() if count > 1}
    reversal = ALLOCATION.alias()
    for start in range(0, len(entry_ids), _CHUNK):
        found.update(
            connection.execute(
                select(ALLOCATION.c.entry_id)
                .outerjoin(
                    reversal,
                    (reversal.c.company_id == ALLOCATION.c.company_id)
                    & (reversal.c.reverses == ALLOCATION.c.allocation_id),
                )
                .where(
                    ALLOCATION.c.company_id == company_id,
                    ALLOCATION.c.entry_id.in_(entry_ids[start : start + _CHUNK]),
                    ALLOCATION.c.reverses.is_(None),
                    reversal.c.reverses.is_(None),
                )
            ).scalars()
        )
    return found


def _load(connection: Connection, company_id: str, until: date | None = None) -> list[tuple[Booked, bool]]:
    decided_by_then = () if until is None else (ALLOCATION.c.seq.in_(decided_until(company_id, until)),)
    rows = sorted(
        connection.execute(
            select(ALLOCATION).where(ALLOCATION.c.company_id == company_id, *decided_by_then)
        ).mappings(),
        key=lambda row: (row["seq"], _line_number(row["allocation_id"])),
    )
    reversed_ids = {row["reverses"] for row in rows if row["reverses"]}
    return [(_booked(row), not row["reverses"] and row["allocation_id"] not in reversed_ids) for row in rows]


def _line_number(allocation_id: str) -> int:
    return int(allocation_id.rpartition("-")[2])


def _booked(row: Mapping[Any, Any]) -> Booked:
    return Booked(
        allocation_id=row["allocation_id"],
        seq=row["seq"],
        entry_id=row["entry_id"],
        state=EntryState(row["state"]),
        allocation=Allocation(
            kind=AllocationKind(row["kind"]),
            amount=Money(row["amount_minor"], row["currency"]),
            item_id=row["item_id"] or "",
            document_number=row["document_number"],
            debtor_number=row["debtor_number"],
            tax_parts=_tax_parts(parsed(row["tax_parts"]), row["currency"]) if row["tax_parts"] else (),
        ),
        reverses=row["reverses"] or "",
    )


def _allocation_row(
    company_id: str, seq: int, number: int, entry_id: str, state: EntryState, allocation: Allocation
) -> dict[str, Any]:
    return {
        "company_id": company_id,
        "allocation_id": f"{seq}-{number}",
        "seq": seq,
        "entry_id": entry_id,
        "item_id": allocation.item_id or None,
        "document_number": allocation.document_number,
        "debtor_number": allocation.debtor_number,
        "kind": allocation.kind.value,
        "amount_minor": allocation.amount.minor,
        "currency": allocation.amount.currency,
        "state": state.value,
        "tax_parts": canonical(_tax_parts_json(allocation)) if allocation.tax_parts else "",
        "reverses": None,
    }


def _tax_parts_json(allocation: Allocation) -> list[list[Any]]:
    return [[f"{part.rate_percent.normalize():f}", part.net.minor, part.tax.minor] for part in allocation.tax_parts]


def _tax_parts(value: Iterable[Sequence[Any]], currency: str) -> tuple[TaxPart, ...]:
    return tuple(
        TaxPart(rate_percent=Decimal(rate), net=Money(net, currency), tax=Money(tax, currency))
        for rate, net, tax in value
    )


def _payload(outcome: Outcome) -> dict[str, Any]:
    booked = set(outcome.allocations)  # in any order: by hand they are typed as they come
    chosen = next((p for p in outcome.proposals if set(p.allocations) == booked), None)
    return {
        "entry_id": outcome.entry_id,
        "state": outcome.state.value,
        "allocations": [allocation_json(allocation) for allocation in outcome.allocations],
        "tax_parts": [_tax_parts_json(allocation) for allocation in outcome.allocations],
        "reasons": list(outcome.reasons),
        "probability": _rounded(chosen.probability) if chosen else None,
        "evidence_class": chosen.evidence_class if chosen else "",
        "evidence": [_evidence_json(evidence) for evidence in chosen.evidence] if chosen else [],
        "weights": [_weight_json(weight) for weight in chosen.weights] if chosen else [],
        **_considered(outcome.proposals, chosen),
    }


def _considered(proposals: Sequence[Proposal], chosen: Proposal | None) -> dict[str, Any]:
    """Keep what else was weighed: the arguments of each rival, and the odds of everything that was not shown."""
    weighed = [p for p in proposals if p.weights and _is_weighed_as_it_books(p)]
    if not weighed:
        return {"rivals": [], "others": 0.0}
    scores = [sum(weight.log_odds for weight in p.weights) for p in weighed]
    best = max(range(len(weighed)), key=lambda at: weighed[at].probability)
    # Odds are relative to "none of them", which has 1.
    everything = exp(scores[best]) / max(weighed[best].probability, _TINY)
    return {
        "rivals": [[weight.argument for weight in p.weights] for p in weighed if p is not chosen],
        "others": _rounded(max(0.0, everything - 1.0 - sum(map(exp, scores)))),
    }


def _is_weighed_as_it_books(proposal: Proposal) -> bool:
    """Whether the arguments are about this very booking; "perhaps paid twice" has those of the document it lost."""
    on_account = all(allocation.kind is AllocationKind.ON_ACCOUNT for allocation in proposal.allocations)
    return not on_account or any(weight.argument == "amount: on_account" for weight in proposal.weights)


def _rounded(probability: float) -> float:
    return float(f"{probability:.6f}")


def _evidence_json(evidence: Evidence) -> dict[str, Any]:
    return {
        "rule": evidence.rule,
        "strength": _rounded(evidence.strength),
        "says": evidence.says,
        "item_id": evidence.item_id,
        "debtor_number": evidence.debtor_number,
        "span": list(evidence.span) if evidence.span else None,
    }


def _weight_json(weight: Weight) -> list[Any]:
    return [weight.argument, _rounded(weight.log_odds)]


def _proposal_json(proposal: Proposal) -> dict[str, Any]:
    return {
        "probability": _rounded(proposal.probability),
        "allocations": [allocation_json(allocation) for allocation in proposal.allocations],
        "tax_parts": [_tax_parts_json(allocation) for allocation in proposal.allocations],
        "reasons": list(proposal.reasons),
        "evidence": [_evidence_json(evidence) for evidence in proposal.evidence],
        "weights": [_weight_json(weight) for weight in proposal.weights],
        "evidence_class": proposal.evidence_class,
        "residual_minor": proposal.residual.minor if proposal.residual is not None else None,
        "residual_currency": proposal.residual.currency if proposal.residual is not None else "",
    }


def _allocation(value: Mapping[str, Any], tax_parts: Iterable[Sequence[Any]]) -> Allocation:
    return Allocation(
        kind=AllocationKind(value["kind"]),
        amount=Money(value["amount_minor"], value["currency"]),
        item_id=value["item_id"],
        document_number=value["document_number"],
        debtor_number=value["debtor_number"],
        tax_parts=_tax_parts(tax_parts, value["currency"]),
    )


def _proposal(value: Mapping[str, Any]) -> Proposal:
    residual = value["residual_minor"]
    # Proposals of earlier versions were stored without the VAT rates of their Skonto.
    tax_parts = value.get("tax_parts", [()] * len(value["allocations"]))
    return Proposal(
        probability=value["probability"],
        allocations=tuple(_allocation(a, parts) for a, parts in zip(value["allocations"], tax_parts, strict=True)),
        reasons=tuple(value["reasons"]),
        evidence=tuple(
            Evidence(
                rule=e["rule"],
                strength=e["strength"],
                says=e["says"],
                item_id=e["item_id"],
                debtor_number=e["debtor_number"],
                span=(e["span"][0], e["span"][1]) if e["span"] else None,
            )
            for e in value["evidence"]
        ),
        # Proposals of earlier versions were stored without weights.
        weights=tuple(Weight(argument, log_odds) for argument, log_odds in value.get("weights", ())),
        evidence_class=value["evidence_class"],
        residual=Money(residual, value["residual_currency"]) if residual is not None else None,
    )


def _outcome(row: Mapping[Any, Any], standing: Sequence[Booked]) -> Outcome:
    return Outcome(
        entry_id=row["entry_id"],
        state=EntryState(row["state"]),
        reasons=tuple(parsed(row["reasons"])),
        allocations=tuple(booked.allocation for booked in standing),
        proposals=tuple(_proposal(value) for value in parsed(row["proposals"])),
        possible_debtors=frozenset(parsed(row["possible_debtors"])),
    )
