"""Files that look like those of banks, made of honest and hostile pieces: each reader reads them or refuses them."""

from __future__ import annotations

import bz2
import lzma
from random import Random
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from connectors.bank.format import Reading
from tests.fuzz.hostile_pieces import AMOUNTS, BYTES, CODES, CURRENCIES, DAYS, TEXTS, damaged
from tests.fuzz.judge import OWN_ACCOUNT, judged
from tests.fuzz.readers import PURPOSES, REJECTIONS, SAMPLES, file_of, gzipped, tarred, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

pytestmark = pytest.mark.slow

# So that one reader takes a quarter of a minute. A single file that takes longer than the deadline hangs.
EXAMPLES: Final = 1_000
fuzzing = settings(
    max_examples=EXAMPLES,
    deadline=5_000,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.large_base_example],
)


def mostly(honest: st.SearchStrategy[str], hostile: Sequence[str]) -> st.SearchStrategy[str]:
    """Be hostile now and then, so that what comes behind is reached as well."""
    return st.integers(0, 19).flatmap(lambda n: honest if n else st.sampled_from(hostile))


codes = st.sampled_from(CODES)
texts = mostly(
    st.sampled_from(["RE-20260042", "Rechnung", "Anna Anders", "a b", "NOTPROVIDED"]) | st.text(max_size=30), TEXTS
)
currencies = mostly(st.just("EUR"), CURRENCIES)
iso_days = mostly(st.dates().map(str), DAYS)
swift_days = mostly(st.just("260504") | st.dates().map(lambda day: day.strftime("%y%m%d")), DAYS)
cents = st.integers(0, 10**8) | st.integers(0, 10**19)


@st.composite
def as_delivered(draw: st.DrawFn, text: str) -> bytes:
    """Bring a text into bytes as banks do and should not, and damage it on the way."""
    charset = draw(st.sampled_from(["utf-8"] * 25 + ["utf-16", "utf-16-le", "cp1252", "latin-1", "cp500", "utf-32"]))
    content = text.encode(charset, "surrogatepass" if charset.startswith("utf") else "replace")
    match draw(st.integers(0, 11)):
        case 0:
            content = content[: draw(st.integers(0, len(content)))]
        case 1:
            content = damaged(content, Random(draw(st.integers(0, 2**32))))
        case 2:
            at = draw(st.integers(0, len(content)))
            content = content[:at] + draw(st.sampled_from(BYTES)) + content[at:]
        case 3:
            content = content.replace(b"\n", draw(st.sampled_from([b"\r\n", b"\r", b"@@", b"", b"\n\n"])))
        case _:
            pass
    return content


# ---- camt and pain.002 ---------------------------------------------------------------------------------------------

# Everything that may stand in a booking or payment, the parts that matter more often.
PARTS: Final = (
    '<Amt Ccy="{c}">{a}</Amt>', "<CdtDbtInd>{k}</CdtDbtInd>", "<Sts>{k}</Sts>", "<Sts><Cd>{k}</Cd></Sts>",
    "<RvslInd>{k}</RvslInd>", "<BookgDt><Dt>{d}</Dt></BookgDt>", "<ValDt><DtTm>{d}</DtTm></ValDt>",
    "<AcctSvcrRef>{t}</AcctSvcrRef>",
    "<BkTxCd><Domn><Cd>{k}</Cd><Fmly><Cd>{k}</Cd><SubFmlyCd>{k}</SubFmlyCd></Fmly></Domn></BkTxCd>",
    "<BkTxCd><Prtry><Cd>{t}</Cd><Issr>{k}</Issr></Prtry></BkTxCd>", "<AddtlNtryInf>{t}</AddtlNtryInf>",
    "<AddtlTxInf>{t}</AddtlTxInf>",
    '<AmtDtls><TxAmt><Amt Ccy="{c}">{a}</Amt></TxAmt><InstdAmt><Amt Ccy="{c}">{a}</Amt></InstdAmt></AmtDtls>',
    "<AmtDtls><CntrValAmt><Amt Ccy='{c}'>{a}</Amt><CcyXchg><XchgRate>{a}</XchgRate></CcyXchg></CntrValAmt></AmtDtls>",
    '<Chrgs><TtlChrgsAndTaxAmt Ccy="{c}">{a}</TtlChrgsAndTaxAmt></Chrgs>',
    '<Chrgs><Rcrd><Amt Ccy="{c}">{a}</Amt><CdtDbtInd>{k}</CdtDbtInd><ChrgInclInd>{k}</ChrgInclInd></Rcrd></Chrgs>',
    "<Refs><EndToEndId>{t}</EndToEndId><MndtId>{t}</MndtId><TxId>{t}</TxId><PmtInfId>{t}</PmtInfId></Refs>",
    "<RmtInf><Ustrd>{t}</Ustrd><Ustrd>{t}</Ustrd></RmtInf>",
    "<RmtInf><Strd><CdtrRefInf><Ref>{t}</Ref></CdtrRefInf></Strd></RmtInf>",
    "<RltdPties><Dbtr><Pty><Nm>{t}</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>{t}</IBAN></Id></DbtrAcct></RltdPties>",
    "<RltdPties><Cdtr><Nm>{t}</Nm><Id><PrvtId><Othr><Id>{t}</Id></Othr></PrvtId></Id></Cdtr></RltdPties>",
    "<RtrInf><Rsn><Cd>{k}</Cd></Rsn><AddtlInf>{t}</AddtlInf></RtrInf>",
    "<Btch><NbOfTxs>{a}</NbOfTxs><PmtInfId>{t}</PmtInfId></Btch>", "<!--{k}-->", "<?x {k}?>", "<x>{t}</x>",
    "<![CDATA[{k}]]>", "{t}", "<SplmtryData><Ntry/></SplmtryData>",
)  # fmt: skip
HEADER: Final = (
    "<Id>{t}</Id>", "<ElctrncSeqNb>{a}</ElctrncSeqNb>", "<LglSeqNb>{t}</LglSeqNb>", "<CreDtTm>{d}</CreDtTm>",
    "<FrToDt><FrDtTm>{d}</FrDtTm><ToDtTm>{d}</ToDtTm></FrToDt>",
    "<StmtPgntn><PgNb>{a}</PgNb><LastPgInd>{k}</LastPgInd></StmtPgntn>",
    "<TxsSummry><TtlNtries><NbOfNtries>{a}</NbOfNtries><Sum>{a}</Sum></TtlNtries></TxsSummry>", "<Ntry/>", "<x/>",
    '<Bal><Tp><CdOrPrtry><Cd>{k}</Cd></CdOrPrtry></Tp><Amt Ccy="{c}">{a}</Amt><CdtDbtInd>{k}</CdtDbtInd></Bal>',
)  # fmt: skip


def euros(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


@st.composite
def filled(draw: st.DrawFn, parts: Sequence[str], most: int) -> str:
    """Draw some parts and fill them in."""
    chosen = draw(st.lists(st.sampled_from(parts), max_size=most))
    amounts = mostly(cents.map(euros), AMOUNTS)
    return "".join(
        part.format(
            a=escape(draw(amounts)),
            c=escape(draw(currencies)),
            d=escape(draw(iso_days)),
            k=draw(codes),
            t=escape(draw(texts)),
        )
        for part in chosen
    )


@st.composite
def camts(draw: st.DrawFn) -> str:
    """A message with statements that mostly add up."""
    message, statement, version = draw(
        st.sampled_from(
            [
                ("BkToCstmrStmt", "Stmt", "053"),
                ("BkToCstmrAcctRpt", "Rpt", "052"),
                ("BkToCstmrDbtCdtNtfctn", "Ntfctn", "054"),
            ]
        )
    )
    statements = "".join(
        f"<{statement}>{draw(camt_statements())}</{statement}>" for _ in range(draw(st.integers(0, 3)))
    )
    name = f"urn:iso:std:iso:20022:tech:xsd:camt.{version}.001.{draw(st.sampled_from(['02', '08', '99', '']))}"
    declared = draw(
        st.sampled_from(
            ['<?xml version="1.0"?>', '<?xml version="1.0" encoding="ISO-8859-1"?>', "", "\ufeff", "<!-- x -->"]
        )
    )
    return f'{declared}<Document xmlns="{name}"><{message}><GrpHdr/>{statements}</{message}></Document>'


@st.composite
def camt_statements(draw: st.DrawFn) -> str:
    amounts = draw(st.lists(st.integers(-(10**8), 10**8), max_size=4))
    opening = draw(st.integers(-(10**9), 10**9))
    ends = "".join(
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{euros(abs(minor))}</Amt>'
        f"<CdtDbtInd>{'CRDT' if minor >= 0 else 'DBIT'}</CdtDbtInd></Bal>"
        for code, minor in (("OPBD", opening), ("CLBD", opening + sum(amounts)))
    )
    account = (
        f"<Acct><Id><IBAN>{OWN_ACCOUNT}</IBAN></Id></Acct>" if draw(st.integers(0, 9)) else draw(filled(HEADER, 1))
    )
    bookings = [draw(camt_bookings(minor)) for minor in amounts]
    return "".join(draw(st.permutations([account, ends, draw(filled(HEADER, 2)), *bookings])))


@st.composite
def camt_bookings(draw: st.DrawFn, minor: int) -> str:
    direction = "CRDT" if minor >= 0 else "DBIT"
    payments = "".join(
        f"<TxDtls>{amount}{draw(filled(PARTS, 4))}</TxDtls>"
        for amount in draw(
            st.sampled_from(
                [
                    [],
                    [""],
                    [f'<Amt Ccy="EUR">{euros(abs(minor))}</Amt>'],
                    [f'<Amt Ccy="EUR">{euros(abs(minor) // 2)}</Amt>'] * 2,
                ]
            )
        )
    )
    return (
        f'<Ntry><Amt Ccy="EUR">{euros(abs(minor))}</Amt><CdtDbtInd>{direction}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>2026-05-04</Dt></BookgDt>{draw(filled(PARTS, 2))}<NtryDtls>{payments}</NtryDtls></Ntry>\n"
    )


@st.composite
def reports(draw: st.DrawFn) -> str:
    """A list of rejected payments, with some of its texts exchanged and some of its elements moved."""
    text = REJECTIONS
    for right in draw(
        st.lists(
            st.sampled_from(
                [
                    "119.00",
                    "EUR",
                    "RJCT",
                    "PART",
                    "2026-05-04",
                    "AC04",
                    "RE-20260042",
                    "DE02120300000000202051",
                    ">3<",
                ]
            ),
            max_size=3,
        )
    ):
        text = text.replace(right, escape(draw(st.sampled_from([*AMOUNTS, *DAYS, *TEXTS, *CODES, *CURRENCIES]))), 1)
    begin = text.index("<TxInfAndSts>")
    end = text.index("</TxInfAndSts>") + len("</TxInfAndSts>")
    return text[:begin] + text[begin:end] * draw(st.integers(0, 3)) + text[end:]


# ---- MT940 ---------------------------------------------------------------------------------------------------------

FIELDS: Final = (
    ":86:{t}", ":86:166?00{t}?20{t}?21{t}?32{t}?31{t}", ":86:{k}", ":NS:01{t}\n15{t}", "/OCMT/{c}{a}/CHGS/{c}{a}/",
    "{t}", ":13D:{d}1200+0100", ":90C:1{c}{a}", ":90D:{a}", ":34F:{c}{k}{a}", ":64:C{d}{c}{a}", ":65:D{d}{c}{a}",
    ":21:{t}", ":28C:{a}/{a}", ":25:{t}", ":61:{d}{k}{a}N{k}{t}", ":61:{d}0504RC{a}NTRFNONREF//{t}",
    ":60M:C{d}{c}{a}", ":62M:D{d}{c}{a}", "-", "-}}", "{{4:", ":20:{t}", ":99:{t}", ":86:{t}\n{t}\n{t}",
)  # fmt: skip


def with_comma(minor: int) -> str:
    return f"{minor // 100},{minor % 100:02d}"


@st.composite
def field(draw: st.DrawFn) -> str:
    amount, day = draw(mostly(cents.map(with_comma), AMOUNTS)), draw(swift_days)
    return draw(st.sampled_from(FIELDS)).format(a=amount, d=day, c=draw(currencies), k=draw(codes), t=draw(texts))


@st.composite
def swifts(draw: st.DrawFn) -> str:
    """Messages that mostly add up; some go on in the next one."""
    messages, balance = [], draw(st.integers(-(10**9), 10**9))
    for number in range(draw(st.integers(1, 3))):
        amounts = draw(st.lists(st.integers(-(10**8), 10**8), max_size=4))
        lines = [
            ":20:S",
            f":25:{OWN_ACCOUNT}",
            f":28C:7/{number + 1}",
            _balance(draw(st.sampled_from("FFM")), "60", balance),
        ]
        for minor in amounts:
            mark = draw(st.sampled_from(["C", "RD"] if minor >= 0 else ["D", "RC"]))
            lines.append(f":61:2605040504{mark}{with_comma(abs(minor))}NTRF{draw(texts)}")
            lines += draw(st.lists(field() | st.sampled_from([f":86:{one}" for one in PURPOSES]), max_size=2))
        balance += sum(amounts)
        lines += [_balance(draw(st.sampled_from("FFM")), "62", balance), "-"]
        messages += lines
    return "\n".join(messages) + "\n"


def _balance(kind: str, tag: str, minor: int) -> str:
    return f":{tag}{kind}:{'C' if minor >= 0 else 'D'}260504EUR{with_comma(abs(minor))}"


KEYWORDS: Final = (
    *(f"{word}{mark}" for word in "EREF KREF MREF CRED SVWZ ABWA IBAN OAMT COAM".split() for mark in ("+", ": ", "")),
    *(f"?{tag:02d}" for tag in (0, 10, 20, 21, 29, 30, 31, 32, 33, 34, 60, 63, 99)), "/REMI/", "/NAME/", "/IBAN/",
    "/EREF/", "<20>", "~20", "^20", "166", "020", "\n", " ", "  ", "//", "RF18539007547034", "DE02120300000000202051",
    "PL61109010140000071219812874", "NL91ABNA0417164300 ",
)  # fmt: skip


# ---- CSV and containers --------------------------------------------------------------------------------------------


@st.composite
def exports(draw: st.DrawFn, names: Sequence[str]) -> bytes:
    """The export of a bank with some of its cells exchanged, and some rows moved, doubled or left out."""
    text = (SAMPLES / "csv" / draw(st.sampled_from(names))).read_bytes().decode("utf-8", "surrogateescape")
    lines = text.splitlines(keepends=True)
    delimiter = ";" if text.count(";") > text.count(",") else ","
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        cells = lines[at].split(delimiter)
        cells[draw(st.integers(0, len(cells) - 1))] = draw(st.sampled_from(['"{}"', "{}", '="{}"', "'{}"])).format(
            draw(st.sampled_from([*AMOUNTS, *DAYS, *TEXTS, *CURRENCIES]) | st.text(max_size=20))
        )
        lines[at] = delimiter.join(cells)
        if draw(st.integers(0, 3)) == 0:
            lines.insert(draw(st.integers(0, len(lines))), lines[draw(st.integers(0, len(lines) - 1))])
        if draw(st.integers(0, 5)) == 0:
            del lines[draw(st.integers(0, len(lines) - 1))]
            lines = lines or [""]
    return "".join(lines).encode("utf-8", "surrogatepass" if not text.isprintable() else "surrogateescape")


CSV: Final = sorted(path.name for path in (SAMPLES / "csv").glob("*.csv"))
PAYPAL: Final = [name for name in CSV if name.startswith("paypal")]

contents = st.sampled_from([path.read_bytes() for path in (SAMPLES / "bank").iterdir()]) | st.binary(max_size=200)
packers: st.SearchStrategy[Callable[[bytes], bytes]] = st.sampled_from(
    [zipped, tarred, gzipped, bz2.compress, lzma.compress]
)


@st.composite
def containers(draw: st.DrawFn) -> bytes:
    """Archives in archives, damaged anywhere."""
    inside = draw(st.lists(contents, min_size=1, max_size=3))
    packed = zipped(*inside) if draw(st.booleans()) else tarred(*inside)
    for pack in draw(st.lists(packers, max_size=4)):
        packed = pack(packed)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(packed) - 1))
        packed = packed[:at] + draw(st.binary(max_size=3)) + packed[at + draw(st.integers(0, 3)) :] or b"\0"
    return packed


# ---- the readers ---------------------------------------------------------------------------------------------------


def judge(content: bytes, folder: Path) -> None:
    path = folder / "input"
    path.write_bytes(content)
    event("read" if isinstance(judged(path), Reading) else "refused")


@fuzzing
@given(content=camts().flatmap(as_delivered))
def test_camt(content: bytes, tmp_path: Path) -> None:
    judge(content, tmp_path)


@fuzzing
@given(content=reports().flatmap(as_delivered))
def test_pain_002(content: bytes, tmp_path: Path) -> None:
    judge(content, tmp_path)


@fuzzing
@given(content=swifts().flatmap(as_delivered))
def test_mt940(content: bytes, tmp_path: Path) -> None:
    judge(content, tmp_path)


@fuzzing
@given(
    text=st.lists(st.sampled_from([*KEYWORDS, *TEXTS, *AMOUNTS]) | st.text(max_size=40), max_size=30).map("".join),
    beginning=st.sampled_from(["", "166", "109", "/EREF/", *PURPOSES]),
)
def test_the_purpose_of_an_mt940(text: str, beginning: str, tmp_path: Path) -> None:
    judge(file_of("purpose", f"{beginning}{text}".encode("utf-8", "surrogatepass")), tmp_path)


@fuzzing
@given(content=exports(CSV))
def test_csv(content: bytes, tmp_path: Path) -> None:
    judge(content, tmp_path)


@fuzzing
@given(content=exports(PAYPAL))
def test_paypal(content: bytes, tmp_path: Path) -> None:
    judge(content, tmp_path)


@fuzzing
@given(content=containers())
def test_containers(content: bytes, tmp_path: Path) -> None:
    judge(content, tmp_path)
