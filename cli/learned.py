"""The errands about what was learned: listing who pays for whom, revoking and restoring it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from cli.asked import (
    CompanyOption,
    ConfigOption,
    JsonOption,
    WhoOption,
    asked,
    companies_of,
    day_of,
    decide,
    office_of,
    out,
    told,
)
from ledger.text import fold
from night.learned import Learned, learned_payers, restore_learned, revoke_learned
from reconciliation.payers import account_key
from reconciliation.revocations import PayerKind
from storage.database import reading

if TYPE_CHECKING:
    from datetime import date

# A longer list is nobody's ten minutes; the number of all is told.
_MOST_SHOWN = 200

learned_app = typer.Typer(invoke_without_command=True, help="Who pays for whom, as it was learned.")

PayerArgument = Annotated[str, typer.Argument(help="The account, name or mandate.", metavar="PAYER")]
DebtorArgument = Annotated[str, typer.Argument(help="The debtor's number.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; stands in the log.")]


@learned_app.callback(invoke_without_command=True)
def learned(
    context: typer.Context,
    debtor: Annotated[str, typer.Option("--debtor", help="Only this debtor number.")] = "",
    account: Annotated[str, typer.Option("--account", help="Only this account.")] = "",
    text: Annotated[str, typer.Option("--text", help="Only where payer or debtor contain this.")] = "",
    revoked: Annotated[bool, typer.Option("--revoked", help="Show what was revoked as well.")] = False,
    config: ConfigOption = None,
    company: CompanyOption = None,
    as_json: JsonOption = False,
) -> None:
    """List which account, name or mandate pays for which debtor, since when, and what shows it."""
    if context.invoked_subcommand is not None:
        return
    found: dict[str, list[Learned]] = {}
    with told():
        for one, engine in companies_of(office_of(config), company):
            with reading(engine) as connection:
                every = learned_payers(connection, one.id, day_of(None))
            found[one.id] = [
                row for row in every if (revoked or row.revoked is None) and _is_asked_for(row, debtor, account, text)
            ]
    if as_json or asked.as_json:
        print(json.dumps([_row(name, row) for name, rows in found.items() for row in rows], ensure_ascii=False))
        return
    _show(found)


@learned_app.command("revoke")
def learned_revoke(
    payer: PayerArgument,
    debtor: DebtorArgument,
    reason: ReasonOption,
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Say that a payer does not pay for a debtor; only payments after today may teach it again."""
    decide(config, company, who, lambda c, i, a: revoke_learned(c, i, a, payer, debtor, reason))


@learned_app.command("restore")
def learned_restore(
    payer: PayerArgument,
    debtor: DebtorArgument,
    reason: ReasonOption,
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Take a revocation back: what was learned before it counts again."""
    decide(config, company, who, lambda c, i, a: restore_learned(c, i, a, payer, debtor, reason))


def _is_asked_for(row: Learned, debtor: str, account: str, text: str) -> bool:
    of_account = row.kind is PayerKind.ACCOUNT and account_key(row.payer) == account_key(account)
    return (
        (not debtor or row.debtor_number == debtor)
        and (not account or of_account)
        and fold(text) in fold(f"{row.payer} {row.debtor_name}")
    )


def _show(found: dict[str, list[Learned]]) -> None:
    table = Table(
        "company", "by", "payer", "pays for", "since", "last", "payments", "known", box=None, padding=(0, 1)
    )
    every = [(name, row) for name, rows in found.items() for row in rows]
    for name, row in every[:_MOST_SHOWN]:
        debtor = f"{row.debtor_number} {row.debtor_name}".strip()
        cells = (row.kind.value, row.payer, debtor, _day(row.since), _day(row.last), f"{row.payments}", _known(row))
        table.add_row(name, *map(Text, cells))
    out.print(table if table.row_count else "Nothing was learned.")
    if len(every) > _MOST_SHOWN:
        out.print(f"and {len(every) - _MOST_SHOWN} more; --debtor, --account or --text shows fewer")


def _known(row: Learned) -> str:
    if row.revoked is not None:
        why = f": {row.revoked.why}" if row.revoked.why else ""
        return f"revoked on {row.revoked.revoked_on} by {row.revoked.who}{why}"
    known = "told by the accounting tool" if row.told else "learned"
    return f"{known}; one of {row.debtors} debtors" if row.debtors > 1 else known


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _row(company: str, row: Learned) -> dict[str, Any]:
    revoked = row.revoked
    return {
        "company": company,
        "kind": row.kind.value,
        "payer": row.payer,
        "debtor_number": row.debtor_number,
        "debtor_name": row.debtor_name,
        "since": _day(row.since),
        "last": _day(row.last),
        "payments": row.payments,
        "told": row.told,
        "debtors": row.debtors,
        "revoked_on": _day(revoked.revoked_on) if revoked else "",
        "revoked_by": revoked.who if revoked else "",
        "revoked_because": revoked.why if revoked else "",
    }
