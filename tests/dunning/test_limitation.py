"""Until when a claim can be enforced, and what moves that day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.limitation import (
    Suspension,
    SuspensionGround,
    days_to_warn,
    limitation,
    limitation_end,
    title_end,
)

if TYPE_CHECKING:
    from dunning.countries import CountryLaw


def day(text: str) -> date:
    return date.fromisoformat(text)


def pauses(text: str) -> list[Suspension]:
    """Read "talks 2025-01-01 2025-02-01, court 2025-06-01 -"."""
    names = {"talks": "negotiations"}
    found = []
    for part in filter(None, text.split(", ")):
        name, first, last = part.split()
        ground = SuspensionGround(names.get(name, name))
        found.append(Suspension(ground=ground, first_day=day(first), last_day=None if last == "-" else day(last)))
    return found


@pytest.mark.parametrize(
    ("due", "last_day"),
    [("2022-05-10", "2025-12-31"), ("2022-12-31", "2025-12-31"), ("2023-01-01", "2026-12-31")],
)
def test_a_claim_is_enforceable_until_the_end_of_the_third_year_after_its_due_date(due: str, last_day: str) -> None:
    assert limitation_end(day(due)) == day(last_day)


# due, suspended, acknowledged -> the end
MOVED = [
    ("2021-06-30", "", "", "2024-12-31"),
    # Ten days of deferral add ten days.
    ("2021-06-30", "deferral 2024-03-01 2024-03-10", "", "2025-01-10"),
    # Before the time began, nothing could be suspended; over New Year only its days of January count.
    ("2021-06-30", "deferral 2021-10-01 2021-10-31", "", "2024-12-31"),
    ("2021-06-30", "deferral 2021-12-20 2022-01-05", "", "2025-01-05"),
    # What overlaps is counted once.
    ("2021-06-30", "deferral 2024-03-01 2024-03-10, talks 2024-03-06 2024-03-15", "", "2025-01-15"),
    # Talks that end shortly before the end leave three months; long before it, only their days.
    ("2021-06-30", "talks 2024-12-20 2024-12-27", "", "2025-03-27"),
    ("2021-06-30", "talks 2022-02-01 2022-02-10", "", "2025-01-10"),
    # Begun when it was too late.
    ("2021-06-30", "talks 2025-01-07 2025-02-07", "", "2024-12-31"),
    # In court until six months after the last step: 17 December 2024 to 17 August 2025 are 244 days.
    ("2021-06-30", "court 2024-12-17 2025-02-17", "", "2025-09-01"),
    ("2021-06-30", "court 2024-12-17 -", "", ""),
    # A part payment starts three years anew, to the day.
    ("2021-06-30", "", "2023-09-15", "2026-09-15"),
    ("2021-06-30", "", "2023-09-15 2024-02-01", "2027-02-01"),
    ("2020-06-30", "", "2024-02-29", "2023-12-31"),  # too late: it had ended
    ("2021-06-30", "", "2024-02-29", "2027-02-28"),  # there is no 29 February 2027
    ("2021-06-30", "", "2021-11-30", "2024-12-31"),  # before the time began
    ("2021-06-30", "", "2024-12-31", "2027-12-31"),  # on the very last day
    # Acknowledged first, deferred later: the days are added to the new end.
    ("2021-06-30", "deferral 2025-05-01 2025-05-31", "2023-09-15", "2026-10-16"),
    # Acknowledged while it was suspended: the new years begin, and the rest of the pause is added.
    ("2021-06-30", "deferral 2023-09-01 2023-09-30", "2023-09-15", "2026-09-30"),
]


@pytest.mark.parametrize(("due", "suspended", "acknowledged", "end"), MOVED)
def test_what_suspends_or_restarts_the_time(due: str, suspended: str, acknowledged: str, end: str) -> None:
    found = limitation(day(due), suspensions=pauses(suspended), acknowledged_on=map(day, acknowledged.split()))
    assert (str(found.end) if found.end else "") == end
    assert found.nominal_end == limitation_end(day(due))
    assert len(found.steps) == len(pauses(suspended)) + len(acknowledged.split())


def test_every_step_says_what_happened_and_what_became_of_the_end() -> None:
    found = limitation(
        day("2021-06-30"), suspensions=pauses("deferral 2022-03-01 2022-03-10"), acknowledged_on=[day("2023-09-15")]
    )
    assert [(str(step.end), step.because) for step in found.steps] == [
        ("2025-01-10", "Suspended from 2022-03-01 until 2022-03-10 by deferral (§ 205 BGB)."),
        ("2026-09-15", "Acknowledged on 2023-09-15: the years start anew (§ 212 BGB)."),
    ]


def test_a_suspension_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="the suspension of 2024-03-10 ends on 2024-03-01, before it begins"):
        limitation(day("2021-06-30"), suspensions=pauses("talks 2024-03-10 2024-03-01"))


def test_austria_and_switzerland_count_from_the_due_date(laws: dict[str, CountryLaw]) -> None:
    assert limitation_end(day("2022-05-10"), laws["AT"]) == day("2025-05-10")
    assert limitation_end(day("2022-05-10"), laws["CH"]) == day("2027-05-10")


def test_a_title_lives_thirty_years() -> None:
    assert title_end(day("2026-03-15")) == day("2056-03-15")


def test_somebody_is_warned_long_before_the_end() -> None:
    assert days_to_warn(day("2026-12-31")) == tuple(
        map(day, ("2026-07-01", "2026-10-01", "2026-12-01", "2026-12-15"))
    )
    assert days_to_warn(day("2027-05-03")) == tuple(
        map(day, ("2026-11-04", "2027-02-04", "2027-04-04", "2027-04-17"))
    )


dates = st.dates(min_value=date(2018, 1, 1), max_value=date(2027, 12, 31))
suspensions = st.builds(
    lambda ground, first, days: Suspension(ground=ground, first_day=first, last_day=first + timedelta(days=days)),
    st.sampled_from(SuspensionGround),
    dates,
    st.integers(min_value=0, max_value=900),
)


@given(due=dates, stopped=st.lists(suspensions, max_size=4), acknowledged=st.lists(dates, max_size=4))
def test_neither_suspension_nor_acknowledgement_ever_makes_the_end_earlier(
    due: date, stopped: list[Suspension], acknowledged: list[date]
) -> None:
    nominal = limitation_end(due)
    suspended = limitation(due, suspensions=stopped).end
    both = limitation(due, suspensions=stopped, acknowledged_on=acknowledged).end
    assert suspended is not None
    assert both is not None
    assert nominal <= suspended <= both
    mixed = limitation(due, suspensions=reversed(stopped), acknowledged_on=reversed(acknowledged)).end
    assert mixed == both
