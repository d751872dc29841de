"""Reading statements: one camt.053 and one MT940 file of 20,000 bookings, against the bare tokenizers and a peer."""

from __future__ import annotations

import logging
import re
import tempfile
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import mt940
from lxml import etree

from benchmarks.measure import Figure, cpu_seconds, peak_megabytes
from connectors.bank.reading import read_statements

if TYPE_CHECKING:
    from collections.abc import Iterator

_COUNT = 20_000
_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def figures() -> Iterator[Figure]:
    """Measure both formats."""
    with tempfile.TemporaryDirectory() as folder:
        camt = Path(folder) / "statement.xml"
        camt.write_text(_camt(_COUNT), encoding="utf-8")
        assert len(read_statements(camt).statements[0].entries) == _COUNT
        yield Figure(
            what="camt.053.001.08 read",
            count=_COUNT,
            unit="entries",
            cpu_seconds=cpu_seconds(lambda: read_statements(camt)),
            peak_megabytes=peak_megabytes(),
            floor="lxml iterparse alone",
            floor_seconds=cpu_seconds(lambda: _walk(camt)),
        )
        swift = Path(folder) / "statement.sta"
        swift.write_text(_mt940(_COUNT), encoding="utf-8")
        assert len(read_statements(swift).statements[0].entries) == _COUNT
        ours = cpu_seconds(lambda: read_statements(swift))
        yield Figure(
            what="MT940 read",
            count=_COUNT,
            unit="entries",
            cpu_seconds=ours,
            peak_megabytes=peak_megabytes(),
            floor="one regular expression over all tags",
            floor_seconds=cpu_seconds(lambda: re.findall(r"^:(\d\d[A-Z]?):(.*)$", swift.read_text(), re.MULTILINE)),
        )
        logging.disable(logging.CRITICAL)
        yield Figure(
            what="MT940 read by the package mt-940",
            count=_COUNT,
            unit="entries",
            cpu_seconds=cpu_seconds(lambda: mt940.parse(StringIO(swift.read_text())), runs=1),
            peak_megabytes=peak_megabytes(),
            floor="our reader",
            floor_seconds=ours,
        )


def _walk(path: Path) -> None:
    for _, element in etree.iterparse(str(path), tag=f"{{{_NAMESPACE}}}Ntry"):
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _camt(count: int) -> str:
    entries = "".join(
        f'<Ntry><Amt Ccy="EUR">119.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>2026-06-30</Dt></BookgDt><ValDt><Dt>2026-06-30</Dt></ValDt><AcctSvcrRef>B{n}</AcctSvcrRef>"
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>E2E-{n}</EndToEndId></Refs>"
        '<Amt Ccy="EUR">119.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        f"<RltdPties><Dbtr><Pty><Nm>Huber Spenglerei GmbH {n}</Nm></Pty></Dbtr>"
        "<DbtrAcct><Id><IBAN>DE02500105170137075030</IBAN></Id></DbtrAcct></RltdPties>"
        f"<RmtInf><Ustrd>RE-2026-{n:06d} vom 01.06.2026 Kd.-Nr. 10034</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        for n in range(count)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{_NAMESPACE}"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>M1</MsgId></GrpHdr><Stmt><Id>S1</Id><ElctrncSeqNb>1</ElctrncSeqNb>"
        "<Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        f"{_balance('OPBD', 0)}{_balance('CLBD', count * 119)}{entries}</Stmt></BkToCstmrStmt></Document>"
    )


def _balance(code: str, amount: int) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}.00</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-06-30</Dt></Dt></Bal>"
    )


def _mt940(count: int) -> str:
    bookings = "".join(
        f":61:2606300630CR119,00N166NONREF//B{n}\n"
        f":86:166?00SEPA-GUTSCHRIFT?109249?20EREF+E2E-{n}?21SVWZ+RE-2026-{n:06d} vom 0?221.06.2026 Kd.-Nr. 10034\n"
        f"?30COBADEFFXXX?31DE02500105170137075030?32Huber Spenglerei GmbH\n"
        for n in range(count)
    )
    return (
        ":20:STARTUMS\n:25:DE02120300000000202051\n:28C:1/1\n:60F:C260629EUR0,00\n"
        f"{bookings}:62F:C260630EUR{count * 119},00\n-\n"
    )
