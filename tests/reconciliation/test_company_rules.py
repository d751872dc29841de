"""The accountant's own rules: one step to add, never in the way of an open document, tried on the past first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.allocation import Allocation, AllocationKind
from ledger.money import Money
from ledger.statement import EntryKind, StatementEntry
from reconciliation.company_rules import (
    NO_RULES,
    CompanyRule,
    Direction,
    RuleEffect,
    UnusableRule,
    rule_book,
    rule_from,
    tried,
)
from reconciliation.ignored import asked_because, ignored_because
from tests.reconciliation.table import read_book

if TYPE_CHECKING:
    from random import Random

TODAY = date(2026, 5, 20)


def rule(**said: Any) -> CompanyRule:
    return CompanyRule(
        **{"label": "Kartenumsätze", "effect": RuleEffect.SET_ASIDE, "who": "anna", "added_on": TODAY, **said}
    )


def entry(minor: int = 11_900, **said: Any) -> StatementEntry:
    facts = {"payer_name": "Concardis GmbH", "payer_iban": "DE99", "remittance": "Abrechnung 05/12", **said}
    return StatementEntry(
        account="DE1", booking_date=date(2026, 5, 6), amount=Money(minor, "EUR"), entry_id="e1", **facts
    )


@pytest.mark.parametrize(
    ("said", "matches"),
    [
        ({"payer_account": "de 99"}, True),
        ({"payer_account": "DE98"}, False),
        ({"payer_name": "concardis"}, True),
        ({"payer_name": "GmbH Concardis"}, True),
        ({"payer_name": "Concardis AG"}, False),
        ({"text": "abrechnung 0512"}, True),
        ({"text": "Gutschrift"}, False),
        ({"kind": EntryKind.TRANSFER}, True),
        ({"kind": EntryKind.CARD_SETTLEMENT}, False),
        ({"transaction_code": "16"}, True),
        ({"transaction_code": "116"}, False),
        ({"payer_name": "Concardis", "minimum": Money(10_000, "EUR")}, True),
        ({"payer_name": "Concardis", "minimum": Money(11_900, "EUR"), "maximum": Money(11_900, "EUR")}, True),
        ({"payer_name": "Concardis", "maximum": Money(11_899, "EUR")}, False),
        ({"payer_name": "Concardis", "maximum": Money(20_000, "CHF")}, False),
        ({"payer_name": "Concardis", "direction": Direction.IN}, True),
        ({"payer_name": "Concardis", "direction": Direction.OUT}, False),
    ],
)
def test_a_rule_matches_where_every_condition_is_met(said: dict[str, Any], *, matches: bool) -> None:
    assert rule(**said).matches(entry(kind=EntryKind.TRANSFER, transaction_code="166")) is matches


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "match strangers"),
        ({"direction": Direction.IN, "minimum": Money(1, "EUR")}, "match strangers"),
        ({"text": "a-"}, "too short"),
        ({"payer_name": "***"}, "no letters"),
        ({"payer_name": "X", "minimum": Money(-1, "EUR")}, "no sign"),
        ({"payer_name": "X", "minimum": Money(2, "EUR"), "maximum": Money(1, "EUR")}, "nothing lies between"),
        ({"payer_name": "X", "minimum": Money(1, "EUR"), "maximum": Money(2, "CHF")}, "two currencies"),
        ({"payer_name": "X", "label": " "}, "needs a label"),
    ],
)
def test_a_rule_that_says_too_little_or_nonsense_is_refused_with_what_to_do(said: dict[str, Any], why: str) -> None:
    with pytest.raises(UnusableRule, match=why):
        rule(**said)


def test_the_most_specific_rule_decides_and_of_equals_asking_goes_first() -> None:
    by_name = rule(rule_id="R1", payer_name="Concardis")
    by_name_and_text = rule(rule_id="R2", payer_name="Concardis", text="Abrechnung")
    by_account = rule(rule_id="R3", payer_account="DE99")
    asking = rule(rule_id="R4", payer_account="DE99", effect=RuleEffect.ALWAYS_ASK)
    revoked = rule(rule_id="R5", payer_account="DE99", text="Abrechnung", revoked_on=TODAY)
    rules = [by_name, by_name_and_text, by_account, asking, revoked]
    decided = []
    while rules:
        chosen = rule_book(rules).rule_for(entry())
        if chosen is None:
            break
        decided.append(chosen.rule_id)
        rules.remove(chosen)
    assert decided == ["R4", "R3", "R2", "R1"]
    assert NO_RULES.rule_for(entry()) is None


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.builds(
            rule,
            payer_account=st.sampled_from(["", "DE99"]),
            text=st.sampled_from(["abr", "Abrechnung"]),
            effect=st.sampled_from(RuleEffect),
            rule_id=st.sampled_from(["R1", "R2", "R3"]),
        ),
        max_size=6,
        unique_by=lambda one: one.rule_id,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_rules_decides_nothing(rules: list[CompanyRule], chance: Random) -> None:
    assert rule_book(chance.sample(rules, len(rules))).rule_for(entry()) == rule_book(rules).rule_for(entry())


def test_always_for_this_payer_takes_account_and_direction_from_one_entry() -> None:
    proposed = rule_from(entry(), who="anna", added_on=TODAY)
    assert (proposed.payer_account, proposed.payer_name, proposed.direction) == ("DE99", "", Direction.IN)
    assert proposed.label == "card payments of customers (Kartenumsätze), paid out by Concardis GmbH"
    assert proposed.matches(entry(remittance="other text", payer_name="CONCARDIS"))
    assert not proposed.matches(entry(-500))
    by_name = rule_from(entry(payer_iban="", payer_name="Werk Süd"), who="anna", added_on=TODAY)
    assert (by_name.payer_name, by_name.label) == ("Werk Süd", "money from Werk Süd")
    with pytest.raises(UnusableRule, match="neither account nor name"):
        rule_from(entry(payer_iban="", payer_name=""), who="anna", added_on=TODAY)


def test_trying_a_rule_shows_what_it_would_have_matched_and_warns_of_payments_of_debtors() -> None:
    harmless = entry()._replace(entry_id="e2", booking_date=date(2026, 4, 1))
    other = entry(payer_iban="DE11", payer_name="Muster Bau")._replace(entry_id="e3")
    settled = Allocation(kind=AllocationKind.PAYMENT, amount=Money(11_900, "EUR"), item_id="i1")
    trial = tried(rule(payer_account="DE99"), [entry(), harmless, other], {"e1": [settled]})
    assert [one.entry_id for one in trial.matched] == ["e2", "e1"]
    assert trial.warning().startswith("1 of 2 matched entries were booked to documents, the first on 06.05.2026 over")
    on_account = replace(settled, item_id="", kind=AllocationKind.ON_ACCOUNT)
    assert not tried(rule(payer_account="DE99"), [entry()], {"e1": [on_account]}).warning()


def test_a_rule_sets_aside_but_never_what_names_an_open_document_or_comes_back() -> None:
    book = read_book("""
        item RE-2026-00471  119,00
        closed RE-2026-00470  119,00
        paid   119,00 "Abrechnung" from DE99 "Concardis"
        paid   119,00 "Abrechnung RE-2026-00471" from DE99 "Concardis"
        paid   119,00 "Abrechnung RE-2026-00470" from DE99 "Concardis"
        return 119,00 "Abrechnung" from DE99 "Concardis"
    """)
    index, rules = book.index(), rule_book([rule(payer_account="DE99", rule_id="R7", why="GP card account")])
    told = "Kartenumsätze: is set aside by the rule R7 of anna of 20.05.2026, because GP card account"
    assert [ignored_because(one, index, rules) for one in book.entries] == [told, "", told, ""]
    assert [asked_because(one, index, rules) for one in book.entries][:2] == [
        (),
        (told, "but it names the open document RE-2026-00471, so a person decides"),
    ]


def test_always_ask_wins_over_what_the_bank_calls_it() -> None:
    book = read_book('paid 119,00 "Zinsen" kind interest from DE99 "Hausbank"')
    rules = rule_book([rule(label="Hausbank", payer_account="DE99", effect=RuleEffect.ALWAYS_ASK)])
    assert ignored_because(book.entries[0], book.index(), rules) == ""
    assert asked_because(book.entries[0], book.index(), rules) == (
        "Hausbank: is always asked by the rule of anna of 20.05.2026",
    )
