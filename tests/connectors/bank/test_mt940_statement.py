"""From messages to statements: pages, several statements, pieces of bounded size, and what proves them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from connectors.bank.format import PIECE_ENTRIES
from connectors.bank.swift import mt940, mt940_fallback
from ledger.errors import Unreadable
from ledger.money import Money
from ledger.statement import EntryStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from connectors.bank.reading import Reading

HEADER: Final = ":20:T\n:25:DE02120300000000202051\n"
FIRST: Final = (
    f"{HEADER}:28C:7/1\n:60F:C260430EUR100,00\n:61:2605040504C10,00NTRFNONREF\n:86:eins\n:62M:C260504EUR110,00\n-\n"
)
SECOND: Final = (
    f"{HEADER}:28C:7/2\n:60M:C260504EUR110,00\n:61:2605040504C20,00NTRFNONREF\n:86:zwei\n:62M:C260504EUR130,00\n-\n"
)
THIRD: Final = (
    f"{HEADER}:28C:7/3\n:60M:C260504EUR130,00\n:61:2605040504D5,00NTRFNONREF\n:86:drei\n:62F:C260504EUR125,00\n-\n"
)


@pytest.mark.parametrize(
    "pages", [(FIRST, SECOND, THIRD), (SECOND, FIRST, THIRD), (THIRD, SECOND, FIRST)], ids=["123", "213", "321"]
)
def test_pages_in_any_order_are_one_statement(pages: tuple[str, ...], read_bytes: Callable[..., Reading]) -> None:
    reading = read_bytes("".join(pages))
    (statement,) = reading.statements
    assert (statement.opening, statement.closing) == (Money(10000, "EUR"), Money(12500, "EUR"))
    assert [entry.remittance for entry in statement.entries] == ["eins", "zwei", "drei"]
    assert [entry.booking_ref for entry in statement.entries] == ["1", "2", "3"]
    assert (statement.page, statement.is_last_page, reading.findings) == (0, True, ())


def test_the_line_of_a_page_that_was_moved_is_its_line_in_the_file(read_bytes: Callable[..., Reading]) -> None:
    (statement,) = read_bytes(SECOND + FIRST + THIRD).statements
    assert [entry.place for entry in statement.entries] == ["statement.dat:13", "statement.dat:5", "statement.dat:21"]


@pytest.mark.parametrize(
    ("page", "number", "is_last"), [(FIRST, 1, False), (SECOND, 2, False), (THIRD, 3, True)], ids=["1", "2", "3"]
)
def test_a_page_in_a_file_of_its_own_says_which_it_is(
    page: str, number: int, is_last: bool, read_bytes: Callable[..., Reading]
) -> None:
    reading = read_bytes(page)
    (statement,) = reading.statements
    assert (statement.number, statement.page, statement.is_last_page) == ("7", number, is_last)
    assert [f.code for f in reading.findings] == ["statement_pages_missing"]


def test_a_page_missing_in_between_is_told_and_nothing_is_put_together(read_bytes: Callable[..., Reading]) -> None:
    reading = read_bytes(FIRST + THIRD)
    assert [(s.page, s.is_last_page) for s in reading.statements] == [(1, False), (3, True)]
    assert [f.code for f in reading.findings] == ["statement_pages_missing", "statement_pages_missing"]


def test_several_statements_behind_one_reference(read_bytes: Callable[..., Reading]) -> None:
    text = FIRST.replace(":62M:", ":62F:").removesuffix("-\n") + THIRD.removeprefix(":20:T\n").replace(
        ":60M:", ":60F:"
    )
    assert [s.closing for s in read_bytes(text).statements] == [Money(11000, "EUR"), Money(12500, "EUR")]


def test_a_million_bookings_would_come_in_pieces(tmp_path: Path) -> None:
    count = 2 * PIECE_ENTRIES + 7
    booking = ":61:2605040504CR1,00N166NONREF\n:86:166?00GUTSCHRIFT?20EREF+E?21SVWZ+RE?32Anna Anders\n"
    odd = ":61:2605040504C1,00NTRFNONREF\nsupplement\n:86:free text\n"
    path = tmp_path / "long.sta"
    path.write_text(
        f"{HEADER}:28C:1/1\n:60F:C260430EUR0,00\n{booking * (count - 3)}{odd * 3}:62F:C260504EUR{count},00\n-\n"
    )
    found = list(mt940.pieces(path, path.name))
    assert [len(piece.statement.entries) for piece in found] == [PIECE_ENTRIES, PIECE_ENTRIES, 7]
    assert [(piece.number, piece.is_last) for piece in found] == [(0, False), (0, False), (0, True)]
    assert found[-1].statement.closing == Money(count * 100, "EUR")
    numbers = [entry.booking_ref for piece in found for entry in piece.statement.entries]
    assert numbers == [str(number) for number in range(1, count + 1)]
    assert found[-1].statement.entries[-1].place == f"long.sta:{5 + 2 * (count - 3) + 3 * 2}"


@pytest.mark.parametrize("block", [7, 64, 1000])
def test_wherever_the_file_is_cut_into_blocks_it_reads_the_same(
    block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.sta"
    text = (FIRST + SECOND + THIRD).replace("zwei", "166?20Grüße\nan\nalle?32Müller")
    for line_end in ("\r\n", "@@", "\n"):
        path.write_bytes(text.replace("\n", line_end).encode())
        whole = list(mt940.pieces(path, "a.sta"))
        with monkeypatch.context() as patch:
            patch.setattr("connectors.bank.swift.mt940_text._BLOCK", block)
            patch.setattr(mt940_fallback, "LIMIT_BYTES", 0)  # read as a large file is
            assert list(mt940.pieces(path, "a.sta")) == whole


def test_what_never_ends_is_no_statement(tmp_path: Path) -> None:
    path = tmp_path / "endless.sta"
    path.write_text(f"{HEADER}:28C:1\n:60F:C260430EUR0,00\n{'x' * 70 + chr(10)}" * 1 + ("y" * 70 + "\n") * 40_000)
    with pytest.raises(Unreadable, match="there is neither a booking"):
        list(mt940.pieces(path, path.name))


INTERIM: Final = (
    f"{HEADER}:28C:1/1\n:34F:EUR0,\n:13D:2605041200+0200\n:61:2605040504C10,00NTRFNONREF\n:86:a\n"
    ":61:2605040504D3,00NTRFNONREF\n:86:b\n"
)


def test_number_and_sum_prove_an_intraday_message(read_bytes: Callable[..., Reading]) -> None:
    (statement,) = read_bytes(f"{INTERIM}:90D:1EUR3,00\n:90C:1EUR10,00\n-\n").statements
    assert [(e.amount.minor, e.status) for e in statement.entries] == [
        (1000, EntryStatus.PENDING),
        (-300, EntryStatus.PENDING),
    ]
    assert str(statement.period_to) == "2026-05-04"


@pytest.mark.parametrize("told", [":90D:1EUR3,01\n", ":90C:2EUR10,00\n", ":90D:0EUR0,00\n:90C:1EUR10,00\n"])
def test_an_intraday_message_with_another_number_or_sum_is_refused(
    told: str, read_bytes: Callable[..., Reading]
) -> None:
    with pytest.raises(Unreadable, match=r"statement.dat:1: number and sum of the (debits|credits) \(:90[CD]:\)"):
        read_bytes(f"{INTERIM}{told}-\n")


@pytest.mark.parametrize("told", [":90D:1EUR3,00\n:90C:1EUR10,00\n", ":90D:2EUR8,00\n:90C:0EUR0,00\n"])
def test_a_credit_taken_back_is_counted_either_way(told: str, read_bytes: Callable[..., Reading]) -> None:
    text = INTERIM.replace("D3,00", "RC3,00") if "1EUR10" in told else INTERIM.replace("C10,00", "RC5,00")
    assert read_bytes(f"{text}{told}-\n").statements


def test_without_number_and_sum_a_second_reader_must_agree(
    read_bytes: Callable[..., Reading], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(read_bytes(f"{INTERIM}-\n").statements[0].entries) == 2
    with pytest.raises(Unreadable, match="two readers disagree about these bookings") as caught:
        read_bytes(f"{INTERIM.replace('C10,00', 'C10.50')}-\n")  # the other one drops cents behind a dot
    assert "one reads 2 bookings with 7,50" in str(caught.value)
    monkeypatch.setattr(mt940_fallback, "_blocks", _never_asked)
    assert read_bytes(f"{INTERIM}:90D:1EUR3,00\n:90C:1EUR10,00\n-\n").statements
    assert read_bytes(FIRST + SECOND + THIRD).statements


def _never_asked(_text: str) -> None:
    raise AssertionError("where sums prove ours, no second reader is asked")


def test_a_balance_report_is_no_statement(read_bytes: Callable[..., Reading]) -> None:
    text = f"{HEADER}:28:1\n:13D:2605041200+0200\n:60F:C260430EUR10,00\n:90D:1EUR3,00\n:62F:C260504EUR7,00\n-\n"
    with pytest.raises(Unreadable, match=r"this is a balance report \(MT941\)"):
        read_bytes(text)
