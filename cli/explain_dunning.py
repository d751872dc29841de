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
    for one in explained["until_then"]:
        out.print(Text(one["says"]), soft_wrap=True)
    that_night = [one["says"] for one in explained["that_night"]]
    again = ["Computed again with what that night could know:"] if that_night else []
    for line in (*that_night, *again, *explained["says"]):
        out.print(Text(line), soft_wrap=True)
    if explained["answers_for"]:
        out.print(Text(f"It answers for {', '.join(explained['answers_for'])}."))
    out.print(Text(explained["known"], style="dim"), soft_wrap=True)
    for night in explained["that_night"]:
        _rows(f"why that night kept back {', '.join(night['documents'])}", _coded(night["held_because"]))
    for notice in explained["notices"]:
        _show_notice(notice)
    for item in explained["items"]:
        _show_item(item)
    for currency, reasons in explained["gate"].items():
        clear = [("clear", "; ".join(explained["gate_clear"][currency].values()))]
        _rows(f"the gate, asked about everything open in {currency}", [*_coded(reasons), *clear])
    _rows("credit", [(currency, f"{amount} for the debtor") for currency, amount in explained["credit"].items()])
    _rows("waits to be released or sent", [("", text) for text in explained["waiting"]])
    _rows("holds", [(hold["hold_id"], _hold_told(hold)) for hold in explained["holds"]])
    for filing in explained["insolvency"]:
        _show_filing(filing)


def _show_notice(notice: Mapping[str, Any]) -> None:
    released = ", released by a person" if notice["needs_release"] else ""
    after = [
        ("goes on after", f"{one['hold_id']} ({one['reason']}): {one['then']}") for one in notice["goes_on_after"]
    ]
    rows = [
        *((one["document_number"], _sum_told(one)) for one in notice["computation"]),
        ("total", notice["total"]),
        ("to be paid by", notice["deadline"] or "no day is set"),
        *after,
        *_coded(notice["held_because"]),
    ]
    _rows(f"notice: {notice['title']} by {notice['channel']}{released}", rows)


def _sum_told(one: Mapping[str, str]) -> str:
    """Say what a notice asks for on one document, at which stage, and with which costs."""
    costs = [
        f" + {name.replace('_', ' ')} {one[name]}" for name in ("interest", "fee", "lump_sum") if _is_some(one[name])
    ]
    return f"{one['open']}{''.join(costs)} ({one['stage']})"


def _is_some(amount: str) -> bool:
    return any(digit in "123456789" for digit in amount)


def _show_item(item: Mapping[str, Any]) -> None:
    _rows(
        item["document_number"],
        [
            ("open", f"{item['open']} of {item['original']}"),
            ("due", _due_told(item)),
            ("track", f"{item['track']['name']}, because {item['track']['because']}"),
            ("state", ": ".join(filter(None, (item["state"], ", ".join(item["held_for"]))))),
            *(("foreseen" if one["foreseen"] else "sent", _sent_told(one)) for one in item["sent"]),
            *(("paid", f"{one['amount']} on {one['on']}, as {one['as'].replace('_', ' ')}") for one in item["paid"]),
            ("next", _next_told(item)),
            *_coded(item["reasons"]),
            *(("noted", _noted_told(one)) for one in item["noted"]),
            *(("deferred", _deferred_told(one)) for one in item["deferred"]),
            ("in default", _default_told(item["in_default"])),
            ("interest", _interest_told(item)),
            *(("", _segment_told(one)) for one in item["interest"]["segments"]),
            ("lump sum", _lump_sum_told(item)),
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


def _due_told(item: Mapping[str, Any]) -> str:
    moved = f", moved to {item['due_shifted']} by a weekend or holiday" if item["due_shifted"] != item["due"] else ""
    late = f"{item['days_overdue']} days overdue" if item["days_overdue"] else "not overdue yet"
    return f"{item['due']}{moved}; {late}"


def _next_told(item: Mapping[str, Any]) -> str:
    if not item["next"]:
        return "nothing, the ladder is climbed"
    after = f", after hold {item['goes_on_after']}" if item["goes_on_after"] else ""
    return f"{item['next']['stage']} from {item['next']['not_before']} on{after}"


def _default_told(default: Mapping[str, Any] | None) -> str:
    if not default:
        return "not yet, and no day is known on which it would begin"
    if not default["begun"]:
        return f"not before {default['since']} ({default['basis']}, {default['law']})"
    return f"since {default['since']} ({default['basis']}, {default['law']}): {default['because']}"


def _noted_told(one: Mapping[str, str]) -> str:
    until = f", to be paid by {one['last_day_to_pay']}" if one["last_day_to_pay"] else ""
    return f"{one['basis'].replace('_', ' ')} on {one['on']}{until} ({one['law']})"


def _deferred_told(one: Mapping[str, str]) -> str:
    until = f"to {one['to']}" if one["to"] else "on"
    return f"from {one['from']} {until}: {one['because']} ({one['law']})"


def _interest_told(item: Mapping[str, Any]) -> str:
    interest, following = item["interest"], item["next"]
    if not interest["segments"]:
        return str(interest["amount"])
    parts = [f"{interest['amount']} so far"]
    if _is_some(interest["paid"]):
        parts.append(f"{interest['paid']} of it paid, {interest['owed']} owed")
    if interest["provisional"]:
        parts.append("provisional, because a base rate is not published yet")
    if following and not following["asks_for_interest"]:
        parts.append(f"the stage {following['stage']} does not ask for it")
    return "; ".join(parts)


def _lump_sum_told(item: Mapping[str, Any]) -> str:
    following = item["next"]
    silent = following and not following["asks_for_lump_sum"] and _is_some(item["lump_sum"]["may_be_claimed"])
    not_asked = f" The stage {following['stage']} does not ask for it." if silent else ""
    return f"{item['lump_sum']['because']}{not_asked}"


def _hold_told(hold: Mapping[str, Any]) -> str:
    until = f"until {hold['silent_until']}" if hold["silent_until"] else "until it is lifted"
    over = "" if hold["holds_today"] else " (not today)"
    note = f": {hold['note']}" if hold["note"] else ""
    about = hold["item_id"] or "everything"
    return f"{hold['reason']} of {about} {until}{over}, then {hold['then']}; {hold['owner']}{note}"


def _sent_told(sent: Mapping[str, Any]) -> str:
    deadline = f", to be paid by {sent['deadline']}" if sent["deadline"] else ""
    return f"{sent['stage']} on {sent['on']} by {sent['by']}{deadline}; {_receipt_told(sent['receipt'])}"


def _receipt_told(receipt: Mapping[str, Any] | None) -> str:
    if receipt is None:
        return "receipt unknown"
    evidence = f": {receipt['evidence']}" if receipt["evidence"] else ""
    said = "received on" if receipt["received"] else "not received, came back on"
    posted = f", posted on {receipt['posted_on']}" if receipt["posted_on"] else ""
    return f"{said} {receipt['day']} ({receipt['proof'].replace('_', ' ')}{evidence}{posted})"


def _segment_told(one: Mapping[str, Any]) -> str:
    share = f"{one['days']}/{one['days_of_the_year']}"
    above = f"base rate {one['base_rate_percent']} + {one['points']}, " if one["points"] else ""
    return (
        f"{one['from']} to {one['to']}: {one['principal']} × {one['rate_percent']} % × {share} = {one['amount']} "
        f"({above}{one['law']})"
    )


def _coded(reasons: Iterable[Mapping[str, str]]) -> list[tuple[str, str]]:
    return [(one["code"], one["sentence"]) for one in reasons]


def _rows(title: str, rows: Iterable[tuple[str, str]]) -> None:
    table = Table.grid(padding=(0, 2))
    for name, value in rows:
        table.add_row(Text(f"  {name.replace('_', ' ')}", style="dim"), Text(value))
    if table.row_count:
        out.print(Text(title, style="bold"))
        out.print(table)
