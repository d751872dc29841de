"""pain.002 (Statusbericht): which direct debits and transfers of ours the bank rejected before booking, and why.

Customer Payment Status Report of ISO 20022, every version from .001.03 on, in the usage of the German banks (DK,
Anlage 3 zum DFÜ-Abkommen, 2.2.4), of the Swiss Payment Standards and of the EPC. Read by local name in one pass.

A rejected payment is no booking: it becomes an entry that is only pending, and in every case a finding, so that
nobody counts on money that never comes. What was accepted is passed over. A report that names no account of ours at
all is one statement without account and without entries; it carries the findings.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from connectors.bank.format import PIECE_ENTRIES, Piece, plain_ascii, unreadable
from connectors.bank.iso20022.camt_values import place_of, read_day
from connectors.bank.iso20022.pain_002_payment import (
    Reason,
    Rejected,
    advice,
    entry_of,
    finding_of,
    first,
    is_collected,
    local_name,
    our_account,
    payment_in,
    reasons_in,
    reasons_in_words,
    said_in,
    written_amount,
)
from connectors.bank.iso20022.xml_stream import elements, forget
from ledger.finding import Finding, Severity
from ledger.statement import Statement, StatementEntry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from lxml import etree

_MESSAGE: Final = "CstmrPmtStsRpt"
_HEADER: Final = "GrpHdr"
_FILE: Final = "OrgnlGrpInfAndSts"  # what is said of the whole file we sent
_BATCH: Final = "OrgnlPmtInfAndSts"  # of one batch in it
_PAYMENT: Final = "TxInfAndSts"  # of one payment
_VERSION: Final = re.compile(r"pain\.002\.\d{3}\.\d{2}")

_REJECTED: Final = "RJCT"

# ISO 20022 ExternalPaymentGroupStatus1Code and ExternalPaymentTransactionStatus1Code: on its way, or done.
_ACCEPTED: Final = frozenset(
    "ACCC ACCP ACFC ACIS ACPD ACSC ACSP ACTC ACWC ACWP CPUC PART PATC PDNG PRES RCVD".split()
)
_PARTLY: Final = frozenset({"PART", "PATC"})
_NONE: Final = "none"
# The payee's name was compared with the account (Empfängerüberprüfung), before anything was ordered.
_NAME_CHECKS: Final = frozenset("RCVC RVCM RVMC RVNA RVNM".split())


def looks_like(head: bytes) -> bool:
    """Whether these first bytes belong to a payment status report, in whatever encoding and wrapper."""
    text = plain_ascii(head)
    return text.lstrip().startswith(b"<") and _MESSAGE.encode() in text


def pieces(path: Path, place: str) -> Iterator[Piece]:
    """Read every status report of a file, one statement for each account; raise Unreadable with line and remedy.

    An account comes a second time only where more than ``PIECE_ENTRIES`` rejects of several accounts are mixed.
    """
    report: _Report | None = None
    number = 0
    for element in elements(path, place, (_HEADER, _FILE, _PAYMENT, _BATCH, _MESSAGE)):
        message = _message_of(element)
        if message is None:
            continue
        if report is None:
            report = _Report(place, f"{place}:{_line(message)}", _version(message), number)
        report.take(element)
        if report.is_over or len(report.findings) >= PIECE_ENTRIES:  # every reject has its finding
            yield from report.pieces()
        if report.is_over:
            number, report = report.number, None
        forget(element)
    if not number:
        raise unreadable(place, "the message holds no status report", what_to_do="Fetch it again from the bank.")


def _message_of(element: etree._Element) -> etree._Element | None:
    """Give the report an element stands in, where a report has it; other messages use some of the names as well."""
    parent: etree._Element | None = element
    if local_name(element) != _MESSAGE:
        parent = element.getparent()
        if parent is not None and local_name(parent) == _BATCH:
            parent = parent.getparent()
    return parent if parent is not None and local_name(parent) == _MESSAGE else None


def _line(element: etree._Element) -> int:
    line: object = element.sourceline  # the stubs do not say that it is a number
    return line if isinstance(line, int) else 0


def _version(element: etree._Element) -> str:
    found = _VERSION.search(element.tag)
    return found[0] if found else "pain.002"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """What the bank says of a whole file or batch that we sent."""

    what: str  # file or batch
    name: str = ""  # its identification, as we gave it
    message: str = ""  # what it was: pain.008.001.08
    status: str = ""
    reasons: tuple[Reason, ...] = ()
    payments: int = 0  # how many it held; 0 where the bank does not say
    control_sum: str = ""  # as written, and of no currency
    rejected: int = 0  # how many of them the bank says it rejected

    def __str__(self) -> str:
        return f"{self.what} {self.name}".rstrip()


def _file_in(element: etree._Element) -> _Sent:
    said = said_in(element)
    return _Sent(
        what="file",
        name=first(said, "OrgnlMsgId"),
        message=first(said, "OrgnlMsgNmId"),
        status=first(said, "GrpSts"),
        reasons=reasons_in(element),
        payments=_count(first(said, "OrgnlNbOfTxs")),
        control_sum=first(said, "OrgnlCtrlSum"),
        rejected=_rejected_count(element),
    )


def _batch_in(element: etree._Element) -> _Sent:
    said = said_in(element, _PAYMENT)
    return _Sent(
        what="batch",
        name=first(said, "OrgnlPmtInfId"),
        status=first(said, "PmtInfSts"),
        reasons=reasons_in(element),
        payments=_count(first(said, "OrgnlNbOfTxs")),
        control_sum=first(said, "OrgnlCtrlSum"),
        rejected=_rejected_count(element),
    )


def _rejected_count(element: etree._Element) -> int:
    counts = (said_in(counted) for counted in element.iterchildren("{*}NbOfTxsPerSts"))
    return sum(_count(first(said, "DtldNbOfTxs")) for said in counts if first(said, "DtldSts") == _REJECTED)


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else 0


@dataclass(slots=True)
class _Report:
    """One status report while it is being read, and what waits to be given away."""

    document: str  # what messages call the file
    place: str
    format: str
    number: int  # of its next statement in the file
    message_id: str = ""
    made_on: date | None = None
    file: _Sent = field(default_factory=lambda: _Sent(what="file"))
    batch: _Sent = field(default_factory=lambda: _Sent(what="batch"))
    batch_element: etree._Element | None = None
    batches: int = 0
    payments: int = 0  # read in this batch
    named: int = 0  # rejected ones named in this batch
    named_before: int = 0  # and in those before it
    counted: int = 0  # rejected ones in the batches before, named or only counted
    unclear: Counter[str] = field(default_factory=Counter)  # how often a status that is neither yes nor no
    accounts: dict[str, list[StatementEntry]] = field(default_factory=dict)  # in the order of the file
    currencies: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    has_begun: bool = False  # a piece was given away
    is_over: bool = False

    def take(self, element: etree._Element) -> None:
        """Read the next finished element."""
        name = local_name(element)
        if name == _HEADER:
            said = said_in(element)
            self.message_id, self.made_on = first(said, "MsgId"), read_day(first(said, "CreDtTm"))
        elif name == _FILE:
            self.file = _file_in(element)
            self._note(self.file.status)
        elif name == _PAYMENT:
            self._begin_batch(element.getparent())
            self._payment(element)
        elif name == _BATCH:
            self._begin_batch(element)
            self._finish_batch()
        else:
            self._finish()

    def pieces(self) -> Iterator[Piece]:
        """Give away what waits. A single account may go on in the next piece, several are finished here."""
        if not self.accounts and (self.findings or not self.has_begun):
            self.accounts[""] = []  # nothing names an account of ours, but what was found must be told
        goes_on = not self.is_over and len(self.accounts) == 1 and "" not in self.accounts
        for account, entries in self.accounts.items():
            yield Piece(self.number, self._statement(account, entries), not goes_on, tuple(self.findings))
            self.findings.clear()
            self.number += 0 if goes_on else 1
        self.accounts = {account: [] for account in self.accounts} if goes_on else {}
        self.has_begun = True

    def _statement(self, account: str, entries: list[StatementEntry]) -> Statement:
        return Statement(
            account=account,
            currency=self.currencies.get(account, ""),
            statement_ref=self.message_id,
            entries=tuple(entries),
            format=self.format,
            place=self.place,
        )

    def _begin_batch(self, element: etree._Element | None) -> None:
        """Read, once, what stands before the payments of a batch."""
        if element is None or element is self.batch_element or local_name(element) != _BATCH:
            return
        self.batch_element, self.batch = element, _batch_in(element)
        self.batches += 1
        self._note(self.batch.status)

    def _payment(self, element: etree._Element) -> None:
        self.payments += 1
        status, original = payment_in(element)
        collected = is_collected(self.file.message, original)
        verdict = first(status, "TxSts") or self._verdict_on_all()
        if verdict == _REJECTED:
            self.named += 1
            rejected = Rejected(
                status=status,
                original=original,
                collected=collected,
                reasons=reasons_in(element) or self.batch.reasons or self.file.reasons,
                batch=self.batch.name or self.file.name,
                made_on=self.made_on,
                number=self.named_before + self.named,
                place=self._place_of(element),
            )
            self._reject(rejected)
        elif account := our_account(original, collected=collected):
            self._open(account, written_amount(original)[1])
        self._note(verdict)

    def _verdict_on_all(self) -> str:
        """Give the status of a payment that has none of its own; one that is partly either says nothing."""
        status = self.batch.status or self.file.status
        return status if status and status not in _PARTLY else _NONE

    def _place_of(self, element: etree._Element) -> str:
        batch = f"{_BATCH}[{self.batches}]/" if self.batch_element is not None else ""
        return place_of(self.document, _line(element), f"{batch}{_PAYMENT}[{self.payments}]")

    def _reject(self, rejected: Rejected) -> None:
        self.findings.append(finding_of(rejected))
        if entry := entry_of(rejected):
            self._open(entry.account, entry.amount.currency).append(entry)

    def _open(self, account: str, currency: str) -> list[StatementEntry]:
        self.currencies.setdefault(account, currency)
        return self.accounts.setdefault(account, [])

    def _note(self, status: str) -> None:
        if status and status != _REJECTED and status not in _ACCEPTED:
            self.unclear[status] += 1

    def _finish_batch(self) -> None:
        self.findings += self._whole(self.batch, self.named, self.named)
        told = self.batch.payments if self.batch.status == _REJECTED else self.batch.rejected
        self.counted += max(self.named, told)
        self.named_before += self.named
        self.batch, self.batch_element, self.named, self.payments = _Sent(what="batch"), None, 0, 0

    def _finish(self) -> None:
        # Payments that stand in the report itself, as in very early versions, are in no batch and counted here.
        self.findings += self._whole(self.file, self.named_before + self.named, self.counted + self.named)
        self.findings += (_unclear(self.place, status, times) for status, times in self.unclear.items())
        if not self.accounts and not self.findings and not self.has_begun:
            self.findings.append(_of_no_account(self.place, self.file))
        self.is_over = True

    def _whole(self, sent: _Sent, named: int, counted: int) -> Iterator[Finding]:
        """Tell of a file or batch that was rejected as a whole, or of which more was rejected than is named."""
        collected = is_collected(self.file.message, {})
        if sent.status == _REJECTED:
            yield _all_rejected(self.place, sent, named, collected=collected)
        elif sent.rejected > counted:
            yield _more_rejected(self.place, sent, named)


def _all_rejected(place: str, sent: _Sent, named: int, *, collected: bool | None) -> Finding:
    payments = {True: "direct debits", False: "transfers", None: "payments"}[collected]
    facts = [
        f"{sent.payments} {payments}" if sent.payments else "",
        f"control sum {sent.control_sum}" if sent.control_sum else "",
        f"{named} of them named one by one" if named else "none of them named",
    ]
    return Finding(
        code="payment_file_rejected",
        place=place,
        what=f"the bank rejected the whole {sent}: {reasons_in_words(sent.reasons)}",
        excerpt=", ".join(filter(None, facts)),
        what_to_do=f"Nothing of it is collected or paid. {advice(sent.reasons, collected=collected)}",
    )


def _more_rejected(place: str, sent: _Sent, named: int) -> Finding:
    return Finding(
        code="rejected_payments_unnamed",
        place=place,
        what=f"the bank rejected {sent.rejected} payments of the {sent}, but names only {named}",
        what_to_do="Look up the others in the banking software: their money does not come either.",
    )


def _unclear(place: str, status: str, times: int) -> Finding:
    is_name_check = status in _NAME_CHECKS
    return Finding(
        code="payment_status_unclear",
        severity=Severity.NOTE if is_name_check else Severity.WARNING,
        place=place,
        what=f"{times} times the bank gives the status {status}, which is neither accepted nor rejected",
        what_to_do="Nothing: it only compares names with accounts before a transfer."
        if is_name_check
        else "Look up in the banking software what became of these payments.",
    )


def _of_no_account(place: str, file: _Sent) -> Finding:
    return Finding(
        code="payment_status_without_account",
        severity=Severity.NOTE,
        place=place,
        what=f"the bank accepted the {file} (status {file.status or 'not given'}) and names no account",
        what_to_do="Nothing: no payment was rejected.",
    )
