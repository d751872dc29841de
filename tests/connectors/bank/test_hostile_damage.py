"""Half a file, a byte too many, a bit turned round: damage is refused, or it is not in what was booked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

from connectors.bank.format import Reading
from ledger.statement import EntryStatus
from tests.fuzz.hostile_pieces import with_one_wrong_byte
from tests.fuzz.judge import TOLD, judged
from tests.fuzz.readers import REJECTIONS, SAMPLES, gzipped, tarred, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from ledger.errors import ConnectorError
    from ledger.money import Money
    from ledger.statement import Statement

pytestmark = pytest.mark.slow  # every damage of every sample

SHORT_SWIFT: Final = b""":20:S
:25:DE02120300000000202051
:28C:1/1
:60F:C260430EUR100,00
:61:2605040504C25,50NTRFREF1//B1
:86:166?00GUTSCHRIFT?20SVWZ+RE-7?32Emil
:61:2605040504D5,50NMSC
:62F:C260504EUR120,00
-
:20:S
:25:DE02120300000000202051
:28C:2/1
:60F:C260504EUR120,00
:61:2605050505C1,00NTRF
:62F:C260505EUR121,00
-
"""
SHORT_CAMT: Final = (
    b'<Document xmlns="camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S</Id>'
    b"<Acct><Id><IBAN>DE02120300000000202051</IBAN></Id></Acct>"
    b'<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">9.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>'
    b'<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Bal>'
    b'<Ntry><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>'
    b"<BookgDt><Dt>2026-05-04</Dt></BookgDt>"
    b'<NtryDtls><TxDtls><Amt Ccy="EUR">4.00</Amt></TxDtls><TxDtls><Amt Ccy="EUR">6.00</Amt></TxDtls></NtryDtls>'
    b"</Ntry>"
    b"</Stmt></BkToCstmrStmt></Document>"
)


class Said(NamedTuple):
    """What counts of a statement."""

    account: str
    opening: Money | None
    closing: Money | None
    amounts: tuple[tuple[EntryStatus, int], ...]

    @classmethod
    def of(cls, statement: Statement) -> Said:
        amounts = tuple((entry.status, entry.amount.minor) for entry in statement.entries)
        return cls(statement.account, statement.opening, statement.closing, amounts)


@pytest.fixture
def judge(tmp_path: Path) -> Callable[[bytes], Reading | ConnectorError]:
    def judge(content: bytes) -> Reading | ConnectorError:
        path = tmp_path / "statement.dat"
        path.write_bytes(content)
        return judged(path)

    return judge


def read(judge: Callable[[bytes], Reading | ConnectorError], content: bytes) -> Reading:
    """Read what is known to be whole."""
    result = judge(content)
    assert isinstance(result, Reading), result
    return result


def is_told(reading: Reading) -> bool:
    return any(finding.code in TOLD for finding in reading.findings)


def halves(content: bytes) -> Iterator[bytes]:
    return (content[:length] for length in range(len(content)))


def samples(*patterns: str) -> Sequence[Path]:
    return sorted(path for pattern in patterns for path in SAMPLES.glob(pattern))


# ---- half a file ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [path.read_bytes() for path in samples("bank/camt*.xml")] + [REJECTIONS.encode()])
def test_xml_is_whole_or_refused(content: bytes, judge: Callable[[bytes], Reading | ConnectorError]) -> None:
    whole = content.rstrip()
    assert isinstance(judge(whole), Reading)
    for half in halves(whole):
        assert not isinstance(judge(half), Reading)


@pytest.mark.parametrize("content", [path.read_bytes() for path in samples("bank/mt940*.sta")] + [SHORT_SWIFT])
def test_no_statement_of_half_an_mt940_has_fewer_bookings(
    content: bytes, judge: Callable[[bytes], Reading | ConnectorError]
) -> None:
    whole = [Said.of(one) for one in read(judge, content).statements]
    for half in halves(content):
        result = judge(half)
        if not isinstance(result, Reading):
            continue
        said = [Said.of(one) for one in result.statements]
        if is_told(result):  # the next pages are missing, and that is said
            *said, last = said
            assert last.amounts == whole[len(said)].amounts[: len(last.amounts)]
        # Each message proves itself. Of one whose beginning is there, the end is there as well, or all is refused.
        assert said == whole[: len(said)]


def test_half_an_mt942_books_nothing(judge: Callable[[bytes], Reading | ConnectorError]) -> None:
    for half in halves((SAMPLES / "bank" / "mt942.sta").read_bytes()):
        result = judge(half)
        if isinstance(result, Reading):
            assert not any(one.is_binding for one in result.statements)
            assert all(e.status is EntryStatus.PENDING for one in result.statements for e in one.entries)


@pytest.mark.parametrize("path", samples("csv/*.csv"), ids=lambda path: path.stem)
def test_half_a_csv_has_only_whole_rows(path: Path, judge: Callable[[bytes], Reading | ConnectorError]) -> None:
    """Whether rows are missing below, only balances can tell; a row that is there is there with its amount."""
    content = path.read_bytes()
    result = judge(content)
    if not isinstance(result, Reading):  # an export that does not say whose it is
        return
    whole = {one.currency: Said.of(one).amounts for one in result.statements}
    # Nothing but whole rows can be read, so it is enough to cut near the ends of lines.
    ends = [at + shift for at, byte in enumerate(content) if byte in b"\r\n" for shift in range(-40, 2)]
    for length in sorted({end for end in ends if 0 <= end < len(content)}):
        half = judge(content[:length])
        if not isinstance(half, Reading):
            continue
        for one in half.statements:
            booked = Said.of(one).amounts
            # Which open rows have moved after all, the rows around them tell.
            assert [minor for _, minor in booked] == [minor for _, minor in whole[one.currency][: len(booked)]]
            assert is_told(half) or (one.opening is not None and one.closing is not None)


@pytest.mark.parametrize("pack", [zipped, tarred, gzipped], ids=["zip", "tar", "gzip"])
def test_half_a_container_is_refused(
    pack: Callable[[bytes], bytes], judge: Callable[[bytes], Reading | ConnectorError]
) -> None:
    content = pack(SHORT_SWIFT)
    assert isinstance(judge(content), Reading)
    whole = content.rstrip(b"\0")
    for half in halves(whole):
        assert not isinstance(judge(half), Reading)


# ---- one byte ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [SHORT_SWIFT, SHORT_CAMT], ids=["MT940", "camt.053"])
def test_one_wrong_byte_never_changes_what_is_booked(
    content: bytes, judge: Callable[[bytes], Reading | ConnectorError]
) -> None:
    """Opening and closing hold every cent, so whatever is read with both of them is what was written."""
    whole = sorted(one.movement().minor for one in read(judge, content).statements)
    for wrong in with_one_wrong_byte(content):
        result = judge(wrong)
        if isinstance(result, Reading) and not is_told(result):
            assert sorted(one.movement().minor for one in result.statements) == whole, wrong


@pytest.mark.parametrize(
    "content",
    [
        (SAMPLES / "bank" / "mt942.sta").read_bytes(),
        (SAMPLES / "csv" / "n26.csv").read_bytes(),
        zipped(SHORT_SWIFT[:200]),
    ],
    ids=["MT942", "N26", "ZIP"],
)
def test_one_wrong_byte_is_read_or_refused(
    content: bytes, judge: Callable[[bytes], Reading | ConnectorError]
) -> None:
    for wrong in with_one_wrong_byte(content):
        judge(wrong)
