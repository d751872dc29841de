"""A rule of the company is a decision: dated, signed, in the log, and ended by another decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Refused
from ledger.money import Money
from ledger.statement import EntryKind
from reconciliation.company_rules import CompanyRule, Direction, RuleEffect
from storage.company_rules import add_rule, load_rules, revoke_rule
from storage.database import reading, transaction
from storage.decisions import broken_links, head
from tests.storage.given import AUTHOR, COMPANY, RUN_DATE

if TYPE_CHECKING:
    from sqlalchemy import Engine

FULL = CompanyRule(
    label="Kartenumsätze",
    effect=RuleEffect.ALWAYS_ASK,
    payer_account="DE99",
    payer_name="Concardis",
    text="Abrechnung",
    kind=EntryKind.TRANSFER,
    transaction_code="166",
    minimum=Money(0, "EUR"),
    maximum=Money(500_000, "EUR"),
    direction=Direction.IN,
    who="anna",
    why="GP card account",
    added_on=date(2026, 5, 20),
)
SHORT = CompanyRule(label="Miete", effect=RuleEffect.SET_ASIDE, text="Miete", who="ben", added_on=date(2026, 5, 21))


def test_a_rule_stands_with_everything_said_about_it_until_it_is_revoked(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        first, second = (add_rule(connection, COMPANY, AUTHOR, rule) for rule in (FULL, SHORT))
        revoke_rule(connection, COMPANY, AUTHOR, first, "the terminal is gone")
    with reading(engine) as connection:
        assert (first, second) == ("R1", "R2")
        assert load_rules(connection, COMPANY) == [replace(SHORT, rule_id="R2")]
        assert load_rules(connection, COMPANY, revoked=True) == [
            replace(FULL, rule_id="R1", revoked_on=RUN_DATE),
            replace(SHORT, rule_id="R2"),
        ]
        assert load_rules(connection, "other") == []
        assert head(connection, COMPANY).seq == 3
        assert list(broken_links(connection, COMPANY)) == []


def test_the_same_rule_does_not_stand_twice_and_may_come_again_after_it_was_revoked(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        add_rule(connection, COMPANY, AUTHOR, SHORT)
        with pytest.raises(Refused, match="rule R1 says the same already"):
            add_rule(connection, COMPANY, AUTHOR, replace(SHORT, label="Pacht", who="anna"))
        revoke_rule(connection, COMPANY, AUTHOR, "R1", "")
        assert add_rule(connection, COMPANY, AUTHOR, SHORT) == "R3"


def test_only_a_rule_in_force_can_be_revoked(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        revoke_rule(connection, COMPANY, AUTHOR, add_rule(connection, COMPANY, AUTHOR, SHORT), "")
        for rule_id in ("R1", "R99"):
            with pytest.raises(Refused, match=f"rule {rule_id}: there is none in force that could be revoked"):
                revoke_rule(connection, COMPANY, AUTHOR, rule_id, "")
