"""Posted allocations: which of them went to the tax adviser, in which batch (Buchungsstapel)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from storage.tables import POSTED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


def posted(connection: Connection, company_id: str) -> dict[str, str]:
    """Give the batch of every allocation that was handed over."""
    rows = connection.execute(
        select(POSTED.c.allocation_id, POSTED.c.batch_id).where(POSTED.c.company_id == company_id)
    )
    return {row.allocation_id: row.batch_id for row in rows}


def mark_posted(connection: Connection, company_id: str, seq: int, batches: Mapping[str, str]) -> None:
    """Write down, under the decision ``seq``, which allocation goes into which batch."""
    if batches:
        connection.execute(
            insert(POSTED),
            [
                {"company_id": company_id, "allocation_id": allocation_id, "batch_id": batch_id, "seq": seq}
                for allocation_id, batch_id in batches.items()
            ],
        )
