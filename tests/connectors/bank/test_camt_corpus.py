"""Real camt files, where a collection is at hand (KONTORIST_CORPUS): nothing they say of a payment is lost."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from lxml import etree

from connectors.bank.reading import read_statements
from ledger.errors import Unreadable
from ledger.money import from_decimal, total

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry

_FOLDER: Final = os.environ.get("KONTORIST_CORPUS", "")
__test__ = bool(_FOLDER)  # without a collection there is nothing to ask
_INDEX: Final = Path(_FOLDER) / "INDEX.tsv"


def _rows() -> list[dict[str, str]]:
    if not _FOLDER:
        return []
    with _INDEX.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["format_version"].startswith("camt")]
    return [row for row in rows if (_INDEX.parent / row["path"]).is_file()]


def _texts(element: etree._Element, path: str) -> Iterator[str]:
    for found in element.iterfind("/".join(f"{{*}}{name}" for name in path.split("/"))):
        if text := " ".join("".join(str(text) for text in found.itertext()).split()):
            yield text


def _compare(booking: etree._Element, entries: list[StatementEntry]) -> None:
    amount = total((entry.amount for entry in entries), entries[0].amount.currency)
    written = from_decimal(Decimal(next(_texts(booking, "Amt"))), amount.currency)
    assert amount == (-written if next(_texts(booking, "CdtDbtInd")) == "DBIT" else written)
    payments = booking.findall("{*}NtryDtls/{*}TxDtls")
    whole = len(entries) != max(len(payments), 1)
    for number, payment in enumerate(payments):
        entry = entries[0 if whole else number]
        for line in _texts(payment, "RmtInf/Ustrd"):
            assert line == "NOTPROVIDED" or line in entry.remittance
            assert line == "NOTPROVIDED" or "".join(line.split()) in "".join(entry.remittance_glued.split())
        for reference in _texts(payment, "RmtInf/Strd/CdtrRefInf/Ref"):
            assert "".join(reference.split()) in {*entry.references, "NOTPROVIDED"}
        for reference in _texts(payment, "RmtInf/Strd/RfrdDocInf/Nb"):
            assert reference in entry.references
        if whole:
            continue
        for reference in _texts(payment, "Refs/EndToEndId"):
            assert reference in {entry.end_to_end_id, "NOTPROVIDED", "NONREF"}
        paths = ("Dbtr/Nm", "Dbtr/Pty/Nm", "Cdtr/Nm", "Cdtr/Pty/Nm")
        names = {name for path in paths for name in _texts(payment, f"RltdPties/{path}")}
        assert not entry.payer_name or not names or entry.payer_name in names


@pytest.mark.parametrize("path", [row["path"] for row in _rows()])
def test_every_payment_keeps_its_amount_text_and_references(path: str) -> None:
    file = _INDEX.parent / path
    try:
        reading = read_statements(file)
    except Unreadable:
        return
    at: dict[str, list[StatementEntry]] = defaultdict(list)
    for statement in reading.statements:
        for entry in statement.entries:
            at[entry.place.removeprefix(file.name).partition(" ")[2].partition("/TxDtls")[0]].append(entry)
    statements = [
        element
        for element in etree.parse(file).iter("{*}Stmt", "{*}Rpt", "{*}Ntfctn")
        if (around := element.getparent()) is not None and etree.QName(around).localname.startswith("BkToCstmr")
    ]
    assert len(statements) == len(reading.statements)
    for number, element in enumerate(statements, start=1):
        for position, booking in enumerate(element.iterfind("{*}Ntry"), start=1):
            _compare(booking, at.pop(f"{etree.QName(element).localname}[{number}]/Ntry[{position}]"))
    assert not at


@pytest.mark.parametrize(("kind", "share"), [("camt.052", 1.0), ("camt.053", 1.0), ("camt.054", 1.0)])
def test_what_can_be_read_is_read(kind: str, share: float) -> None:
    rows = [row for row in _rows() if row["format_version"].startswith(kind)]
    wanted = [row for row in rows if row["balances_add_up"] == ("yes" if kind == "camt.053" else "")]
    refused = []
    for row in wanted:
        try:
            read_statements(_INDEX.parent / row["path"])
        except Unreadable as error:
            refused.append(f"{row['path']}: {error}")
    assert len(refused) <= (1 - share) * len(wanted), refused
