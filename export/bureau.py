"""The list for a credit bureau (Auskunftei, § 31 BDSG) as files: each claim with each condition and its evidence."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dunning.credit_bureau import Answer
from export.tables.excel_safe import excel_safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from dunning.credit_bureau import Condition
    from ledger.money import Money

CONDITIONS: Final = (
    "two_written",
    "four_weeks",
    "notice_in_time",
    "undisputed",
    "not_time_barred",
    "no_insolvency",
)
COLUMNS: Final = (
    "debtor_number",
    "debtor",
    "document_number",
    "open",
    "currency",
    "ready",
    *CONDITIONS,
    "evidence",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauLine:
    """One open claim with the answer to every condition.

    It is the least frame; whether the interest in telling outweighs the debtor's (Art. 6 (1) (f) GDPR) a person
    decides each time. Nothing is ever reported from here.
    """

    debtor_number: str
    debtor_name: str
    document_number: str
    still_open: Money
    day: date  # as of
    conditions: Sequence[Condition]

    @property
    def ready(self) -> bool:
        """Whether every condition is met, and shown to be."""
        return all(one.answer is Answer.MET for one in self.conditions)


def bureau_json(lines: Iterable[BureauLine]) -> list[dict[str, Any]]:
    """Give the list for machines."""
    return [
        {
            "debtor_number": line.debtor_number,
            "name": line.debtor_name,
            "document_number": line.document_number,
            "open_minor": line.still_open.minor,
            "currency": line.still_open.currency,
            "as_of": line.day.isoformat(),
            "ready": line.ready,
            "conditions": [
                {
                    "name": one.name,
                    "answer": one.answer.value,
                    "since": one.since.isoformat() if one.since else "",
                    "evidence": one.evidence,
                }
                for one in line.conditions
            ],
        }
        for line in lines
    ]


def bureau_json_bytes(lines: Iterable[BureauLine]) -> bytes:
    """Write the list as a JSON file."""
    return (json.dumps(bureau_json(lines), ensure_ascii=False, indent=2) + "\n").encode()


def bureau_csv(lines: Iterable[BureauLine]) -> bytes:
    """Write the list for a spreadsheet: UTF-8 with byte order mark, semicolons; met, not_met or unknown."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([excel_safe(cell) for cell in _row(line)] for line in lines)
    return b"\xef\xbb\xbf" + table.getvalue().encode()


def _row(line: BureauLine) -> tuple[str, ...]:
    answers = {one.name: one for one in line.conditions}
    return (
        line.debtor_number,
        line.debtor_name,
        line.document_number,
        str(line.still_open.decimal()).replace(".", ","),
        line.still_open.currency,
        "yes" if line.ready else "no",
        *(_answer(answers[name]) for name in CONDITIONS),
        "; ".join(f"{one.name}: {one.evidence}" for one in line.conditions),
    )


def _answer(condition: Condition) -> str:
    since = f" since {condition.since}" if condition.since else ""
    return f"{condition.answer.value}{since}"
