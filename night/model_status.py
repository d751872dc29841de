"""What stands about a company's model (Auskunft): certificate, drift and audit, in one object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from night.own_model import audit_says, audited, audits_since, deciding, windows
from reconciliation.drift import FEWEST_BEFORE
from storage.audit_draws import DrawState, load_draws
from storage.drifts import load_drifts
from storage.labels import count_confirmed
from storage.own_models import load_own_model, load_reset

if TYPE_CHECKING:
    from datetime import date

    from config.settings import Company
    from storage.database import Connection
    from storage.own_models import OwnModel


def status(connection: Connection, company: Company, today: date) -> dict[str, Any]:
    """Tell which model decides, what is certified of it, and what holds it back."""
    own = load_own_model(connection, company.id)
    reset = load_reset(connection, company.id)
    model = deciding(own)
    certificate = model.certificate
    assert certificate is not None, "whatever decides has a certificate"
    drift = _drift(connection, company.id, today)
    broken = audit_says(connection, company.id, today, own)
    return {
        "company": company.id,
        "model": model.name,
        "decisions": model.decisions,
        "certificate": {
            "issued_on": certificate.issued_on.isoformat(),
            "threshold": certificate.threshold,
            "target": certificate.target,
            "confidence": certificate.confidence,
            "accepted": certificate.accepted,
            "errors": certificate.errors,
            "bound": certificate.bound,
            "sample": certificate.sample,
        },
        "books_by_certificate": company.matching.book_by_certificate,
        "own": _own(own) if own else None,
        "reset_on": reset.reset_on.isoformat() if reset and own is None else None,
        "labels": count_confirmed(connection, company.id),
        "held_back": [*([broken] if broken else []), *([drift["says"]] if drift["stands"] else [])],
        "drift": drift,
        "audit": _audit(connection, company.id, today, own),
    }


def _own(own: OwnModel) -> dict[str, Any]:
    return {
        "model_id": own.model_id,
        "adapted_on": own.adapted_on.isoformat(),
        "decisions": own.model.decisions,
        "labels": own.labels,
        "is_certified": own.model.certificate is not None,
    }


def _drift(connection: Connection, company_id: str, today: date) -> dict[str, Any]:
    drifts = load_drifts(connection, company_id)
    _, recent, before = windows(connection, company_id, today, drifts)
    last = drifts[-1] if drifts else None
    stands = last is not None and last.ended_on is None
    if last is not None and stands:
        says = f"since {last.noticed_on}: {'; '.join(last.causes)}"
    elif before.payments < FEWEST_BEFORE:
        says = f"not watched yet: {before.payments} of {FEWEST_BEFORE} earlier payments to compare with"
    else:
        says = f"none: {recent.payments:,} payments of the last weeks look like {before.payments:,} before"
        says += f"; the last ended on {last.ended_on}: {last.why}" if last else ""
    return {"stands": stands, "says": says, "recent": recent.payments, "before": before.payments}


def _audit(connection: Connection, company_id: str, today: date, own: OwnModel | None) -> dict[str, Any]:
    draws = load_draws(connection, company_id, since=audits_since(today, own))
    found = audited(draws)
    return {
        "audited": found.audited,
        "wrong": found.wrong,
        "bound": found.bound,
        "waiting": len(load_draws(connection, company_id, DrawState.WAITING)),
    }
