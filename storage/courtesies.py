"""What courtesies (Dank, Entschuldigung) need from the memory: which bookings are new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.tables import DECISION

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection


def bookings_since(connection: Connection, company_id: str, day: date) -> frozenset[int]:
    """Give the numbers of the decisions to book that were made on this day or later."""
    return frozenset(
        connection.execute(
            select(DECISION.c.seq).where(
                DECISION.c.company_id == company_id, DECISION.c.kind == "allocated", DECISION.c.run_date >= day
            )
        ).scalars()
    )
