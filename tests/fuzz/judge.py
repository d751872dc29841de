"""What every reader owes us, whatever it is given: a reading that adds up, or a refusal that a person can act on."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

from connectors.bank import formats_with
from connectors.bank.format import SET_ASIDE, Reading
from connectors.bank.online_banking.csv_known_banks import known_mappings
from connectors.bank.online_banking.csv_mapping import mapping_from
from connectors.bank.reading import read_statements
from ledger.errors import ConnectorError, Refused, Unavailable, Unreadable
from ledger.statement import EntryStatus, Statement, StatementEntry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connectors.bank.online_banking.csv_mapping import Mapping
    from ledger.finding import Finding

OWN_ACCOUNT: Final = "DE02120300000000202051"
OWN_SHOP: Final = "PAYPAL:shop@muster.example"

# With these findings a reader says that the file is not, or not provably, all there is.
TOLD: Final = frozenset({"statement_unchecked", "statement_pages_missing"})

_LONGEST_MESSAGE: Final = 3_000  # characters; a screen full
_LARGEST_AMOUNT: Final = 10**18  # minor units: what a database keeps in 64 bits


def _stating_accounts() -> Iterator[Mapping]:
    """Give what an office saves for exports that do not say whose they are."""
    known = known_mappings()
    for one in known:
        if "account" not in one.columns and not one.account_above:
            account = OWN_SHOP if one.account_prefix else OWN_ACCOUNT
            yield mapping_from({"like": one.name, "account": account}, "test", known)


# All our formats, as an office has them that has set up every bank.
FORMATS: Final = formats_with(tuple(_stating_accounts()))


def judged(path: Path) -> Reading | ConnectorError:
    """Read a file and hold the outcome against everything promised; give the reading or the refusal.

    Raise AssertionError where a promise is broken. Any other exception is the reader's own, and a broken promise too.
    """
    try:
        reading = read_statements(path, formats=FORMATS)
    except (Unreadable, Refused, Unavailable) as refusal:
        _judge_refusal(refusal, path)
        return refusal
    assert reading.statements, "a reading without any statement"
    for statement in reading.statements:
        _judge_statement(statement)
    for finding in reading.findings:
        _judge_finding(finding)
    return reading


def _judge_refusal(refusal: ConnectorError, path: Path) -> None:
    message = str(refusal)
    first, *more = message.splitlines()
    assert first.startswith((path.name, str(path))), f"the message does not say where: {message}"
    assert ": " in first, f"the message does not say what: {message}"
    remedy = more[-1].removeprefix(f"    {SET_ASIDE}").strip() if more else ""
    assert remedy.endswith((".", "!")), f"the message does not say what to do: {message}"
    assert SET_ASIDE in message or not isinstance(refusal, Unreadable), message
    _judge_text(message.replace("\n", ""), _LONGEST_MESSAGE)


def _judge_statement(statement: Statement) -> None:
    assert statement.adds_up(), f"a statement that does not add up: {statement}"
    # A list of rejected payments may name no account; then it is told, and nothing of it is listed.
    assert statement.account or not statement.entries, f"a statement of nobody's account: {statement}"
    assert statement.format, statement
    for balance in (statement.opening, statement.closing):
        assert balance is None or balance.currency == statement.currency, statement
    for entry in statement.entries:
        _judge_entry(entry, statement)
    for one in fields(Statement):
        if isinstance(value := getattr(statement, one.name), str):
            _judge_storable(value)


def _judge_entry(entry: StatementEntry, statement: Statement) -> None:
    assert entry.status in {EntryStatus.BOOKED, EntryStatus.PENDING}, entry
    assert entry.account == statement.account, entry
    assert entry.amount.currency == statement.currency, entry
    assert abs(entry.amount.minor) < _LARGEST_AMOUNT, entry
    assert entry.place, entry
    for value in (*entry, *entry.references):
        if isinstance(value, str):
            _judge_storable(value)


def _judge_finding(finding: Finding) -> None:
    assert finding.code, finding
    assert finding.place, finding
    assert finding.what, finding
    assert finding.what_to_do, finding
    for text in (finding.place, finding.what, finding.what_to_do, finding.excerpt):
        _judge_storable(text)


def _judge_text(text: str, longest: int) -> None:
    assert len(text) <= longest, f"{len(text):,} characters, which nobody reads: {text[:200]}…"
    assert text.isprintable(), f"what no screen should be sent: {text!r}"


def _judge_storable(text: str) -> None:
    """No database keeps a NUL, and half a character (a lone surrogate) is nowhere to be written."""
    assert "\0" not in text, f"a NUL in {text!r}"
    text.encode()
