"""One or two in a hundred automatic bookings are drawn, nobody knows which, and their results bound the errors."""

from __future__ import annotations

from datetime import date
from typing import Final

import pytest

from reconciliation.audit_draw import DRAWN_SHARE, Audited, Verdict, is_drawn, verdict

DAY: Final = date(2026, 7, 1)


def test_about_fifteen_of_a_thousand_are_drawn() -> None:
    drawn = sum(is_drawn("muster", f"entry {at}", DAY) for at in range(20_000))
    assert 250 < drawn < 350
    assert DRAWN_SHARE == 0.015


def test_what_is_drawn_depends_on_company_entry_and_night_alone() -> None:
    entries = [f"entry {at}" for at in range(5_000)]

    def drawn(company: str, day: date) -> set[str]:
        return {entry for entry in entries if is_drawn(company, entry, day)}

    first = drawn("muster", DAY)
    assert drawn("muster", DAY) == first
    assert len(first & drawn("muster", date(2026, 7, 2))) < 10
    assert len(first & drawn("other", DAY)) < 10


@pytest.mark.parametrize(
    ("audited", "wrong", "says"),
    [
        (0, 0, Verdict.TOO_FEW),
        (500, 0, Verdict.TOO_FEW),
        (998, 0, Verdict.HOLDS),
        (998, 1, Verdict.BROKEN),  # at most 0.47 %, and 0.3 % are promised
        (5_000, 8, Verdict.HOLDS),
        (5_000, 9, Verdict.BROKEN),
        (100, 1, Verdict.TOO_FEW),  # may happen under the promise
        (100, 2, Verdict.BROKEN),  # once in thirty such audits, if the promise held
        (10, 1, Verdict.BROKEN),
    ],
)
def test_an_audit_breaks_a_promise_of_three_in_a_thousand(audited: int, wrong: int, says: Verdict) -> None:
    assert verdict(Audited(audited=audited, wrong=wrong), 0.003) is says


def test_the_bound_of_no_audit_at_all_is_everything() -> None:
    assert Audited(audited=0, wrong=0).bound == 1.0
    assert Audited(audited=100, wrong=0).bound == pytest.approx(0.0295, abs=1e-4)
