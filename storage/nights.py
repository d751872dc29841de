"""Nights: what each run reported, and where the decision log ended then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from storage.canonical import canonical, parsed
from storage.decisions import head
from storage.tables import NIGHT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNight:
    """One finished night."""

    night_no: int
    run_date: date
    finished_at: str
    head_seq: int
    head_hash: str
    report: Mapping[str, Any]


def save_night(
    connection: Connection, company_id: str, *, run_date: date, now: datetime, report: Mapping[str, Any]
) -> None:
    """Keep the report of a night together with the end of the decision log."""
    last = connection.execute(select(func.max(NIGHT.c.night_no)).where(NIGHT.c.company_id == company_id)).scalar()
    end = head(connection, company_id)
    connection.execute(
        insert(NIGHT).values(
            company_id=company_id,
            night_no=(last or 0) + 1,
            run_date=run_date,
            finished_at=now.isoformat(timespec="seconds"),
            head_seq=end.seq,
            head_hash=end.hash,
            report=canonical(report),
        )
    )


def last_night_on(connection: Connection, company_id: str) -> date | None:
    """Give the latest day a night stood for; None before the first one."""
    day: date | None = connection.execute(
        select(func.max(NIGHT.c.run_date)).where(NIGHT.c.company_id == company_id)
    ).scalar()
    return day


def load_nights(connection: Connection, company_id: str) -> list[StoredNight]:
    """Give all nights of a company, oldest first."""
    rows = connection.execute(
        select(NIGHT).where(NIGHT.c.company_id == company_id).order_by(NIGHT.c.night_no)
    ).mappings()
    return [
        StoredNight(
            night_no=row["night_no"],
            run_date=row["run_date"],
            finished_at=row["finished_at"],
            head_seq=row["head_seq"],
            head_hash=row["head_hash"],
            report=parsed(row["report"]),
        )
        for row in rows
    ]
