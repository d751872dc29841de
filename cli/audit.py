"""The errands of the audit: which automatic bookings were drawn, and what a person found."""

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
    decide,
    office_of,
    out,
    told,
)
from ledger.money import german
from night.own_model import audited
from review import desk
from storage.audit_draws import Draw, DrawState, answer_draw, load_draws
from storage.database import reading
from storage.matches import load_booked
from storage.statements import load_entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ledger.statement import StatementEntry
    from storage.database import Connection
    from storage.decisions import Author
    from storage.matches import Booked

audit_app = typer.Typer(invoke_without_command=True, help="Automatic bookings drawn for audit (Stichprobe).")


@audit_app.callback()
def audit_list(
    context: typer.Context, config: ConfigOption = None, company: CompanyOption = None, as_json: JsonOption = False
) -> None:
    """List the drawn bookings nobody has looked at yet, and what the others say of the share of errors."""
    if context.invoked_subcommand is not None:
        return
    found: list[dict[str, Any]] = []
    with told():
        for one, engine in companies_of(office_of(config), company):
            with reading(engine) as connection:
                found.append(_audit_of(connection, one.id))
    if as_json or asked.as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for one_audit in found:
        _show(one_audit)


@audit_app.command("right")
def audit_right(
    entry_id: str, config: ConfigOption = None, company: CompanyOption = None, who: WhoOption = ""
) -> None:
    """Say that a drawn booking is right."""
    decide(config, company, who, lambda c, i, a: _answered(c, i, a, entry_id, "", is_right=True))


@audit_app.command("wrong")
def audit_wrong(
    entry_id: str,
    reason: Annotated[str, typer.Option("--reason", help="What is wrong; stands in the log.")],
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Say that a drawn booking is wrong, and take it back; the entry waits again."""
    decide(config, company, who, lambda c, i, a: _answered(c, i, a, entry_id, reason, is_right=False))


def _answered(
    connection: Connection, company_id: str, author: Author, entry_id: str, reason: str, *, is_right: bool
) -> None:
    answer_draw(connection, company_id, author, entry_id, reason, is_right=is_right)
    if not is_right:
        desk.undo(connection, company_id, author, entry_id, reason)


def _audit_of(connection: Connection, company_id: str) -> dict[str, Any]:
    draws = load_draws(connection, company_id)
    waiting = [draw for draw in draws if draw.state is DrawState.WAITING]
    result = audited(draws)
    entries = load_entries(connection, company_id) if waiting else {}
    booked = load_booked(connection, company_id) if waiting else []
    return {
        "company": company_id,
        "drawn": len(draws),
        "audited": result.audited,
        "wrong": result.wrong,
        "bound": result.bound,
        "waiting": [_told(draw, entries[draw.entry_id], booked) for draw in waiting],
    }


def _told(draw: Draw, entry: StatementEntry, booked: Iterable[Booked]) -> dict[str, Any]:
    allocations = [one.allocation for one in booked if one.seq == draw.booked_seq]
    return {
        "entry_id": draw.entry_id,
        "drawn_on": draw.drawn_on.isoformat(),
        "booking_date": entry.booking_date.isoformat(),
        "amount_minor": entry.amount.minor,
        "amount": f"{german(entry.amount)} {entry.amount.currency}",
        "payer_name": entry.payer_name,
        "remittance": entry.remittance,
        "evidence_class": draw.evidence_class,
        "booked_to": list(dict.fromkeys(a.document_number or a.debtor_number for a in allocations)),
    }


def _show(found: dict[str, Any]) -> None:
    bound = f", so at most {found['bound']:.2%} are, with 95 % confidence" if found["audited"] else ""
    out.print(Text(f"{found['company']}: {found['wrong']} of {found['audited']} audited bookings were wrong{bound}."))
    waiting: Sequence[dict[str, Any]] = found["waiting"]
    if not waiting:
        out.print(Text("  Nothing waits for an audit."))
        return
    table = Table("entry", "booked on", "amount", "payer", "text", "booked to", "class", box=None, padding=(0, 1))
    for one in waiting:
        cells = (one["booking_date"], one["amount"], one["payer_name"], one["remittance"])
        table.add_row(one["entry_id"], *map(Text, cells), Text(", ".join(one["booked_to"])), one["evidence_class"])
    out.print(table)
