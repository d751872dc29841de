"""The readers as a fuzzer sees them: which files each begins with, and how an input becomes a file."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT: Final = Path(__file__).parents[2]
SAMPLES: Final = ROOT / "tests" / "samples"
FOUND: Final = SAMPLES / "found_by_fuzzing"

REJECTIONS: Final = """<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03">\
<CstmrPmtStsRpt><GrpHdr><MsgId>R1</MsgId><CreDtTm>2026-05-02T07:30:00+02:00</CreDtTm></GrpHdr>\
<OrgnlGrpInfAndSts><OrgnlMsgId>F1</OrgnlMsgId><OrgnlMsgNmId>pain.008.001.02</OrgnlMsgNmId><OrgnlNbOfTxs>3</OrgnlNbOfTxs>\
<OrgnlCtrlSum>357.00</OrgnlCtrlSum><GrpSts>PART</GrpSts><StsRsnInf><Rsn><Cd>MS03</Cd></Rsn><AddtlInf>text</AddtlInf></StsRsnInf>\
</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>B1</OrgnlPmtInfId><PmtInfSts>PART</PmtInfSts>\
<NbOfTxsPerSts><DtldNbOfTxs>2</DtldNbOfTxs><DtldSts>RJCT</DtldSts></NbOfTxsPerSts>\
<TxInfAndSts><StsId>S1</StsId><OrgnlInstrId>I1</OrgnlInstrId><OrgnlEndToEndId>RE-20260042</OrgnlEndToEndId><TxSts>RJCT</TxSts>\
<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf><ChrgsInf><Amt Ccy="EUR">3.00</Amt></ChrgsInf>\
<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">119.00</InstdAmt></Amt><ReqdColltnDt>2026-05-04</ReqdColltnDt>\
<CdtrSchmeId><Id><PrvtId><Othr><Id>DE98ZZZ09999999999</Id></Othr></PrvtId></Id></CdtrSchmeId>\
<MndtRltdInf><MndtId>M-17</MndtId></MndtRltdInf><RmtInf><Ustrd>Rechnung RE-20260042</Ustrd></RmtInf>\
<Dbtr><Nm>Karla Kolumna</Nm></Dbtr><DbtrAcct><Id><IBAN>DE02500105170137075030</IBAN></Id></DbtrAcct>\
<DbtrAgt><FinInstnId><BIC>INGDDEFFXXX</BIC></FinInstnId></DbtrAgt><Cdtr><Nm>Muster GmbH</Nm></Cdtr>\
<CdtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></CdtrAcct></OrgnlTxRef></TxInfAndSts></OrgnlPmtInfAndSts>\
</CstmrPmtStsRpt></Document>"""

PURPOSES: Final = (
    "166?00GUTSCHRIFT?109310?20EREF+E-42 KREF+S1?21SVWZ+RE-2026?220042 danke?30COBADEFFXXX?31DE37370400440001111111",
    "109?00RUECKLASTSCHRIFT?20EREF+C-17?21MREF+M1?22CRED+DE98ZZZ09999999999?23OAMT+59,50?24COAM+3,00?25SVWZ+x?34914",
    "/EREF/NOTPROVIDED/REMI/USTD//RE-20260042/NAME/A. Anders/IBAN/NL91ABNA0417164300/BIC/ABNANL2A/",
    "020^00PRZELEW^20RE-20260042^3010201026^310000120201112223^32ANNA^38PL61109010140000071219812874",
    "NL91ABNA0417164300 A ANDERS\n \nRE-20260042",
    "IBAN: DE37370400440001111111 BIC: COBADEFFXXX RF18539007547034 Referenz 12345 Otto Okapi",
    "<20>text<21>more<32>Anna<33>Anders", "020~00B~20RE-1~21~32Anna~33~38PL61109010140000071219812874",
    "/TRTP/SEPA OVERBOEKING/CSID/X/MARF/M1/ORDP//NAME/A/REMI/RE-1/OCMT/EUR1,00/", "Rechnung RE-20260042 vom 1.4.",
)  # fmt: skip

_AROUND_PURPOSE: Final = (
    b":20:S\n:25:DE02120300000000202051\n:28C:1/1\n:60F:C260430EUR0,00\n:61:2605040504C1,00NTRFNONREF\n:86:",
    b"\n:62F:C260504EUR1,00\n-\n",
)


def seeds_of(reader: str) -> list[bytes]:
    """Give what the fuzzer of a reader begins with: our own samples, and whatever was found before."""
    found = sorted(FOUND.glob(f"{reader.replace('.', '')}_*"))
    return [*_READERS[reader](), *(path.read_bytes() for path in found if reader != "purpose")]


def file_of(reader: str, data: bytes) -> bytes:
    """Give the file that an input of the fuzzer stands for: itself, or one with the input as its field ``:86:``."""
    return data.join(_AROUND_PURPOSE) if reader == "purpose" else data


def zipped(*contents: bytes) -> bytes:
    """Pack files into a ZIP."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number, content in enumerate(contents):
            archive.writestr(zipfile.ZipInfo(f"{number}.sta"), content)
    return target.getvalue()


def tarred(*contents: bytes) -> bytes:
    """Pack files into a TAR."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for number, content in enumerate(contents):
            info = tarfile.TarInfo(f"{number}.sta")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


def gzipped(content: bytes, times: int = 1) -> bytes:
    """Pack a file into a GZIP, and that again, as often as you like."""
    for _ in range(times):
        content = gzip.compress(content, mtime=0)
    return content


def _containers() -> Iterator[bytes]:
    small = (SAMPLES / "bank" / "mt942.sta").read_bytes()
    yield from (zipped(small), zipped(small, small), tarred(small), zipped(tarred(small)))
    yield from (gzipped(small), bz2.compress(small), lzma.compress(small), gzipped(tarred(small)))


def _samples(pattern: str) -> Callable[[], Iterator[bytes]]:
    return lambda: (path.read_bytes() for path in sorted(SAMPLES.glob(pattern)))


_READERS: Final[Mapping[str, Callable[[], Iterator[bytes]]]] = MappingProxyType(
    {
        "camt": _samples("bank/camt*.xml"),
        "pain.002": lambda: iter([REJECTIONS.encode()]),
        "mt940": _samples("bank/mt94*.sta"),
        "purpose": lambda: (one.encode() for one in PURPOSES),
        "csv": _samples("csv/*.csv"),
        "paypal": _samples("csv/paypal*.csv"),
        "container": _containers,
    }
)
READERS: Final = tuple(_READERS)
