"""Tracks: who is dunned on which ladder, and what happens to an item that changes it."""

from __future__ import annotations

import copy
import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.due import is_day_for, next_stage
from dunning.notice import Channel
from dunning.stage import LetterPer, SentStage, read_procedure
from dunning.track import STANDARD, Choice, Choosing, Relation, chosen_track, narrowest_first
from ledger.calendar import Region
from ledger.debtor import Debtor, DebtorType
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Callable

    from dunning.stage import Procedure

HOUSE = tomllib.loads((Path(__file__).parents[2] / "config" / "dunning.toml").read_text(encoding="utf-8"))
BAVARIA = Region("DE", "BY")
DAY = date(2026, 6, 16)
FRIEND = Relation(since=date(2019, 3, 1), turnover_of_a_year_minor=2_000_000, reminders_of_a_year=1)


def invoice(end_to_end_id: str = "") -> OpenItem:
    return OpenItem(
        item_id="list:invoice:RE-1",
        document_number="RE-1",
        kind=ItemKind.INVOICE,
        debtor_number="10001",
        document_date=date(2026, 4, 1),
        due_date=date(2026, 4, 15),
        amount=Money(11900, "EUR"),
        open_amount=Money(11900, "EUR"),
        end_to_end_id=end_to_end_id,
    )


def debtor(kind: str = "business", country: str = "DE") -> Debtor:
    return Debtor(number="10001", name="Huber GmbH", type=DebtorType(kind), country=country)


def choice(track: str, **named: Any) -> Choice:
    return Choice(track=track, because=f"test: {', '.join(named)}", **named)


def track(
    procedure: Procedure,
    *own: Choice,
    who: Debtor | None = None,
    item: OpenItem | None = None,
    relation: Relation | None = None,
    groups: tuple[str, ...] = (),
) -> str:
    choosing = Choosing(own=own, groups={"10001": frozenset(groups)}, country="DE")
    return chosen_track(
        item or invoice(),
        who or debtor(),
        relation or Relation(),
        procedure.by_track,
        narrowest_first(own, procedure.choices),
        choosing,
        DAY,
    ).track.name


@pytest.mark.parametrize(
    ("who", "item", "relation", "expected"),
    [
        (debtor(), invoice(), Relation(), "standard"),
        (debtor("consumer"), invoice(), Relation(), "consumer"),
        (debtor("unknown"), invoice(), Relation(), "standard"),
        (debtor(country="AT"), invoice(), Relation(), "foreign"),
        (debtor("consumer", "AT"), invoice(), Relation(), "consumer"),
        (debtor("consumer"), invoice("LS-1"), FRIEND, "direct_debit"),
        (debtor(), invoice(), FRIEND, "gentle"),
        (debtor(), invoice(), replace(FRIEND, since=date(2021, 6, 17)), "standard"),  # five years from tomorrow on
        (debtor(), invoice(), replace(FRIEND, since=date(2021, 6, 16)), "gentle"),
        (debtor(), invoice(), replace(FRIEND, turnover_of_a_year_minor=499_999), "standard"),
        (debtor(), invoice(), replace(FRIEND, reminders_of_a_year=3), "standard"),
        (debtor(), invoice(), replace(FRIEND, since=None), "standard"),
    ],
)
def test_the_house_puts_a_debtor_on_a_track_by_what_our_books_know(
    procedure: Procedure, who: Debtor, item: OpenItem, relation: Relation, expected: str
) -> None:
    assert track(procedure, who=who, item=item, relation=relation) == expected


def test_the_company_goes_before_the_house_and_the_narrowest_choice_before_the_others(procedure: Procedure) -> None:
    own = [
        choice("foreign", countries=frozenset({"DE"})),
        choice("public_body", groups=frozenset({"städte"})),
        choice("strict", customers=frozenset({"10001"})),
        choice("protected", documents=frozenset({"RE-1"})),
    ]
    chosen = [track(procedure, *own[:count], relation=FRIEND, groups=("städte",)) for count in range(5)]
    assert chosen == ["gentle", "foreign", "public_body", "strict", "protected"]
    assert track(procedure, *own[::-1], groups=("städte",)) == "protected"


def test_everything_a_choice_names_must_hold(procedure: Procedure) -> None:
    picky = choice("strict", customers=frozenset({"10001"}), debtor_types=frozenset({"consumer"}))
    assert track(procedure, picky) == "standard"
    assert track(procedure, picky, who=debtor("consumer")) == "strict"


def test_every_track_of_the_house_is_a_ladder_of_the_stages_and_keeps_the_gap(procedure: Procedure) -> None:
    assert [one.name for one in procedure.tracks] == [
        *("gentle", "protected", "strict", "consumer", "public_body", "direct_debit", "foreign"),
    ]
    for one in procedure.tracks:
        assert one.minimum_gap_days >= procedure.minimum_gap_days
        # Nobody hears of the next step before the deadline of this one and a bank day are over.
        for lower, higher in zip(one.stages, one.stages[1:], strict=False):
            assert higher.days_after_previous > lower.deadline_days - 1
    protected = procedure.by_track["protected"]
    assert all(stage.needs_release for stage in protected.stages)
    assert not any(Channel.AGENCY in stage.channels for stage in protected.stages)


def test_before_a_credit_bureau_may_hear_of_a_consumer_two_reminders_and_four_weeks_have_passed(
    procedure: Procedure,
) -> None:
    written = [stage for stage in procedure.by_track["consumer"].stages if stage.is_mahnung]
    assert sum(stage.days_after_previous for stage in written[1:3]) >= 28


def sent(stage: str, day: str) -> SentStage:
    return SentStage(stage=stage, sent_on=date.fromisoformat(day), deadline=None, channel=Channel.LETTER)


@pytest.mark.parametrize(
    ("history", "on_track", "following"),
    [
        ([], "strict", "reminder"),
        (["reminder"], "strict", "first_dunning"),
        (["reminder", "call"], "consumer", "first_dunning"),
        (["reminder", "call", "first_dunning"], "strict", "final_notice"),
        (["reminder"], "protected", "call"),
        (["reminder", "call", "first_dunning", "second_dunning"], "gentle", "final_notice"),
        (["final_notice"], "public_body", "nothing"),
        (["agency"], "standard", "nothing"),
    ],
)
def test_an_item_that_changes_its_track_goes_on_above_what_was_sent(
    procedure: Procedure, history: list[str], on_track: str, following: str
) -> None:
    stages = [sent(name, f"2026-05-{n:02}") for n, name in enumerate(history, 1)]
    found = next_stage(date(2026, 4, 15), stages, procedure, BAVARIA, track=procedure.by_track[on_track])
    assert (found.stage.name if found else "nothing") == following


def test_a_stage_is_only_said_on_its_weekdays_and_never_on_a_holiday(procedure: Procedure) -> None:
    tuesdays = replace(procedure.stages[0], weekdays=frozenset({1}))
    only = replace(procedure, stages=(tuesdays, *procedure.stages[1:]))
    found = next_stage(date(2026, 4, 22), (), only, BAVARIA)
    assert found is not None
    assert found.not_before == date(2026, 5, 5)  # a week after 22 April is a Wednesday, the next Tuesday counts
    assert not is_day_for(procedure.stages[0], date(2026, 5, 1), BAVARIA)  # a Friday, and Labour Day
    assert not is_day_for(procedure.stages[0], date(2026, 5, 2), BAVARIA)


def test_working_days_leave_out_weekends_and_holidays(procedure: Procedure) -> None:
    first = replace(procedure.stages[0], count_working_days=True, days_overdue=5)
    found = next_stage(date(2026, 4, 28), (), replace(procedure, stages=(first, *procedure.stages[1:])), BAVARIA)
    assert found is not None
    assert found.not_before == date(2026, 5, 6)  # Wed, Thu, (Fri is Labour Day), Mon, Tue, Wed


MISTAKES: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda t: t["track"][0].update(name=STANDARD), "track standard: the [[stage]] blocks are its ladder"),
    (lambda t: t["track"][1].update(name="gentle"), "track gentle: the name is used twice"),
    (
        lambda t: t["track"][2]["steps"].append({"stage": "visit"}),
        "track strict: step visit: there is no such stage; there is reminder, call, first_dunning, second_dunning",
    ),
    (
        lambda t: t["track"][2]["steps"][1].update(days_overdue=2),
        "track strict: stage first_dunning: days_overdue = 2 is not later than 3 of reminder; a ladder leads upwards",
    ),
    (
        lambda t: t["track"][2].update(steps=[]),
        'track strict: steps = []: write a list of steps: [{ stage = "reminder"',
    ),
    (
        lambda t: t["choice"][0].update(track="soft"),
        "choice of track soft: there is no such track; there is consumer",
    ),
    (lambda t: t["choice"].append({"track": "strict", "because": "x"}), "choice number 5: it names no condition"),
    (
        lambda t: t["choice"][2].update(debtor_types=["dog"]),
        "choice number 3: debtor_types = ['dog']: dog is no type; known are business, consumer, unknown",
    ),
    (
        lambda t: t.update(one_letter_per="house"),
        "procedure: one_letter_per = 'house': known are debtor, stage, item",
    ),
    (
        lambda t: t["stage"][0].update(weekdays=["tues"]),
        "weekdays = ['tues']: write a list of weekdays; known are monday",
    ),
    (lambda t: t.update(track={}), "procedure: track must be a list of tables; write [[track]]"),
    (lambda t: t.update(choice={}), "procedure: choice must be a list of tables; write [[choice]]"),
    (
        lambda t: t["track"][2].update(
            steps=[
                {"stage": "call", "days_overdue": 5, "days_after_previous": 0},
                {"stage": "reminder", "days_overdue": 9, "days_after_previous": 7},
            ]
        ),
        "track strict: the steps must come in the order of the stages: reminder, call",
    ),
]


@pytest.mark.parametrize(("spoil", "says"), MISTAKES)
def test_a_mistake_in_a_track_or_a_choice_is_told(spoil: Callable[[dict[str, Any]], object], says: str) -> None:
    table = copy.deepcopy(HOUSE)
    spoil(table)
    with pytest.raises(ValueError, match=re.escape(says)):
        read_procedure(table)


def test_the_letters_of_a_debtor_may_be_separate(procedure: Procedure) -> None:
    assert procedure.one_letter_per is LetterPer.DEBTOR
    table = copy.deepcopy(HOUSE) | {"one_letter_per": "stage"}
    assert read_procedure(table).one_letter_per is LetterPer.STAGE


@given(data=st.data(), count=st.integers(min_value=0, max_value=6))
def test_whatever_track_an_item_is_on_the_next_stage_is_higher_than_any_that_was_sent(
    procedure: Procedure, data: st.DataObject, count: int
) -> None:
    names = [stage.name for stage in procedure.stages]
    history = [sent(name, "2026-05-04") for name in data.draw(st.permutations(names))[:count]]
    on = procedure.by_track[data.draw(st.sampled_from(sorted(procedure.by_track)))]
    found = next_stage(date(2026, 4, 15), history, procedure, BAVARIA, track=on)
    reached = max((names.index(one.stage) for one in history), default=-1)
    left = [stage.name for stage in on.stages if names.index(stage.name) > reached]
    assert (found.stage.name if found else None) == (left[0] if left else None)
