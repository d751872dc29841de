"""The errands about the company's own rules: listing, adding, revoking, and trying them on what was."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.asked import CompanyOption, ConfigOption, Stop, WhoOption, companies_of, decide, office_of, out, person, told
from ledger.errors import Refused
from ledger.money import MINOR_DIGITS, InexactAmount, Money, german
from ledger.numerals import UnreadableNumber, read_money
from ledger.statement import EntryKind
from night.report import A_PERSON_IS_NEEDED, WRONG_USAGE
from reconciliation.company_rules import CompanyRule, Direction, RuleEffect, UnusableRule, rule_from, tried
from storage.company_rules import add_rule, load_rules, revoke_rule
from storage.database import reading
from storage.matches import load_booked
from storage.statements import load_entries

if TYPE_CHECKING:
    from ledger.allocation import Allocation
    from ledger.statement import StatementEntry
    from reconciliation.company_rules import Trial
    from storage.database import Connection
    from storage.decisions import Author

# A longer list is nobody's ten minutes; the number of all is told.
_MOST_SHOWN = 20

rules_app = typer.Typer(help="The company's own rules about money that is not ours to match.")

LabelOption = Annotated[str, typer.Option("--label", help="What this money is, in your words.")]
AccountOption = Annotated[str, typer.Option("--account", help="The payer's IBAN.")]
NameOption = Annotated[str, typer.Option("--name", help="Words of the payer's name.")]
TextOption = Annotated[str, typer.Option("--text", help="What stands in the remittance information.")]
KindOption = Annotated[EntryKind | None, typer.Option("--kind", help="What moved the money.")]
CodeOption = Annotated[str, typer.Option("--code", help="The bank's transaction code, or its beginning.")]
LeastOption = Annotated[str, typer.Option("--from-amount", help="The smallest amount, without sign.")]
MostOption = Annotated[str, typer.Option("--to-amount", help="The largest amount, without sign.")]
CurrencyOption = Annotated[str, typer.Option("--currency", help="Of the amounts.")]
DirectionOption = Annotated[Direction | None, typer.Option("--direction", help="Only money in, or only out.")]
EntryOption = Annotated[str, typer.Option("--entry", help="Take payer and direction from this entry.")]
EffectOption = Annotated[RuleEffect, typer.Option("--effect", help="What is done with what matches.")]
WhyOption = Annotated[str, typer.Option("--why", help="Why; stands in the log.")]


@rules_app.command("list")
def rules_list(
    config: ConfigOption = None,
    company: CompanyOption = None,
    revoked: Annotated[bool, typer.Option("--revoked", help="Show rules that ended as well.")] = False,
) -> None:
    """List the rules in force, with who wanted them, when and why."""
    table = Table("company", "rule", "label", "does", "conditions", "who", "since", "why", box=None, padding=(0, 1))
    with told():
        for one, engine in companies_of(office_of(config), company):
            with reading(engine) as connection:
                for rule in load_rules(connection, one.id, revoked=revoked):
                    ended = f" until {rule.revoked_on}" if rule.revoked_on else ""
                    does = rule.effect.value.replace("_", " ")
                    since = f"{rule.added_on}{ended}"
                    cells = (rule.label, does, _conditions(rule), rule.who, since, rule.why)
                    table.add_row(one.id, rule.rule_id, *map(Text, cells))
    out.print(table if table.row_count else "There are no rules.")


@rules_app.command("add")
def rules_add(
    label: LabelOption = "",
    effect: EffectOption = RuleEffect.SET_ASIDE,
    account: AccountOption = "",
    name: NameOption = "",
    text: TextOption = "",
    kind: KindOption = None,
    code: CodeOption = "",
    from_amount: LeastOption = "",
    to_amount: MostOption = "",
    currency: CurrencyOption = "EUR",
    direction: DirectionOption = None,
    entry: EntryOption = "",
    why: WhyOption = "",
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Add a rule; it is tried on the past first, and what it would have hidden is told."""

    def added(connection: Connection, company_id: str, author: Author) -> str:
        rule = _wanted(
            connection,
            company_id,
            author,
            entry,
            label=label,
            effect=effect,
            why=why,
            account=account,
            name=name,
            text=text,
            kind=kind,
            code=code,
            limits=_limits(from_amount, to_amount, currency),
            direction=direction,
        )
        rule_id = add_rule(connection, company_id, author, rule)
        _warn(_tried(connection, company_id, rule))
        return rule_id

    decide(config, company, who, added)


@rules_app.command("revoke")
def rules_revoke(
    rule_id: str,
    why: WhyOption = "",
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """End a rule; what it set aside is looked at again the next night."""
    decide(config, company, who, lambda c, i, a: revoke_rule(c, i, a, rule_id, why))


@rules_app.command("try")
def rules_try(
    rule_id: Annotated[str, typer.Argument(help="A rule that stands; or say the conditions of a new one.")] = "",
    account: AccountOption = "",
    name: NameOption = "",
    text: TextOption = "",
    kind: KindOption = None,
    code: CodeOption = "",
    from_amount: LeastOption = "",
    to_amount: MostOption = "",
    currency: CurrencyOption = "EUR",
    direction: DirectionOption = None,
    entry: EntryOption = "",
    config: ConfigOption = None,
    company: CompanyOption = None,
) -> None:
    """Show which entries a rule would have matched, and warn if any of them settled a document; changes nothing."""
    trials: list[Trial] = []
    with told():
        limits = _limits(from_amount, to_amount, currency)
        for one, engine in companies_of(office_of(config), company):
            with reading(engine) as connection:
                rule = (
                    _standing(connection, one.id, rule_id)
                    if rule_id
                    else _wanted(
                        connection,
                        one.id,
                        person(""),
                        entry,
                        label="the tried rule",
                        effect=RuleEffect.SET_ASIDE,
                        why="",
                        account=account,
                        name=name,
                        text=text,
                        kind=kind,
                        code=code,
                        limits=limits,
                        direction=direction,
                    )
                )
                trials.append(_tried(connection, one.id, rule))
        for trial in trials:
            _show(trial)
    if any(trial.settled for trial in trials):
        raise typer.Exit(A_PERSON_IS_NEEDED)


def _wanted(
    connection: Connection,
    company_id: str,
    author: Author,
    entry: str,
    *,
    label: str,
    effect: RuleEffect,
    why: str,
    account: str,
    name: str,
    text: str,
    kind: EntryKind | None,
    code: str,
    limits: tuple[Money | None, Money | None],
    direction: Direction | None,
) -> CompanyRule:
    """Build the rule that was asked for; what an entry says stands in for what was not said."""
    try:
        like = _like(connection, company_id, author, entry, label, why) if entry else None
        return CompanyRule(
            label=label or (like.label if like else name or text or account or code or (kind.value if kind else "")),
            effect=effect,
            who=author.actor,
            added_on=author.run_date,
            why=why,
            payer_account="".join(account.split()).upper() or (like.payer_account if like else ""),
            payer_name=name or (like.payer_name if like else ""),
            text=text,
            kind=kind,
            transaction_code=code,
            minimum=limits[0],
            maximum=limits[1],
            direction=direction or (like.direction if like else None),
        )
    except UnusableRule as error:
        raise Stop(f"rules: {error}", WRONG_USAGE) from None


def _like(
    connection: Connection, company_id: str, author: Author, entry_id: str, label: str, why: str
) -> CompanyRule:
    entry = _entry(connection, company_id, entry_id)
    return rule_from(entry, who=author.actor, added_on=author.run_date, label=label, why=why)


def _entry(connection: Connection, company_id: str, beginning: str) -> StatementEntry:
    found = [e for entry_id, e in load_entries(connection, company_id).items() if entry_id.startswith(beginning)]
    if len(found) != 1:
        many = f"{len(found)} entries begin so, write more of it" if found else "there is no such entry"
        raise Refused(f"entry {beginning}: {many}")
    return found[0]


def _standing(connection: Connection, company_id: str, rule_id: str) -> CompanyRule:
    for rule in load_rules(connection, company_id, revoked=True):
        if rule.rule_id == rule_id:
            return rule
    raise Refused(f"rule {rule_id}: there is no such rule; `rules list` shows them")


def _limits(least: str, most: str, currency: str) -> tuple[Money | None, Money | None]:
    if currency not in MINOR_DIGITS:
        raise Stop(f"--currency: {currency!r} is not a currency we know (ISO 4217, three capitals)", WRONG_USAGE)
    return _amount(least, "--from-amount", currency), _amount(most, "--to-amount", currency)


def _amount(written: str, option: str, currency: str) -> Money | None:
    try:
        return read_money(written, currency) if written else None
    except (UnreadableNumber, InexactAmount) as error:
        raise Stop(f"{option}: {error}", WRONG_USAGE) from None


def _tried(connection: Connection, company_id: str, rule: CompanyRule) -> Trial:
    booked: defaultdict[str, list[Allocation]] = defaultdict(list)
    for one in load_booked(connection, company_id):
        booked[one.entry_id].append(one.allocation)
    return tried(rule, load_entries(connection, company_id).values(), booked)


def _show(trial: Trial) -> None:
    table = Table("booked on", "amount", "payer", "text", "", box=None, padding=(0, 1))
    settled = {entry.entry_id for entry in trial.settled}
    for entry in trial.matched[-_MOST_SHOWN:]:
        mark = "settled a document" if entry.entry_id in settled else ""
        amount = f"{german(entry.amount)} {entry.amount.currency}"
        cells = (f"{entry.booking_date}", amount, entry.payer_name or entry.payer_iban, entry.remittance, mark)
        table.add_row(*map(Text, cells))
    shown = f", the last {_MOST_SHOWN} are shown" if len(trial.matched) > _MOST_SHOWN else ""
    out.print(f"{len(trial.matched)} entries would have matched{shown}.")
    if table.row_count:
        out.print(table)
    _warn(trial)


def _warn(trial: Trial) -> None:
    if trial.warning():
        out.print(Text(f"Warning: {trial.warning()}.", style="bold yellow"), soft_wrap=True)


def _conditions(rule: CompanyRule) -> str:
    said = (
        ("account", rule.payer_account),
        ("name", rule.payer_name),
        ("text", rule.text),
        ("kind", rule.kind.value if rule.kind else ""),
        ("code", rule.transaction_code),
        ("from", str(rule.minimum) if rule.minimum is not None else ""),
        ("to", str(rule.maximum) if rule.maximum is not None else ""),
        ("money", rule.direction.value if rule.direction else ""),
    )
    return ", ".join(f"{name} {value}" for name, value in said if value)
