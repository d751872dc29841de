"""What was said, as it stands in the tables: notices, their lines, and what became of them."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.database import Connection


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a notice as the table has it."""

    document: str
    stage: str
    open: int
    interest: int
    fee: int
    lump_sum: int

    @property
    def buckets(self) -> int:
        """Everything that is asked for on it."""
        return self.open + self.interest + self.fee + self.lump_sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One notice as the table has it, and what became of it."""

    notice_id: str
    run_date: date
    debtor: str
    stage: str
    channel: str
    deadline: date | None
    total: int
    codes: tuple[str, ...]
    letter: str
    status: str
    sent_on: date | None
    lines: tuple[Line, ...]

    @property
    def has_left(self) -> bool:
        """Whether it left the house, or may have."""
        return self.status in {"sent", "uncertain", "sending"}


def read_told(connection: Connection, tonight: date) -> list[Told]:
    """Read the notices that were ever to be sent, and those kept back tonight."""
    rows = connection.exec_driver_sql(
        "SELECT n.notice_id, n.run_date, n.debtor_number, n.stage, n.channel, n.deadline, n.total_minor,"
        " n.held_because, n.letter_number, coalesce(o.status, ''), o.sent_on"
        " FROM notice n LEFT JOIN outbox o ON o.company_id = n.company_id AND o.outbox_id = n.outbox_id"
        " WHERE n.outbox_id <> '' OR n.run_date = ? ORDER BY n.seq",
        (tonight.isoformat(),),
    ).all()
    lines: defaultdict[str, list[Line]] = defaultdict(list)
    for notice_id, *line in connection.exec_driver_sql(
        "SELECT notice_id, document_number, stage, open_minor, interest_minor, fee_minor, lump_sum_minor"
        " FROM notice_item"
        " ORDER BY due_date, document_number"
    ):
        lines[notice_id].append(Line(*line))
    return [
        Told(
            notice_id=row[0],
            run_date=_day(row[1]),
            debtor=row[2],
            stage=row[3],
            channel=row[4],
            deadline=_day(row[5]) if row[5] else None,
            total=row[6],
            codes=tuple(code for code, _ in json.loads(row[7])) if row[9] == "" else (),
            letter=row[8],
            status=row[9],
            sent_on=_day(row[10]) if row[10] else None,
            lines=tuple(lines[row[0]]),
        )
        for row in rows
    ]


def _day(text: object) -> date:
    return date.fromisoformat(str(text)[:10])
