"""The company's own models (Gewichte des Mandanten): each adaptation with its certificate, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from ledger.errors import Refused
from reconciliation.certificate import Certificate
from reconciliation.model import Model
from storage.canonical import canonical, parsed
from storage.decisions import Author, Decided, append
from storage.tables import OWN_MODEL, OWN_MODEL_RESET

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnModel:
    """Weights a company's people taught, as of one day. Without a certificate they decide nothing."""

    model_id: str
    seq: int
    model: Model
    labels: int  # decided payments there were, those kept for the certificate included
    labels_seq: int  # the last decision that was considered
    adapted_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """A person went back to the shipped model."""

    seq: int
    why: str
    reset_on: date


def add_model(
    connection: Connection, company_id: str, author: Author, model: Model, *, labels: int, labels_seq: int
) -> str:
    """Keep an adaptation with its certificate, if it has one; return its identification."""
    certificate = model.certificate
    payload = {
        "name": model.name,
        "weights": canonical(dict(model.weights)),
        "decisions": model.decisions,
        "labels": labels,
        "labels_seq": labels_seq,
        "threshold": certificate.threshold if certificate else None,
        "target": certificate.target if certificate else None,
        "confidence": certificate.confidence if certificate else None,
        "accepted": certificate.accepted if certificate else None,
        "errors": certificate.errors if certificate else None,
        "bound": certificate.bound if certificate else None,
        "sample": certificate.sample if certificate else None,
    }
    told = payload | {"adapted_on": author.run_date.isoformat()}
    (seq,) = append(connection, company_id, author, [Decided("own_model", told)])
    model_id = f"M{seq}"
    row = payload | {"company_id": company_id, "model_id": model_id, "seq": seq, "adapted_on": author.run_date}
    connection.execute(insert(OWN_MODEL).values(**row))
    return model_id


def reset_models(connection: Connection, company_id: str, author: Author, why: str) -> str:
    """Go back to the shipped model until a person adapts anew. Raises Refused where it decides already."""
    if load_own_model(connection, company_id) is None:
        raise Refused("there is no model of its own: the shipped one decides already")
    payload = {"why": why, "reset_on": author.run_date.isoformat()}
    (seq,) = append(connection, company_id, author, [Decided("own_model_reset", payload)])
    reset_id = f"M{seq}"
    connection.execute(
        insert(OWN_MODEL_RESET).values(
            company_id=company_id, reset_id=reset_id, seq=seq, why=why, reset_on=author.run_date
        )
    )
    return reset_id


def load_own_model(connection: Connection, company_id: str) -> OwnModel | None:
    """Give the last adaptation; None where there is none, or a person went back to the shipped model since."""
    row = (
        connection.execute(
            select(OWN_MODEL).where(OWN_MODEL.c.company_id == company_id).order_by(OWN_MODEL.c.seq.desc()).limit(1)
        )
        .mappings()
        .first()
    )
    reset = load_reset(connection, company_id)
    return _own_model(row) if row and (reset is None or reset.seq < row["seq"]) else None


def load_reset(connection: Connection, company_id: str) -> Reset | None:
    """Give the last time a person went back to the shipped model, if that ever was."""
    row = (
        connection.execute(
            select(OWN_MODEL_RESET)
            .where(OWN_MODEL_RESET.c.company_id == company_id)
            .order_by(OWN_MODEL_RESET.c.seq.desc())
            .limit(1)
        )
        .mappings()
        .first()
    )
    return Reset(seq=row["seq"], why=row["why"], reset_on=row["reset_on"]) if row else None


def _own_model(row: Mapping[Any, Any]) -> OwnModel:
    return OwnModel(
        model_id=row["model_id"],
        seq=row["seq"],
        model=Model(
            name=row["name"],
            weights=parsed(row["weights"]),
            decisions=row["decisions"],
            certificate=_certificate(row) if row["threshold"] is not None else None,
        ),
        labels=row["labels"],
        labels_seq=row["labels_seq"],
        adapted_on=row["adapted_on"],
    )


def _certificate(row: Mapping[Any, Any]) -> Certificate:
    return Certificate(
        threshold=row["threshold"],
        target=row["target"],
        confidence=row["confidence"],
        accepted=row["accepted"],
        errors=row["errors"],
        bound=row["bound"],
        issued_on=row["adapted_on"],
        sample=row["sample"],
    )
