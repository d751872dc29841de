"""The company's own rules (Regeln des Mandanten): added and revoked by decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from ledger.errors import Refused
from ledger.money import Money
from ledger.statement import EntryKind
from reconciliation.company_rules import CompanyRule, Direction, RuleEffect
from storage.decisions import Author, Decided, append
from storage.tables import COMPANY_RULE, COMPANY_RULE_REVOKED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


def add_rule(connection: Connection, company_id: str, author: Author, rule: CompanyRule) -> str:
    """Put a rule in force; return its identification. Raises Refused where the same rule stands already."""
    wanted = _row(rule)
    conditions = wanted.keys() - {"label", "who", "why", "added_on"}
    for standing in load_rules(connection, company_id):
        if all(_row(standing)[one] == wanted[one] for one in conditions):
            raise Refused(f"rule {standing.rule_id} says the same already: {standing.told()}")
    payload = wanted | {"added_on": rule.added_on.isoformat()}
    (seq,) = append(connection, company_id, author, [Decided("company_rule", payload)])
    rule_id = f"R{seq}"
    connection.execute(insert(COMPANY_RULE).values(company_id=company_id, rule_id=rule_id, seq=seq, **wanted))
    return rule_id


def revoke_rule(connection: Connection, company_id: str, author: Author, rule_id: str, why: str) -> None:
    """End a rule; what it set aside is looked at again the next night. Raises Refused where it is not in force."""
    if all(rule.rule_id != rule_id for rule in load_rules(connection, company_id)):
        raise Refused(f"rule {rule_id}: there is none in force that could be revoked")
    payload = {"rule_id": rule_id, "why": why, "revoked_on": author.run_date.isoformat()}
    (seq,) = append(connection, company_id, author, [Decided("company_rule_revoked", payload)])
    connection.execute(
        insert(COMPANY_RULE_REVOKED).values(
            company_id=company_id, rule_id=rule_id, seq=seq, why=why, revoked_on=author.run_date
        )
    )


def load_rules(connection: Connection, company_id: str, *, revoked: bool = False) -> list[CompanyRule]:
    """Give the rules in force in the order they were added; with ``revoked``, those that ended as well."""
    ended = COMPANY_RULE_REVOKED
    rows = connection.execute(
        select(COMPANY_RULE, ended.c.revoked_on)
        .outerjoin(
            ended, (ended.c.company_id == COMPANY_RULE.c.company_id) & (ended.c.rule_id == COMPANY_RULE.c.rule_id)
        )
        .where(COMPANY_RULE.c.company_id == company_id)
        .order_by(COMPANY_RULE.c.seq)
    ).mappings()
    return [_rule(row) for row in rows if revoked or row["revoked_on"] is None]


def _row(rule: CompanyRule) -> dict[str, Any]:
    limit = rule.minimum if rule.minimum is not None else rule.maximum
    return {
        "label": rule.label,
        "effect": rule.effect.value,
        "payer_account": rule.payer_account,
        "payer_name": rule.payer_name,
        "text": rule.text,
        "kind": rule.kind.value if rule.kind else "",
        "transaction_code": rule.transaction_code,
        "minimum_minor": rule.minimum.minor if rule.minimum is not None else None,
        "maximum_minor": rule.maximum.minor if rule.maximum is not None else None,
        "currency": limit.currency if limit is not None else "",
        "direction": rule.direction.value if rule.direction else "",
        "who": rule.who,
        "why": rule.why,
        "added_on": rule.added_on,
    }


def _rule(row: Mapping[Any, Any]) -> CompanyRule:
    currency, minimum, maximum = row["currency"], row["minimum_minor"], row["maximum_minor"]
    return CompanyRule(
        rule_id=row["rule_id"],
        label=row["label"],
        effect=RuleEffect(row["effect"]),
        payer_account=row["payer_account"],
        payer_name=row["payer_name"],
        text=row["text"],
        kind=EntryKind(row["kind"]) if row["kind"] else None,
        transaction_code=row["transaction_code"],
        minimum=Money(minimum, currency) if minimum is not None else None,
        maximum=Money(maximum, currency) if maximum is not None else None,
        direction=Direction(row["direction"]) if row["direction"] else None,
        who=row["who"],
        why=row["why"],
        added_on=row["added_on"],
        revoked_on=row["revoked_on"],
    )
