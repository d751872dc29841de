"""The errand that explains dunning: why a debtor is written to on a day, or why not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from cli.asked import (
    CompanyOption,
    ConfigOption,
    DayOption,
    JsonOption,
    asked,
    companies_of,
    office_of,
    out,
    told,
    workplace,
)
from ledger.errors import Refused
from night.explained_dunning import explain_dunning
from storage.database import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def explain(
    debtor: Annotated[str, typer.Option(help="The debtor's number.")],
    as_of: DayOption = None,
    config: ConfigOption = None,
    company: CompanyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show why a debtor is written to on a day, or why not: stages, holds, the gate, and every figure."""
    with told():
        office = office_of(config)
        found, missing = [], []
        for one, engine in companies_of(office, company):
            work = workplace(office, one, engine, as_of, watch=False)
            with reading(engine) as connection:
                try:
                    found.append(explain_dunning(connection, work, debtor))
                except Refused as error:
                    missing.append(error)
        if not found:
            raise missing[0]
        for explained in found:
            if as_json or asked.as_json:
                print(json.dumps(explained, ensure_ascii=False, indent=2))
            else:
                _show(explained)


def _show(explained: Mapping[str, Any]) -> None:
    debtor = explained["debtor"]
    out.print(Text(f"{debtor['number']}  {debtor['name']}  on {explained['day']}", style="bold"))
    for line in explained["says"]:
        out.print(Text(line), soft_wrap=True)
    if explained["answers_for"]:
        out.print(Text(f"It answers for {', '.join(explained['answers_for'])}."))
    for notice in explained["notices"]:
        _show_notice(notice)
    for item in explained["items"]:
        _show_item(item)
    for currency, reasons in explained["gate"].items():
        _rows(f"the gate, asked about everything open in {currency}", _coded(reasons))
    _rows("credit", [(currency, f"{amount} for the debtor") for currency, amount in explained["credit"].items()])
    _rows("waits to be released or sent", [("", text) for text in explained["waiting"]])
    _rows("holds", [(hold["hold_id"], _hold_told(hold)) for hold in explained["holds"]])
    for filing in explained["insolvency"]:
        _show_filing(filing)


def _show_notice(notice: Mapping[str, Any]) -> None:
    released = ", released by a person" if notice["needs_release"] else ""
    parts = [
        (one["document_number"], f"{one['open']} + interest {one['interest']} + fee {one['fee']}")
        for one in notice["computation"]
    ]
    after = [
        ("goes on after", f"{one['hold_id']} ({one['reason']}): {one['then']}") for one in notice["goes_on_after"]
    ]
    rows = [*parts, ("total", notice["total"]), *after, *_coded(notice["held_because"])]
    _rows(f"notice: {notice['title']} by {notice['channel']}{released}", rows)


def _show_item(item: Mapping[str, Any]) -> None:
    _rows(
        item["document_number"],
        [
            ("open", f"{item['open']} of {item['original']}"),
            ("due", f"{item['due']} (§ 193 BGB: {item['due_shifted']}), {item['days_overdue']} days overdue"),
            ("track", f"{item['track']['name']}, because {item['track']['because']}"),
            ("state", ": ".join(filter(None, (item["state"], ", ".join(item["held_for"]))))),
            *(("sent", _sent_told(one)) for one in item["sent"]),
            ("next", _next_told(item)),
            *_coded(item["reasons"]),
            ("in default", _default_told(item["in_default"])),
            ("interest", item["interest"]["amount"] + (", provisional" if item["interest"]["provisional"] else "")),
            *(("", _segment_told(one)) for one in item["interest"]["segments"]),
            ("time-barred", f"after {item['time_barred_after']}, unless something stopped or renewed it"),
        ],
    )


def _show_filing(filing: Mapping[str, Any]) -> None:
    known = [(name, filing[name]) for name in ("opened_on", "court", "file_number", "administrator", "file_by")]
    claims = [
        (
            one["document_number"],
            f"{one['principal']} and interest {one['interest']} until {filing['interest_until']}",
        )
        for one in filing["claims"]
    ]
    later = [
        (number, "since the opening, perhaps owed by the estate (§ 55 InsO)")
        for number in filing["since_the_opening"]
    ]
    rows = [(name, value) for name, value in known if value]
    _rows("to be filed with the administrator (§ 174 InsO)", [*rows, *claims, *later])


def _next_told(item: Mapping[str, Any]) -> str:
    if not item["next"]:
        return "nothing, the ladder is climbed"
    after = f", after hold {item['goes_on_after']}" if item["goes_on_after"] else ""
    return f"{item['next']['stage']} from {item['next']['not_before']} on{after}"


def _default_told(default: Mapping[str, str] | None) -> str:
    return f"since {default['since']}: {default['basis']}, {default['law']}" if default else "not yet"


def _hold_told(hold: Mapping[str, Any]) -> str:
    until = f"until {hold['silent_until']}" if hold["silent_until"] else "until it is lifted"
    over = "" if hold["holds_today"] else " (not today)"
    note = f": {hold['note']}" if hold["note"] else ""
    about = hold["item_id"] or "everything"
    return f"{hold['reason']} of {about} {until}{over}, then {hold['then']}; {hold['owner']}{note}"


def _sent_told(sent: Mapping[str, Any]) -> str:
    deadline = f", to be paid by {sent['deadline']}" if sent["deadline"] else ""
    return f"{sent['stage']} on {sent['on']} by {sent['by']}{deadline}"


def _segment_told(one: Mapping[str, Any]) -> str:
    share = f"{one['days']}/{one['days_of_the_year']}"
    return f"{one['from']} to {one['to']}: {one['principal']} × {one['rate_percent']} % × {share}"


def _coded(reasons: Iterable[Mapping[str, str]]) -> list[tuple[str, str]]:
    return [(one["code"], one["sentence"]) for one in reasons]


def _rows(title: str, rows: Iterable[tuple[str, str]]) -> None:
    table = Table.grid(padding=(0, 2))
    for name, value in rows:
        table.add_row(Text(f"  {name.replace('_', ' ')}", style="dim"), Text(value))
    if table.row_count:
        out.print(Text(title, style="bold"))
        out.print(table)
