"""Revocations of what was learned (Widerrufe): who does not pay for whom, taken back and restored by decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from reconciliation.revocations import PayerKind, Revocation, payer_key
from storage.decisions import Author, Decided, append
from storage.tables import PAYER_REVOCATION

if TYPE_CHECKING:
    from sqlalchemy import Connection


def revoke_payer(
    connection: Connection,
    company_id: str,
    author: Author,
    *,
    kind: PayerKind,
    payer: str,
    debtor_number: str,
    why: str,
    revoked: bool = True,
) -> None:
    """Decide that a payer does not pay for a debtor, or does after all; the last word on a pair counts."""
    said = {
        "kind": kind.value,
        "payer": payer,
        "debtor_number": debtor_number,
        "revoked": revoked,
        "who": author.actor,
        "why": why,
    }
    payload = said | {"decided_on": author.run_date.isoformat()}
    (seq,) = append(connection, company_id, author, [Decided("payer_revocation", payload)])
    connection.execute(
        insert(PAYER_REVOCATION).values(company_id=company_id, seq=seq, decided_on=author.run_date, **said)
    )


def load_revocations(connection: Connection, company_id: str) -> tuple[Revocation, ...]:
    """Give the revocations in force, in the order they were made."""
    rows = connection.execute(
        select(PAYER_REVOCATION).where(PAYER_REVOCATION.c.company_id == company_id).order_by(PAYER_REVOCATION.c.seq)
    ).mappings()
    in_force: dict[tuple[PayerKind, str, str], Revocation] = {}
    for row in rows:
        kind = PayerKind(row["kind"])
        key = (kind, payer_key(kind, row["payer"]), row["debtor_number"])
        in_force.pop(key, None)
        if row["revoked"]:
            in_force[key] = Revocation(
                kind=kind,
                payer=row["payer"],
                debtor_number=row["debtor_number"],
                revoked_on=row["decided_on"],
                who=row["who"],
                why=row["why"],
            )
    return tuple(in_force.values())
