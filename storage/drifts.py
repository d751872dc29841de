"""Drift (Abweichung): how payments look each night, when that changed, and when the change became the usual."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select

from reconciliation.drift import Mix
from storage.bulk import among
from storage.canonical import canonical, parsed
from storage.decisions import Author, Decided, append
from storage.tables import DRIFT, DRIFT_ENDED, EVIDENCE_MIX, OUTCOME
from storage.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Connection

# So many values a database takes in one question.
_CHUNK: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDrift:
    """A change of the mix of payments, and its end if it has one."""

    drift_id: str
    seq: int
    causes: tuple[str, ...]  # in words
    noticed_on: date
    ended_on: date | None
    why: str  # it ended
    is_usual_now: bool


def add_mix(connection: Connection, company_id: str, run_date: date, mix: Mix) -> None:
    """Add what a night saw for the first time to what was seen on the same day."""
    so_far = load_mixes(connection, company_id, since=run_date).get(run_date, Mix())
    counted = (so_far + mix).counted()
    rows = [
        {"company_id": company_id, "run_date": run_date, "look": look, "payments": payments}
        for look, payments in sorted(counted.items())
    ]
    upsert(connection, EVIDENCE_MIX, rows)


def load_mixes(connection: Connection, company_id: str, *, since: date) -> dict[date, Mix]:
    """Give how payments looked, by the day they were seen first."""
    rows = connection.execute(
        select(EVIDENCE_MIX).where(EVIDENCE_MIX.c.company_id == company_id, EVIDENCE_MIX.c.run_date >= since)
    ).mappings()
    by_day: defaultdict[date, Counter[str]] = defaultdict(Counter)
    for row in rows:
        by_day[row["run_date"]][row["look"]] += row["payments"]
    return {day: Mix.of_counted(counted) for day, counted in sorted(by_day.items())}


def notice_drift(connection: Connection, company_id: str, author: Author, causes: Sequence[str]) -> str:
    """Record that payments are no longer what they were."""
    payload = {"causes": canonical(list(causes))}
    told = payload | {"noticed_on": author.run_date.isoformat()}
    (seq,) = append(connection, company_id, author, [Decided("drift", told)])
    drift_id = f"D{seq}"
    connection.execute(
        insert(DRIFT).values(company_id=company_id, drift_id=drift_id, seq=seq, noticed_on=author.run_date, **payload)
    )
    return drift_id


def end_drift(
    connection: Connection, company_id: str, author: Author, drift_id: str, why: str, *, is_usual_now: bool
) -> None:
    """Record that a drift is over."""
    payload: dict[str, Any] = {"drift_id": drift_id, "why": why, "is_usual_now": is_usual_now}
    told = payload | {"ended_on": author.run_date.isoformat()}
    (seq,) = append(connection, company_id, author, [Decided("drift_ended", told)])
    connection.execute(
        insert(DRIFT_ENDED).values(company_id=company_id, seq=seq, ended_on=author.run_date, **payload)
    )


def load_drifts(connection: Connection, company_id: str) -> list[StoredDrift]:
    """Give every drift that was noticed, oldest first."""
    rows = connection.execute(
        select(DRIFT, DRIFT_ENDED.c.ended_on, DRIFT_ENDED.c.why, DRIFT_ENDED.c.is_usual_now)
        .outerjoin(
            DRIFT_ENDED,
            (DRIFT_ENDED.c.company_id == DRIFT.c.company_id) & (DRIFT_ENDED.c.drift_id == DRIFT.c.drift_id),
        )
        .where(DRIFT.c.company_id == company_id)
        .order_by(DRIFT.c.seq)
    ).mappings()
    return [
        StoredDrift(
            drift_id=row["drift_id"],
            seq=row["seq"],
            causes=tuple(parsed(row["causes"])),
            noticed_on=row["noticed_on"],
            ended_on=row["ended_on"],
            why=row["why"] or "",
            is_usual_now=bool(row["is_usual_now"]),
        )
        for row in rows
    ]


def seen_before(connection: Connection, company_id: str, entry_ids: Sequence[str]) -> set[str]:
    """Give those of the entries that an earlier night has thought about."""
    found: set[str] = set()
    for start in range(0, len(entry_ids), _CHUNK):
        some = among(connection, OUTCOME.c.entry_id, entry_ids[start : start + _CHUNK])
        query = select(OUTCOME.c.entry_id).where(OUTCOME.c.company_id == company_id, some)
        found.update(connection.execute(query).scalars())
    return found
