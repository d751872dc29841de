"""The errands before a claim leaves the house: data for the court, readiness for a credit bureau, what expires."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from cli.asked import (
    CompanyOption,
    ConfigOption,
    DayOption,
    JsonOption,
    Stop,
    WhoOption,
    asked,
    companies_of,
    date_of,
    office_of,
    out,
    person,
    told,
    workplace,
)
from export.bureau import bureau_csv, bureau_json, bureau_json_bytes
from export.court import CounterPerformance, CourtStatement, CreditContract, SideClaim, court_csv, court_json
from export.delivery import deliver_file
from ledger.money import InexactAmount, Money, german
from ledger.numerals import UnreadableNumber, read_decimal, read_money
from night.court import CourtOrder, court_application
from night.credit_bureau import bureau_lines
from night.limitation_watch import expiring, expiring_json
from night.report import WRONG_USAGE
from review import cases
from storage.cases import CaseDecision
from storage.database import reading, transaction
from storage.facts import load_items

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from export.bureau import BureauLine
    from night.workplace import Workplace

hand_over_app = typer.Typer(
    no_args_is_help=True, help="What court and credit bureau ask for; nothing is sent from here."
)

FolderOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="The folder for the files; else below the output folder.")
]


@hand_over_app.command("court")
def court(
    debtor: Annotated[str, typer.Argument(help="The debtor number.")],
    document: Annotated[
        list[str] | None, typer.Option(help="Only this document number; may be repeated. Else all that is overdue.")
    ] = None,
    catalogue: Annotated[
        int | None, typer.Option(help="Catalogue number of the claims: 5 services, 43 goods, 44 works …")
    ] = None,
    performed: Annotated[bool, typer.Option("--performed", help="The counter-performance was rendered.")] = False,
    no_performance_owed: Annotated[
        bool, typer.Option("--no-performance-owed", help="The claim depends on no counter-performance.")
    ] = False,
    is_person: Annotated[
        bool | None, typer.Option("--person/--no-person", help="The debtor is a natural person.")
    ] = None,
    represented_by: Annotated[
        list[str] | None,
        typer.Option("--represented-by", help='Who represents the debtor: "Geschäftsführer Max Huber".'),
    ] = None,
    consumer_credit: Annotated[
        bool | None, typer.Option("--consumer-credit/--no-consumer-credit", help="From §§ 491 to 508 BGB.")
    ] = None,
    contract_on: Annotated[str, typer.Option(help="Consumer credit: day of the contract.", metavar="DATE")] = "",
    effective_rate: Annotated[str, typer.Option(help="Consumer credit: effective rate, percent.")] = "",
    lump_sum: Annotated[
        bool, typer.Option("--lump-sum", help="Claim 40 EUR for each invoice, § 288 (5) BGB.")
    ] = False,
    side_claim: Annotated[
        list[str] | None, typer.Option(help='Another proven cost: "Bankrücklastkosten=3,50".')
    ] = None,
    land: Annotated[str, typer.Option(help="Land of your seat, where the company's state does not say it.")] = "",
    court_name: Annotated[str, typer.Option("--court", help="Where the Land has two: Hagen or Euskirchen.")] = "",
    to_trial_court: Annotated[
        bool, typer.Option("--to-trial-court", help="Go on before the trial court when the debtor objects.")
    ] = False,
    begin: Annotated[
        bool, typer.Option("--begin", help="Note that it goes to court: from now on nobody writes to the debtor.")
    ] = False,
    output: FolderOption = None,
    config: ConfigOption = None,
    company: CompanyOption = None,
    as_of: DayOption = None,
    as_json: JsonOption = False,
    who: WhoOption = "",
) -> None:
    """Write the data for the court's online form (Mahnantrag) as JSON and CSV, or say every reason why not."""
    with told():
        if performed and no_performance_owed:
            raise Stop("--performed and --no-performance-owed contradict each other", WRONG_USAGE)
        work = _one_workplace(config, company, as_of)
        settings = work.company.hand_over
        statement = CourtStatement(
            land=land or work.company.state,
            court=court_name or settings.court,
            catalogue_number=catalogue if catalogue is not None else settings.catalogue_number,
            counter_performance=_performance(rendered=performed, not_owed=no_performance_owed),
            is_person=is_person,
            representatives=tuple(represented_by or ()),
            is_consumer_credit=consumer_credit,
            credit=_credit(contract_on, effective_rate),
            to_trial_court=to_trial_court,
            side_claims=tuple(_side_claim(written) for written in side_claim or ()),
        )
        order = CourtOrder(
            debtor_number=debtor, documents=tuple(document or ()), lump_sum=lump_sum, statement=statement
        )
        author = person(who)
        with transaction(work.engine, work.company_id) as connection:
            data = court_application(connection, work, order)
            for claim in data["main_claims"] if begin else ():
                cases.note(
                    connection,
                    work.company_id,
                    author,
                    debtor_number=debtor,
                    document_number=claim["document_number"],
                    decided=CaseDecision.COURT_BEGUN,
                    why=f"Mahnantrag, {data['court']}",
                )
            # Within the transaction: what is noted as begun has its files.
            files = _written(
                output or work.output / "court",
                f"Mahnantrag_{work.run_date}_{debtor}",
                {".json": court_json(data), ".csv": court_csv(data)},
            )
        if as_json or asked.as_json:
            print(json.dumps(data, ensure_ascii=False, indent=2))
        else:
            _show_court(data, files, begun=begin)


@hand_over_app.command("bureau")
def bureau(
    debtor: Annotated[str, typer.Argument(help="Only this debtor number.")] = "",
    notice_since: Annotated[
        str, typer.Option(help="Since this day your letter texts name a bureau as they do now.", metavar="DATE")
    ] = "",
    output: FolderOption = None,
    config: ConfigOption = None,
    company: CompanyOption = None,
    as_of: DayOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check each overdue claim against § 31 (2) no. 4 BDSG: met, not met or unknown, with the evidence."""
    with told():
        work = _one_workplace(config, company, as_of)
        since = date_of(notice_since, "--notice-since") if notice_since else None
        with reading(work.engine) as connection:
            lines = bureau_lines(connection, work, debtor_number=debtor, notice_since=since)
        if output is not None:
            name = f"Auskunftei_{work.run_date}{'_' if debtor else ''}{debtor}"
            _written(output, name, {".json": bureau_json_bytes(lines), ".csv": bureau_csv(lines)})
        if as_json or asked.as_json:
            print(json.dumps(bureau_json(lines), ensure_ascii=False, indent=2))
        else:
            _show_bureau(lines)


def limitation(
    until: Annotated[
        str, typer.Option(help="What expires up to this day; else up to the end of the year.", metavar="DATE")
    ] = "",
    config: ConfigOption = None,
    company: CompanyOption = None,
    as_of: DayOption = None,
    as_json: JsonOption = False,
) -> None:
    """List which open claims expire (Verjährung), what restarted the time, and what to do before."""
    found: list[dict[str, Any]] = []
    with told():
        last = date_of(until, "--until") if until else None
        office = office_of(config)
        for one, engine in companies_of(office, company):
            work = workplace(office, one, engine, as_of, watch=False)
            with reading(engine) as connection:
                items = [stored.item for stored in load_items(connection, one.id)]
                claims = expiring(connection, work, items, until=last or date(work.run_date.year, 12, 31))
            found += [{"company": one.id, **expiring_json(claim)} for claim in claims]
    if as_json or asked.as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _show_limitation(found)


def _one_workplace(config: Path | None, company: list[str] | None, as_of: str | None) -> Workplace:
    office = office_of(config)
    companies = list(companies_of(office, company))
    if len(companies) != 1:
        raise Stop("several companies are configured: say which one with --company", WRONG_USAGE)
    ((one, engine),) = companies
    return workplace(office, one, engine, as_of, watch=False)


def _performance(*, rendered: bool, not_owed: bool) -> CounterPerformance | None:
    if rendered:
        return CounterPerformance.RENDERED
    return CounterPerformance.NOT_OWED if not_owed else None


def _credit(contract_on: str, effective_rate: str) -> CreditContract | None:
    if not (contract_on and effective_rate):
        return None
    try:
        rate = read_decimal(effective_rate)
    except UnreadableNumber as error:
        raise Stop(f"--effective-rate: {error}", WRONG_USAGE) from None
    return CreditContract(contract_on=date_of(contract_on, "--contract-on"), effective_rate=rate)


def _side_claim(written: str) -> SideClaim:
    kind, _, amount = written.rpartition("=")
    try:
        if kind.strip():
            return SideClaim(kind=kind.strip(), amount=read_money(amount, "EUR"))
    except (UnreadableNumber, InexactAmount) as error:
        raise Stop(f"--side-claim {written}: {error}", WRONG_USAGE) from None
    raise Stop(f"--side-claim {written}: write what it is and its amount, such as Auskünfte=12,50", WRONG_USAGE)


def _written(folder: Path, name: str, contents: Mapping[str, bytes]) -> list[Path]:
    return [deliver_file(folder, f"{name}{suffix}", content) for suffix, content in contents.items()]


def _show_court(data: Mapping[str, Any], files: Sequence[Path], *, begun: bool) -> None:
    table = Table("document", "of", "open", "interest", "from", "computed before", box=None, padding=(0, 1))
    for claim in data["main_claims"]:
        points = f"base rate + {claim['interest_points_above_base_rate']}"
        cells = (claim["document_number"], claim["document_date"], claim["amount"], points, claim["interest_from"])
        table.add_row(*(Text(cell) for cell in (*cells, claim["computed_interest"])))
    out.print(Text(f"{data['court']}, against {data['respondent']['name']}", style="bold"))
    out.print(table)
    for one in data["side_claims"]:
        out.print(Text(f"{one['kind']}: {one['amount']}"))
    fee = data["court_fee_to_expect"]
    out.print(
        Text(f"Principal {data['totals']['principal']}; the court's fee will be {fee['amount']} ({fee['law']}).")
    )
    out.print(Text(f"After an objection: {data['trial_court']}, {data['trial_court_place']}."))
    for file in files:
        out.print(Text(str(file)), soft_wrap=True)
    out.print(
        "Noted: the case is in court now."
        if begun
        else "Nothing was noted. Once it is filed: case note … court_begun, or this command with --begin."
    )


def _show_bureau(lines: Iterable[BureauLine]) -> None:
    table = Table("debtor", "document", "open", "condition", "answer", "since", "evidence", box=None, padding=(0, 1))
    for line in lines:
        head = (line.debtor_number, line.document_number, f"{german(line.still_open)} {line.still_open.currency}")
        for number, one in enumerate(line.conditions):
            since = one.since.isoformat() if one.since else ""
            cells = (*(head if number == 0 else ("", "", "")), one.name, one.answer.value, since, one.evidence)
            table.add_row(*(Text(cell) for cell in cells))
        table.add_row("", "", "", Text("ready" if line.ready else "not ready", style="bold"), "", "", "")
    out.print(table if table.row_count else "Nothing is overdue.")


def _show_limitation(found: Iterable[Mapping[str, Any]]) -> None:
    table = Table("last day", "debtor", "document", "open", "urgency", "why and what to do", box=None, padding=(0, 1))
    for one in found:
        amount = Money(one["open_minor"], one["currency"])
        told_why = "\n".join([*one["why"], one["what_to_do"]])
        state = "" if one["state"] == "running" else f", {one['state'].replace('_', ' ')}"
        table.add_row(
            Text(one["last_day"]),
            Text(f"{one['debtor_number']} {one['name']}".strip()),
            Text(one["document_number"]),
            Text(f"{german(amount)} {amount.currency}"),
            Text(f"{one['urgency']}{state}"),
            Text(told_why),
        )
    out.print(table if table.row_count else "Nothing expires by then.")
