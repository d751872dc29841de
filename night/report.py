"""The report (Nachtbericht): what came in, what was matched, what waits, who was written to or spared, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from insight.ageing import ageing
from ledger.finding import Severity
from night.limitation_watch import expiring_json
from reconciliation.outcome import EntryState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from dunning.notice import Notice
    from ledger.finding import Finding
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from night.dun import Dunned
    from night.hand_over import HandedOver
    from night.limitation_watch import Expiring
    from night.pull import Pulled
    from night.reconcile import Reconciled
    from night.send import Sent
    from night.workplace import Workplace
    from night.write_back import WrittenBack
    from reconciliation.outcome import Outcome

DONE = 0  # all good
A_PERSON_IS_NEEDED = 1
WRONG_USAGE = 2
COULD_NOT_FINISH = 3


@dataclass(slots=True, kw_only=True)
class NightSoFar:
    """The results of the steps, as far as the night came."""

    pulled: Pulled | None = None
    reconciled: Reconciled | None = None
    dunned: Dunned | None = None
    handed_over: HandedOver | None = None
    sent: Sent | None = None
    told: WrittenBack | None = None  # what the accounting tools were told
    run_date: date | None = None
    open_items: tuple[OpenItem, ...] = ()  # as they stand when the night is over
    limitation: tuple[Expiring, ...] = ()  # what is about to expire (Verjährung)
    failure: str = ""  # why the night could not finish; empty when it did
    findings: list[Finding] = field(default_factory=list)  # about the company itself


def report_of(work: Workplace, so_far: NightSoFar) -> dict[str, Any]:
    """Put a night into one JSON object; its keys are documented in docs/report.md."""
    findings = _findings(so_far)
    failures = [*(so_far.pulled.failures if so_far.pulled else ())]
    if so_far.failure:
        failures.append(so_far.failure)
    report: dict[str, Any] = {
        "company": work.company_id,
        "name": work.company.name,
        "run_date": work.run_date.isoformat(),
        "rehearsal": work.rehearsal is not None,
        "receivables": _receivables(so_far),
        "limitation": [expiring_json(one) for one in so_far.limitation],
        "pulled": _pulled(so_far.pulled) if so_far.pulled else None,
        "reconciled": _reconciled(so_far.reconciled) if so_far.reconciled else None,
        "dunned": _dunned(so_far.dunned) if so_far.dunned else None,
        "handed_over": _handed_over(so_far.handed_over) if so_far.handed_over else None,
        "sent": _sent(so_far.sent) if so_far.sent else None,
        "written_back": _written_back(so_far.told) if so_far.told else None,
        "findings": [finding_json(finding) for finding in findings],
        "failures": failures,
    }
    report["exit_code"] = _exit_code(report, so_far)
    return report


def finding_json(finding: Finding) -> dict[str, str]:
    """Write a finding for machines."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "place": finding.place,
        "what": finding.what,
        "excerpt": finding.excerpt,
        "what_to_do": finding.what_to_do,
    }


def _findings(so_far: NightSoFar) -> list[Finding]:
    order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
    parts: list[Iterable[Finding]] = [so_far.findings]
    if so_far.pulled:
        parts.append(so_far.pulled.findings)
    if so_far.reconciled:
        parts.append(so_far.reconciled.findings)
    if so_far.dunned:
        parts.append(so_far.dunned.findings)
    if so_far.handed_over:
        parts.append(so_far.handed_over.findings)
    if so_far.sent:
        parts.append(so_far.sent.findings)
    if so_far.told:
        parts.append(so_far.told.findings)
    return sorted((finding for part in parts for finding in part), key=lambda finding: order[finding.severity])


def _receivables(so_far: NightSoFar) -> list[dict[str, Any]]:
    """Tell how receivables stand, one entry per currency."""
    if so_far.run_date is None:
        return []
    return [
        {
            "currency": currency,
            "buckets": [
                {"days_overdue": bucket.name, "items": bucket.items, "open_minor": bucket.open.minor}
                for bucket in ageing(so_far.open_items, currency, so_far.run_date)
            ],
        }
        for currency in sorted({item.currency for item in so_far.open_items})
    ]


def _exit_code(report: Mapping[str, Any], so_far: NightSoFar) -> int:
    if so_far.failure:
        return COULD_NOT_FINISH
    states = report["reconciled"]["by_state"] if report["reconciled"] else {}
    waits = states.get(EntryState.REVIEW.value, 0) + states.get(EntryState.UNMATCHED.value, 0)
    serious = any(finding["severity"] != Severity.NOTE.value for finding in report["findings"])
    held_back = bool(report["reconciled"] and report["reconciled"]["held_back"])
    unsent = bool(so_far.sent and (so_far.sent.uncertain or so_far.sent.waiting))
    return A_PERSON_IS_NEEDED if waits or serious or held_back or unsent or report["failures"] else DONE


def _pulled(pulled: Pulled) -> dict[str, Any]:
    return {
        "sources": [
            {
                "name": source.name,
                "items": source.items,
                "debtors": source.debtors,
                "left_open_set": source.left_open_set,
                "changed": source.changed,
                "complete": source.complete,
                "failure": source.failure,
            }
            for source in pulled.sources
        ],
        "files": [
            {
                "name": file.name,
                "inbox": file.inbox,
                "became": file.became,
                "format": file.format,
                "statements": file.statements,
                "new_entries": file.new_entries,
                "known_entries": file.known_entries,
            }
            for file in pulled.files
        ],
        "accounts": [
            {
                "iban": account.iban,
                "read_up_to": account.read_up_to.isoformat() if account.read_up_to else None,
                "gaps": len(account.gaps),
            }
            for account in pulled.accounts
        ],
    }


def _reconciled(reconciled: Reconciled) -> dict[str, Any]:
    outcomes = reconciled.outcomes
    classes: Counter[str] = Counter()
    booked: Counter[str] = Counter()
    for outcome in outcomes:
        if outcome.allocations:
            amount = reconciled.entries[outcome.entry_id].amount
            booked[amount.currency] += amount.minor
            classes[_class_of(outcome)] += 1
    return {
        "entries": len(outcomes),
        "by_state": dict(sorted(Counter(outcome.state.value for outcome in outcomes).items())),
        "by_class": dict(classes.most_common()),
        "booked_minor": dict(sorted(booked.items())),
        "model": reconciled.decider.model.name,
        "held_back": list(reconciled.decider.held_back),
        "audits_waiting": reconciled.audits_waiting,
        "waiting": [
            _waiting(outcome, reconciled.entries[outcome.entry_id])
            for outcome in outcomes
            if outcome.state in {EntryState.REVIEW, EntryState.UNMATCHED}
        ],
    }


def _class_of(outcome: Outcome) -> str:
    chosen = next((p for p in outcome.proposals if p.allocations == outcome.allocations), None)
    return chosen.evidence_class if chosen and chosen.evidence_class else outcome.state.value


def _waiting(outcome: Outcome, entry: StatementEntry) -> dict[str, Any]:
    best = outcome.proposals[0] if outcome.proposals else None
    return {
        "entry_id": entry.entry_id,
        "account": entry.account,
        "booking_date": entry.booking_date.isoformat(),
        "amount_minor": entry.amount.minor,
        "currency": entry.amount.currency,
        "payer_name": entry.payer_name,
        "remittance": entry.remittance,
        "state": outcome.state.value,
        "reasons": list(outcome.reasons),
        "best": [a.document_number or a.debtor_number for a in best.allocations] if best else [],
        "probability": float(f"{best.probability:.4f}") if best else None,
    }


def _dunned(dunned: Dunned) -> dict[str, Any]:
    return {
        "written_to": [_notice(notice) for notice in dunned.written],
        "spared": [
            {**_notice(notice), "because": [[held.code, held.sentence] for held in notice.held_because]}
            for notice in dunned.held
        ],
        "left_out": [
            {
                "debtor_number": left.debtor_number,
                "document_number": left.document_number,
                "because": [[held.code, held.sentence] for held in left.because],
            }
            for left in dunned.left_out
        ],
        "by_stage": dict(sorted(Counter(notice.stage for notice in dunned.written).items())),
        "spared_because": dict(
            Counter(held.code for notice in dunned.held for held in notice.held_because).most_common()
        ),
    }


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "debtor_number": notice.debtor.number,
        "name": notice.debtor.name,
        "stage": notice.stage,
        "channel": notice.channel.value,
        "total_minor": notice.total.minor,
        "currency": notice.total.currency,
        "items": [item.document_number for item in notice.items],
    }


def _handed_over(handed: HandedOver) -> dict[str, Any]:
    return {
        "batches": [
            {
                "file": batch.file_name,
                "lines": batch.line_count,
                "first_day": batch.first_day.isoformat(),
                "last_day": batch.last_day.isoformat(),
                "debit_minor": batch.sum_debit.minor,
                "credit_minor": batch.sum_credit.minor,
            }
            for batch in handed.batches
        ],
        "waiting": handed.waiting,
    }


def _sent(sent: Sent) -> dict[str, Any]:
    return {
        "sent": sent.sent,
        "waiting": sent.waiting,
        "uncertain": sent.uncertain,
        "withdrawn": sent.withdrawn,
    }


def _written_back(told: WrittenBack) -> dict[str, Any]:
    return {"queued": told.queued, "written": told.written, "waiting": told.waiting}
