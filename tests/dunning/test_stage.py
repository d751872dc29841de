"""The ladder as data: what the house ships, and what is refused, with every mistake at once."""

from __future__ import annotations

import copy
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dunning.notice import Channel
from dunning.stage import ladder, read_procedure

if TYPE_CHECKING:
    from collections.abc import Callable

    from dunning.stage import Procedure

HOUSE = tomllib.loads((Path(__file__).parents[2] / "config" / "dunning.toml").read_text(encoding="utf-8"))


def test_the_house_ladder_leads_from_a_friendly_mail_to_the_agency(procedure: Procedure) -> None:
    assert [
        (s.name, s.days_overdue, s.days_after_previous, s.deadline_days, s.minimum_minor, s.channels[0])
        for s in procedure.stages
    ] == [
        ("reminder", 7, 0, 7, 500, Channel.EMAIL),
        ("call", 14, 7, 7, 500, Channel.CALL),
        ("first_dunning", 21, 7, 10, 2000, Channel.LETTER),
        ("second_dunning", 35, 14, 10, 2000, Channel.LETTER),
        ("final_notice", 49, 14, 10, 2000, Channel.LETTER),
        ("agency", 64, 15, 0, 5000, Channel.AGENCY),
    ]
    assert (procedure.minimum_gap_days, procedure.max_statement_age_bank_days, procedure.max_mirror_age_days) == (
        7,
        3,
        0,
    )


def test_interest_is_shown_from_the_second_letter_on_and_no_stage_costs_a_fee(procedure: Procedure) -> None:
    assert [s.name for s in procedure.stages if s.interest] == ["second_dunning", "final_notice", "agency"]
    assert {s.fee_minor for s in procedure.stages} == {0}


def test_only_the_hand_over_waits_for_a_release(procedure: Procedure) -> None:
    assert [s.name for s in procedure.stages if s.needs_release] == ["agency"]


def test_a_title_is_in_the_debtors_language_or_else_in_english(procedure: Procedure) -> None:
    reminder = procedure.stages[0]
    assert [reminder.title(language) for language in ("de", "en", "fr")] == [
        "Zahlungserinnerung",
        "Payment reminder",
        "Payment reminder",
    ]


def test_a_ladder_is_climbed_by_name(procedure: Procedure) -> None:
    assert procedure.position("reminder") == 0
    assert procedure.position("agency") == 5
    assert procedure.position("third_dunning") is None
    assert procedure.stage("third_dunning") is None


def test_stages_that_are_no_ladder_are_refused(procedure: Procedure) -> None:
    with pytest.raises(ValueError, match="is not later than") as refused:
        ladder(reversed(procedure.stages))
    assert len(str(refused.value).splitlines()) == 7
    assert ladder(procedure.stages) == procedure.stages


MISTAKES: list[tuple[Callable[[dict[str, Any]], object], list[str]]] = [
    (lambda t: t.update(stage=[]), ["the ladder has no stage; write at least one [[stage]]"]),
    (lambda t: t.update(stage={}), ["procedure: stage must be a list of tables; write [[stage]]"]),
    (lambda t: t.pop("minimum_gap_days"), ["procedure: minimum_gap_days is missing"]),
    (
        lambda t: t.update(minimum_gap_days="7", gap=1),
        [
            (
                "procedure: gap is not known here; known are one_letter_per, minimum_gap_days, "
                "max_statement_age_bank_days, max_mirror_age_days"
            ),
            "procedure: minimum_gap_days = '7': write a whole number, zero or more",
        ],
    ),
    (
        lambda t: t["stage"][1].update(name="reminder"),
        ["stage reminder: the name is used 2 times; a case would not know where it stands"],
    ),
    (
        lambda t: t["stage"][2].update(days_overdue=14),
        ["stage first_dunning: days_overdue = 14 is not later than 14 of call; a ladder leads upwards"],
    ),
    (
        lambda t: t["stage"][2].update(days_after_previous=0),
        ["stage first_dunning: days_after_previous = 0 would send it on the same day as call"],
    ),
    (
        lambda t: t["stage"][0].update(days_overdue=0),
        ["stage reminder: days_overdue = 0 would dun on the due date itself; nobody is late yet"],
    ),
    (
        lambda t: t["stage"][5].update(needs_release=False, is_mahnung=True),
        [
            "stage agency: a hand-over to the agency is a person's decision; write needs_release = true",
            "stage agency: a hand-over says nothing to the debtor; write is_mahnung = false",
        ],
    ),
    (
        lambda t: t["stage"][4].update(channels=["letter", "agency"], needs_release=True, is_mahnung=False),
        ["stage agency: nothing follows final_notice; after a hand-over only the agency speaks"],
    ),
    (
        lambda t: t["stage"][0].update(channels=["email", "fax"]),
        [
            (
                "stage reminder: channels = ['email', 'fax']: one of these is no channel; "
                "known are email, letter, call, agency"
            )
        ],
    ),
    (
        lambda t: t["stage"][0].update(channels=["email", "email"]),
        ["stage reminder: channels = ['email', 'email']: name each channel once"],
    ),
    (
        lambda t: t["stage"][0].update(channels=[]),
        [
            (
                "stage reminder: channels = []: write a list of channels, the preferred one first; "
                "known are email, letter, call, agency"
            )
        ],
    ),
    (
        lambda t: t["stage"][0].update(titles={"en": "Reminder"}),
        ["stage reminder: titles lacks the German one; write titles = { de = … }"],
    ),
    (
        lambda t: t["stage"][0].update(titles="Mahnung"),
        [
            (
                "stage reminder: titles = 'Mahnung': write a title for each language: "
                '{ de = "1. Mahnung", en = "First reminder" }'
            )
        ],
    ),
    (
        lambda t: (t["stage"][0].update(interest=1, fee_minor=True, fee=5), t["stage"][3].pop("template")),
        [
            (
                "stage reminder: fee is not known here; known are name, titles, days_overdue, days_after_previous, "
                "count_working_days, weekdays, channels, deadline_days, minimum_minor, interest, fee_minor, "
                "claims_lump_sum, is_mahnung, needs_release, template"
            ),
            "stage reminder: interest = 1: write true or false",
            "stage reminder: fee_minor = True: write a whole number, zero or more",
            "stage second_dunning: template is missing",
        ],
    ),
    (
        lambda t: t["stage"].__setitem__(slice(None), ["reminder"]),
        ["stage number 1: 'reminder' is not a table"],
    ),
    (
        lambda t: t["stage"][0].update(name=" ", days_overdue=-1),
        [
            "stage number 1: name = ' ': write a name in quotation marks",
            "stage number 1: days_overdue = -1: write a whole number, zero or more",
        ],
    ),
]


@pytest.mark.parametrize(("spoil", "says"), MISTAKES)
def test_every_mistake_in_the_procedure_is_told_at_once(
    spoil: Callable[[dict[str, Any]], object], says: list[str]
) -> None:
    table = copy.deepcopy(HOUSE)
    spoil(table)
    expected = re.escape("\n".join(says))
    with pytest.raises(ValueError, match=rf"\A{expected}\Z"):
        read_procedure(table)
