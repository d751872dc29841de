"""An apology or thanks speak only of money that closed everything a letter had asked for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.courtesy import Courtesy, SaidOnPaper, Settled, WantedCourtesy, courtesy_for
from ledger.money import Money


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def june(day: int) -> date:
    return date(2026, 6, day)


def said(**more: Any) -> SaidOnPaper:
    """A letter of 9 June about RE-1 and RE-2, taken to have been received on the 12th."""
    facts: dict[str, Any] = {
        "notice_id": "N10",
        "seq": 10,
        "is_formal": True,
        "sent_on": june(9),
        "received_on": june(12),
        "item_ids": ("RE-1", "RE-2"),
        "costs": euros(0),
    }
    return SaidOnPaper(**(facts | more))


def paid(item_id: str, day: int, *, seq: int = 20, is_new: bool = True) -> Settled:
    return Settled(seq=seq, item_id=item_id, credited_on=june(day), amount=euros(10_000), is_new=is_new)


def wanted(
    letters: list[SaidOnPaper],
    money: list[Settled],
    *,
    left: int = 0,
    costs: tuple[tuple[int, Money], ...] = (),
    overdue: bool = False,
) -> WantedCourtesy | None:
    open_minor = {"RE-1": 0, "RE-2": left}
    return courtesy_for(letters, money, open_minor=open_minor, costs_paid=costs, overdue=overdue)


BOTH = [paid("RE-1", 10), paid("RE-2", 11, seq=21)]


def test_money_credited_before_the_letter_was_received_crossed_it() -> None:
    found = wanted([said()], BOTH)
    assert found == WantedCourtesy(
        courtesy=Courtesy.APOLOGY,
        notice_id="N10",
        booked_by=21,
        item_ids=("RE-1", "RE-2"),
        paid=euros(20_000),
        paid_on=june(11),
        written_on=june(9),
    )


@pytest.mark.parametrize(
    ("letter", "money", "more", "says"),
    [
        (said(), [paid("RE-1", 10), paid("RE-2", 12)], {}, Courtesy.THANKS),  # the last may answer the letter
        (said(is_formal=False), [paid("RE-1", 10), paid("RE-2", 12)], {}, None),
        (said(), [paid("RE-1", 10), paid("RE-2", 12)], {"overdue": True}, None),  # not everything is done
        (said(), BOTH, {"overdue": True}, Courtesy.APOLOGY),  # that letter is void all the same
        (said(), BOTH, {"left": 1}, None),  # a cent is open
        (said(), [paid("RE-1", 10)], {}, None),  # RE-2 was closed by something that is no money
        (said(), [paid("RE-1", 10, seq=9), paid("RE-2", 11)], {}, None),  # RE-1 was booked before the letter
        (said(costs=euros(250)), BOTH, {}, None),  # interest or fees are still owed
        (said(costs=euros(250)), BOTH, {"costs": ((9, euros(250)),)}, None),  # those of an earlier letter
        (said(costs=euros(250)), BOTH, {"costs": ((20, euros(250)),)}, Courtesy.APOLOGY),
        (said(), [paid("RE-1", 10, is_new=False), paid("RE-2", 11, is_new=False)], {}, None),  # long ago
    ],
)
def test_what_is_said_about_a_payment(
    letter: SaidOnPaper, money: list[Settled], more: dict[str, Any], says: Courtesy | None
) -> None:
    found = wanted([letter], money, **more)
    assert (found.courtesy if found else None) is says


def test_the_last_letter_about_the_payment_is_the_one_spoken_of() -> None:
    earlier = said(notice_id="N5", seq=5, sent_on=june(1), received_on=june(4))
    found = wanted([earlier, said()], [paid("RE-1", 20), paid("RE-2", 20)])
    assert found is not None
    assert (found.courtesy, found.notice_id) == (Courtesy.THANKS, "N10")


@given(
    st.lists(st.tuples(st.sampled_from(["RE-1", "RE-2"]), st.integers(1, 30), st.integers(1, 40)), max_size=6),
    st.integers(0, 2),
)
def test_nothing_is_said_while_anything_asked_for_is_open_and_no_late_money_is_apologised_for(
    money: list[tuple[str, int, int]], left: int
) -> None:
    settled = [paid(item_id, day, seq=seq) for item_id, day, seq in money]
    found = wanted([said()], settled, left=left)
    assert found is None or left == 0
    if found and found.courtesy is Courtesy.APOLOGY:
        assert found.paid_on < june(12)
