"""Invented statement files of any size, written without holding them in memory; their balances add up."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT: Final = "DE02120300000000202051"
NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_FIRST: Final = date(2026, 6, 1)
_BANK: Final = "<FinInstnId><BICFI>COBADEFFXXX</BICFI><Nm>Commerzbank</Nm></FinInstnId>"


def write_camt(path: Path, count: int) -> None:
    """Write a camt.053.001.08 of single transfers, about 1,200 bytes each."""
    with path.open("w", encoding="utf-8") as file:
        file.write(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><BkToCstmrStmt><GrpHdr>'
            "<MsgId>M1</MsgId><CreDtTm>2026-06-30T20:00:00</CreDtTm></GrpHdr><Stmt><Id>S1</Id>"
            f"<ElctrncSeqNb>1</ElctrncSeqNb><Acct><Id><IBAN>{ACCOUNT}</IBAN></Id><Ccy>EUR</Ccy></Acct>\n"
            f"{_balance('OPBD', 0)}{_balance('CLBD', sum(map(_cents, range(count))))}"
        )
        file.writelines(_camt_entry(number, _day(number, count).isoformat()) for number in range(count))
        file.write("</Stmt></BkToCstmrStmt></Document>\n")


def write_mt940(path: Path, count: int) -> None:
    """Write one MT940 statement of single transfers in the German structure, about 290 bytes each."""
    with path.open("w", encoding="utf-8") as file:
        file.write(f":20:STARTUMS\n:25:{ACCOUNT}\n:28C:1/1\n:60F:C260531EUR0,00\n")
        file.writelines(_mt940_entry(number, _day(number, count)) for number in range(count))
        total = sum(map(_cents, range(count)))
        file.write(f":62F:C260630EUR{total // 100},{total % 100:02d}\n-\n")


def _cents(number: int) -> int:
    return 1_000 + number * 7_919 % 900_000


def _day(number: int, count: int) -> date:
    return _FIRST + timedelta(days=number * 30 // count)


def _balance(code: str, cents: int) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{cents // 100}.{cents % 100:02d}</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-06-30</Dt></Dt></Bal>\n"
    )


def _camt_entry(number: int, day: str) -> str:
    cents = _cents(number)
    amount = f'<Amt Ccy="EUR">{cents // 100}.{cents % 100:02d}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
    return (
        f"<Ntry><NtryRef>{number + 1}</NtryRef>{amount}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt>"
        f"<ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>2026063012345{number:07d}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd>"
        "<Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn><Prtry><Cd>NTRF+166+9249+997</Cd><Issr>DK</Issr>"
        f"</Prtry></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>E2E-{number:09d}</EndToEndId></Refs>{amount}<RltdPties>"
        f"<Dbtr><Pty><Nm>Huber Spenglerei und Söhne GmbH {number}</Nm></Pty></Dbtr><DbtrAcct><Id>"
        "<IBAN>DE02500105170137075030</IBAN></Id></DbtrAcct><Cdtr><Pty><Nm>Muster GmbH</Nm></Pty></Cdtr></RltdPties>"
        f"<RltdAgts><DbtrAgt>{_BANK}</DbtrAgt></RltdAgts><RmtInf><Ustrd>RE-2026-{number:07d} vom 01.06.2026 Kd.-Nr. "
        f"{number % 90_000:05d} abzueglich vereinbarter Skonto</Ustrd></RmtInf></TxDtls></NtryDtls>"
        "<AddtlNtryInf>GUTSCHR. UEBERWEISUNG</AddtlNtryInf></Ntry>\n"
    )


def _mt940_entry(number: int, day: date) -> str:
    cents = _cents(number)
    return (
        f":61:{day:%y%m%d}{day:%m%d}CR{cents // 100},{cents % 100:02d}N166NONREF//{number:016d}\n"
        f":86:166?00GUTSCHR. UEBERWEISUNG?109249?20EREF+E2E-{number:09d}\n?21KREF+NONREF"
        f"?22SVWZ+RE-2026-{number:07d} vom 01?23.06.2026 Kd.-Nr. {number % 90_000:05d} abzu\n"
        "?24eglich vereinbarter Skonto?30COBADEFFXXX?31DE02500105170137075030\n"
        "?32HUBER SPENGLEREI UND SOEHNE?33 GMBH?34997\n"
    )
