"""A small office to tell stories with: items, debtors and statements in a folder, and nights over them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from config.loading import load_office
from night.exports import match_rows, notice_rows, open_item_rows
from night.run import rehearse_night, run_night
from night.verify import verify
from night.workplace import Workplace
from storage.database import open_database, reading, transaction
from storage.decisions import Author
from storage.statements import load_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection, Engine

    from config.settings import Company
    from export.delivery import SmtpSettings

ROOT = Path(__file__).resolve().parent.parent
ACCOUNT = "DE02120300000000202051"
PAYERS = ("DE02500105170137075030", "DE02100500000054540402", "DE02300209000106531065", "DE02200505501015871393")

_ITEM_HEADER = (
    "document_number,kind,debtor_number,document_date,due_date,amount,open_amount,currency,"
    "skonto_percent,skonto_until,payment_reference,order_number,end_to_end_id"
)
_LISTS = 'kind = "file"\nopen_items = "open_items.csv"\ndebtors = "debtors.csv"'
_DEBTOR_HEADER = "debtor_number,name,street,postcode,city,country,email,phone,ibans,type,language"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One line of a statement: negative amounts leave the account."""

    amount: str
    payer: str = ""
    iban: str = ""
    text: str = ""
    end_to_end_id: str = ""
    code: str = ""  # ISO family and sub-family, where it is no transfer: "IDDT ESDD"


@dataclass(slots=True)
class TestOffice:
    """An office in a folder, with its own database."""

    __test__ = False

    folder: Path
    database: str
    settings: str = ""  # more TOML of the company
    balance: Decimal = Decimal("1000.00")
    statement_number: int = 0
    items: list[str] = field(default_factory=list)
    debtors: list[str] = field(default_factory=list)
    smtp: SmtpSettings | None = None
    smtp_toml: str = ""
    tool: str = ""  # TOML of an accounting tool, instead of the two lists

    def item(
        self,
        number: str,
        debtor: str = "10001",
        amount: str = "119.00",
        due: str = "2026-05-01",
        *,
        issued: str = "2026-04-01",
        kind: str = "invoice",
        open_amount: str = "",
        more: str = ",,,,",
    ) -> None:
        """Add a line to the list of open items."""
        self.items.append(f"{number},{kind},{debtor},{issued},{due},{amount},{open_amount or amount},EUR,{more}")

    def debtor(
        self, number: str = "10001", name: str = "Huber GmbH", *, iban: str = PAYERS[0], email: str = ""
    ) -> None:
        """Add a debtor with a postal address."""
        self.debtors.append(f"{number},{name},Hauptstraße 1,80331,München,DE,{email},,{iban},business,de")

    def write_lists(self) -> None:
        """Write the two lists as the accounting tool would export them."""
        self.folder.mkdir(exist_ok=True, parents=True)
        (self.folder / "open_items.csv").write_text("\n".join([_ITEM_HEADER, *self.items, ""]), encoding="utf-8")
        (self.folder / "debtors.csv").write_text("\n".join([_DEBTOR_HEADER, *self.debtors, ""]), encoding="utf-8")

    def statement(self, day: str, *payments: Payment, name: str = "") -> Path:
        """Put a camt.053 statement of one day into the inbox; it chains to the one before."""
        self.statement_number += 1
        opening = self.balance
        self.balance += sum((Decimal(payment.amount) for payment in payments), Decimal(0))
        path = self.inbox / (name or f"{day}_{self.statement_number}.xml")
        path.write_text(_camt(day, self.statement_number, opening, self.balance, payments), encoding="utf-8")
        return path

    def announcement(self, day: str, *payments: Payment) -> Path:
        """Put a camt.052 report of the running day into the inbox; it books nothing."""
        written = _camt(day, 0, Decimal(0), Decimal(0), payments)
        for booked, announced in (
            ("camt.053", "camt.052"),
            ("BkToCstmrStmt", "BkToCstmrAcctRpt"),
            ("<Stmt>", "<Rpt>"),
            ("</Stmt>", "</Rpt>"),
        ):
            written = written.replace(booked, announced)
        path = self.inbox / f"{day}_C52.xml"
        path.write_text(re.sub("<Bal>.*?</Bal>", "", written), encoding="utf-8")
        return path

    @property
    def inbox(self) -> Path:
        """The folder statements arrive in."""
        folder = self.folder / "inbox"
        folder.mkdir(exist_ok=True, parents=True)
        return folder

    @property
    def output(self) -> Path:
        """Where letters and batches are laid."""
        return self.folder / "output" / "muster"

    def config(self) -> Path:
        """Write the configuration."""
        path = self.folder / "kontorist.toml"
        path.write_text(
            f'database = "{self.database}"\n{self.smtp_toml}\n[[company]]\nid = "muster"\nname = "Muster GmbH"\n'
            'country = "DE"\nstate = "BY"\n'
            f"{self.settings}\n[[company.source]]\n{self.tool or _LISTS}\n"
            f'[[company.bank]]\niban = "{ACCOUNT}"\ninbox = "inbox"\n',
            encoding="utf-8",
        )
        return path

    def night(self, day: str) -> dict[str, Any]:
        """Run a night and give its report."""
        return self._run(run_night, day)

    def rehearse(self, day: str) -> dict[str, Any]:
        """Rehearse a night and give its report."""
        return self._run(rehearse_night, day)

    def at_work(self, way: Callable[[Workplace], dict[str, Any]], day: str) -> dict[str, Any]:
        """Do something else than a night at the workplace of a day, and give what it tells."""
        return self._run(way, day)

    def matches(self) -> dict[str, dict[str, Any]]:
        """Give the exported matches by remittance (or payer where there is none)."""
        rows = self.read(lambda connection: [dict(row) for row in match_rows(connection, "muster")])
        return {row["remittance"] or row["payer_name"]: row for row in rows}

    def notices(self) -> list[dict[str, Any]]:
        """Give the exported notices."""
        rows: list[dict[str, Any]] = self.read(lambda c: [dict(row) for row in notice_rows(c, self.company(), None)])
        return rows

    def open_items(self, today: str = "2026-07-01") -> dict[str, int]:
        """Give what is open, by document number, in cents."""
        rows = self.read(
            lambda connection: [dict(r) for r in open_item_rows(connection, "muster", date.fromisoformat(today))]
        )
        return {row["document_number"]: row["open_minor"] for row in rows}

    def verified(self) -> list[str]:
        """Give every problem that verification finds."""
        problems: list[str] = self.read(lambda connection: verify(connection, "muster"))["problems"]
        return problems

    def decide(self, decision: Callable[[Connection, str, Author], object], day: str = "2026-07-01") -> None:
        """Let a person decide something."""
        engine = self.engine()
        try:
            with transaction(engine, "muster") as connection:
                decision(connection, "muster", author(day, "Frau Lechner"))
        finally:
            engine.dispose()

    def engine(self) -> Engine:
        """Open the database."""
        return open_database(self.database, base=self.folder)

    def entry_ids(self) -> list[str]:
        """Give the identity of every entry that was ever delivered."""
        ids: list[str] = self.read(lambda connection: [*load_entries(connection, "muster")])
        return ids

    def sent_files(self) -> list[str]:
        """Name everything that was laid into the output folder."""
        return sorted(str(p.relative_to(self.output)) for p in self.output.rglob("*") if p.is_file())

    def _run(self, way: Callable[[Workplace], dict[str, Any]], day: str) -> dict[str, Any]:
        self.write_lists()
        office = load_office(self.config(), house=ROOT / "config")
        engine = self.engine()
        work = Workplace(
            office=office,
            company=office.settings.company[0],
            engine=engine,
            author=author(day, "kontorist test"),
            smtp=self.smtp,
        )
        try:
            report = way(work)
        finally:
            engine.dispose()
        json.dumps(report)
        return report

    def company(self) -> Company:
        """Give the company as its configuration describes it."""
        return load_office(self.config(), house=ROOT / "config").settings.company[0]

    def read(self, read: Callable[[Connection], Any]) -> Any:
        """Ask the database something."""
        engine = self.engine()
        with reading(engine) as connection:
            result = read(connection)
        engine.dispose()
        return result


def author(day: str, actor: str) -> Author:
    """Give somebody who decides on a day, at half past two."""
    run_date = date.fromisoformat(day)
    return Author(actor=actor, now=datetime.combine(run_date, time(2, 30), UTC), run_date=run_date)


def _camt(day: str, number: int, opening: Decimal, closing: Decimal, payments: Sequence[Payment]) -> str:
    entries = "".join(_entry(day, position, payment) for position, payment in enumerate(payments, 1))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>M{number}</MsgId><CreDtTm>{day}T20:00:00</CreDtTm></GrpHdr>"
        f"<Stmt><Id>S{number}</Id><ElctrncSeqNb>{number}</ElctrncSeqNb><CreDtTm>{day}T20:00:00</CreDtTm>"
        f"<Acct><Id><IBAN>{ACCOUNT}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        f"{_balance('OPBD', opening, day)}{_balance('CLBD', closing, day)}{entries}</Stmt></BkToCstmrStmt></Document>"
    )


def _balance(code: str, amount: Decimal, day: str) -> str:
    side = "CRDT" if amount >= 0 else "DBIT"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{abs(amount)}</Amt>'
        f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _entry(day: str, position: int, payment: Payment) -> str:
    amount = Decimal(payment.amount)
    side = "CRDT" if amount >= 0 else "DBIT"
    party, account = ("Dbtr", "DbtrAcct") if amount >= 0 else ("Cdtr", "CdtrAcct")
    end_to_end = f"<EndToEndId>{escape(payment.end_to_end_id)}</EndToEndId>" if payment.end_to_end_id else ""
    name = f"<{party}><Pty><Nm>{escape(payment.payer)}</Nm></Pty></{party}>" if payment.payer else ""
    iban = f"<{account}><Id><IBAN>{payment.iban}</IBAN></Id></{account}>" if payment.iban else ""
    text = f"<RmtInf><Ustrd>{escape(payment.text)}</Ustrd></RmtInf>" if payment.text else ""
    family, sub_family = (payment.code or ("RCDT ESCT" if amount >= 0 else "ICDT ESCT")).split()
    return (
        f'<Ntry><Amt Ccy="EUR">{abs(amount)}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>{day}-{position}</AcctSvcrRef>"
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub_family}</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"<NtryDtls><TxDtls><Refs>{end_to_end}</Refs>"
        f'<Amt Ccy="EUR">{abs(amount)}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
        f"<RltdPties>{name}{iban}</RltdPties>{text}</TxDtls></NtryDtls></Ntry>"
    )
