"""Writes MT940 as German banks do (DK, Anlage 3, chapter 8): structured :86:, cut after 27 letters, SWIFT charset."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from demo.transaction import TRANSACTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from demo.statements import DailyStatement
    from ledger.money import Money
    from ledger.statement import StatementEntry

_SUBFIELD: Final = 27
_LINE: Final = 65
_LINES: Final = 6
_REMITTANCE_TAGS: Final = (*range(20, 30), *range(60, 64))

_UMLAUTS: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "AE", "Ö": "OE", "Ü": "UE", "ß": "ss", "ı": "i", "ć": "c", "&": "+"}
)
_NOT_SWIFT: Final = re.compile(r"[^A-Za-z0-9/?:().,'+\- ]")
_RETURN_NUMBERS: Final = {"MS03": "914"}


def write_mt940(daily: DailyStatement) -> bytes:
    """Write one day of one account as a file with CRLF line ends."""
    statement = daily.statement
    assert statement.opening is not None, statement
    assert statement.closing is not None, statement
    assert statement.opening_date is not None, statement
    lines = [
        ":20:STARTUMSE",
        f":25:{statement.account[4:12]}/{statement.account[12:]}",
        f":28C:{int(statement.number):05d}/001",
        f":60F:{_balance(statement.opening, statement.opening_date)}",
    ]
    for entry in statement.entries:
        lines.append(_statement_line(entry))
        lines.extend(_information(entry))
    lines += [f":62F:{_balance(statement.closing, daily.day)}", "-", ""]
    return "\r\n".join(lines).encode("ascii")


def swift_text(text: str) -> str:
    """Write a text in the letters SWIFT knows: umlauts in two letters, everything unknown a full stop."""
    return _NOT_SWIFT.sub(".", text.translate(_UMLAUTS))


def _statement_line(entry: StatementEntry) -> str:
    mark = "DR" if entry.amount.minor < 0 else "CR"
    swift = TRANSACTIONS[entry.transaction_code].swift
    day = entry.booking_date
    return f":61:{day:%y%m%d}{day:%m%d}{mark}{_comma(entry.amount)}{swift}NONREF//{entry.bank_reference}"


def _information(entry: StatementEntry) -> list[str]:
    """Give the :86: in lines of 65 characters."""
    text = f":86:{entry.transaction_code}?00{entry.posting_text}?10931"
    pieces = list(_pieces(entry))
    assert len(pieces) <= len(_REMITTANCE_TAGS), entry
    text += "".join(f"?{tag}{piece}" for tag, piece in zip(_REMITTANCE_TAGS, pieces, strict=False) if tag < 30)
    if entry.payer_name:
        name = swift_text(entry.payer_name)
        text += f"?30{entry.payer_bic}?31{entry.payer_iban}?32{name[:_SUBFIELD].rstrip()}"
        text += f"?33{name[_SUBFIELD : 2 * _SUBFIELD].rstrip()}" if len(name) > _SUBFIELD else ""
    if entry.return_reason:
        text += f"?34{_RETURN_NUMBERS[entry.return_reason]}"
    text += "".join(f"?{tag}{piece}" for tag, piece in zip(_REMITTANCE_TAGS, pieces, strict=False) if tag >= 60)
    lines = list(_wrapped(text))
    assert len(lines) <= _LINES, entry
    return lines


def _pieces(entry: StatementEntry) -> Iterator[str]:
    """Cut what the keywords carry into subfields; each keyword starts a new one (DK)."""
    carried = (
        ("EREF", entry.end_to_end_id),
        ("MREF", entry.mandate_id),
        ("CRED", entry.creditor_id),
        ("COAM", _comma(entry.charges) if entry.charges else ""),
        ("OAMT", _comma(entry.original_amount) if entry.original_amount else ""),
        ("SVWZ", entry.remittance),
        ("ABWA", entry.ultimate_name),
    )
    for keyword, value in carried:
        text = f"{keyword}+{swift_text(value)}" if value else ""
        for start in range(0, len(text), _SUBFIELD):
            # A blank at the cut is trimmed, as in real files: the reader has to put it back.
            yield text[start : start + _SUBFIELD].rstrip()


def _wrapped(text: str) -> Iterator[str]:
    while text:
        end = _LINE
        # A line that begins with : or - would look like a new field or the end of the message.
        while text[end : end + 1] in {":", "-"}:
            end -= 1
        yield text[:end]
        text = text[end:]


def _balance(money: Money, day: date) -> str:
    return f"{'D' if money.minor < 0 else 'C'}{day:%y%m%d}{money.currency}{_comma(money)}"


def _comma(money: Money) -> str:
    return str(abs(money).decimal()).replace(".", ",")
