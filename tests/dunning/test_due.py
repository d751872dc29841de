"""Which stage comes next for an item, and on which day at the earliest."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from dunning.due import next_stage
from dunning.notice import Channel
from dunning.stage import SentStage
from ledger.calendar import Region

if TYPE_CHECKING:
    from dunning.stage import Procedure

BAVARIA = Region("DE", "BY")


def sent(text: str) -> SentStage:
    stage, day, *deadline = text.split()
    return SentStage(
        stage=stage,
        sent_on=date.fromisoformat(day),
        deadline=date.fromisoformat(deadline[0]) if deadline else None,
        channel=Channel.EMAIL,
    )


# due date | stages sent, with their deadlines | next stage and its first day
TABLE = """
2026-05-04 |                                                            | reminder 2026-05-11
2026-05-01 |                                                            | reminder 2026-05-11
2025-01-01 |                                                            | reminder 2025-01-09
2026-05-04 | reminder 2026-05-11 2026-05-18                             | call 2026-05-19
2026-05-04 | reminder 2026-05-11                                        | call 2026-05-18
2026-05-04 | reminder 2026-05-08 2026-05-15                             | call 2026-05-18
2026-03-02 | reminder 2026-03-25 2026-04-02                             | call 2026-04-07
2025-01-02 | reminder 2026-05-11 2026-05-18                             | call 2026-05-19
2026-05-04 | reminder 2026-05-11 2026-05-18, call 2026-05-19 2026-05-26 | first_dunning 2026-05-27
2026-05-04 | call 2026-05-19 2026-05-26, reminder 2026-05-11 2026-05-18 | first_dunning 2026-05-27
2026-05-04 | first_dunning 2026-05-27 2026-06-08                        | second_dunning 2026-06-10
2026-05-04 | second_dunning 2026-06-10 2026-06-22                       | final_notice 2026-06-24
2026-05-04 | final_notice 2026-06-24 2026-07-06                         | agency 2026-07-09
2026-05-04 | agency 2026-07-09                                          | nothing
2026-05-04 | friendly_mail 2026-05-20 2026-05-29                        | reminder 2026-06-01
2026-05-04 | reminder 2026-05-11 2026-05-18, sms 2026-06-01             | call 2026-06-08
"""


@pytest.mark.parametrize("row", TABLE.strip().splitlines())
def test_the_next_stage_and_its_first_day(procedure: Procedure, row: str) -> None:
    due, history, expected = (cell.strip() for cell in row.split("|"))
    stages = [sent(one) for one in history.split(", ") if one]
    found = next_stage(date.fromisoformat(due), stages, procedure, BAVARIA)
    assert (f"{found.stage.name} {found.not_before}" if found else "nothing") == expected


def test_a_holiday_at_the_debtors_place_moves_the_first_stage_too(procedure: Procedure) -> None:
    due = date(2025, 11, 19)  # the Day of Repentance, kept in Saxony
    alone = next_stage(due, [], procedure, BAVARIA)
    saxon = next_stage(due, [], procedure, BAVARIA, places=(BAVARIA, Region("DE", "SN")))
    assert alone
    assert saxon
    assert [str(alone.not_before), str(saxon.not_before)] == ["2025-11-26", "2025-11-27"]
