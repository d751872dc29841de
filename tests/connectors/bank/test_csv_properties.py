"""What must hold for every CSV export: what was booked is what is read, in whichever way a bank writes it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.bank.online_banking import csv_statement
from connectors.bank.online_banking.csv_mapping import Mapping, mapping_from
from connectors.bank.online_banking.csv_statement import looks_like, pieces, pieces_with
from connectors.bank.online_banking.csv_table import header_in
from connectors.bank.online_banking.csv_values import COMMA, DOT, UnreadableValue, decimal_told_by, read_minor
from ledger.errors import Unreadable
from ledger.money import Money, english, german

if TYPE_CHECKING:
    from ledger.statement import Statement

MAPPING: Final = """
name = "any bank"
recognised_by = ["Tag", "Betrag", "Saldo"]
account = "DE02120300000000202051"
currency = "EUR"
[columns]
booking_date = "Tag"
purpose = "Text"
amount = "Betrag"
balance = "Saldo"
"""
FIRST: Final = date(2026, 1, 31)  # a day that is no month


class Written(NamedTuple):
    """A file, and what it says."""

    content: bytes
    amounts: list[int]
    opening: int


def mapping() -> Mapping:
    return mapping_from(MAPPING, "test")


@st.composite
def exports(draw: st.DrawFn) -> Written:
    """Any run of bookings, written in any of the ways of banks."""
    amounts = draw(st.lists(st.integers(-(10**12), 10**12).filter(bool), min_size=1, max_size=12))
    opening = draw(st.integers(-(10**9), 10**9))
    write = draw(st.sampled_from([german, english]))
    day = draw(st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y"]))
    texts = draw(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)))
    rows, balance = [], opening
    for number, minor in enumerate(amounts):
        balance += minor
        text = (texts[number] if number < len(texts) else "").replace('"', '""')
        booked = (FIRST + timedelta(days=number)).strftime(day)
        numbers = [write(Money(amount, "EUR")) for amount in (minor, balance)]
        rows.append(";".join(f'"{cell}"' for cell in (booked, text, *numbers)))
    if draw(st.booleans()):
        rows.reverse()
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    head = "Kontoauszug\n\n" * draw(st.integers(0, 3))
    return Written(f"{head}Tag;Text;Betrag;Saldo\n{chr(10).join(rows)}\n".encode(encoding), amounts, opening)


def read(content: bytes) -> list[Statement]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "umsatz.csv"
        path.write_bytes(content)
        return [piece.statement for piece in pieces_with(mapping(), path, path.name)]


@settings(max_examples=150, deadline=None)
@given(exports())
def test_what_was_booked_is_what_is_read_and_proven(written: Written) -> None:
    (statement,) = read(written.content)
    assert sorted(entry.amount.minor for entry in statement.entries) == sorted(written.amounts)
    assert (statement.opening, statement.closing) == (
        Money(written.opening, "EUR"),
        Money(written.opening + sum(written.amounts), "EUR"),
    )
    assert statement.adds_up()


@settings(max_examples=100, deadline=None)
@given(exports().filter(lambda written: len(written.amounts) > 2), st.data())
def test_a_row_lost_in_the_middle_is_never_read_as_a_whole_statement(written: Written, data: st.DataObject) -> None:
    # Every text is one line here, so that a line is a row.
    encoding = "utf-16" if written.content.startswith(b"\xff\xfe") else "utf-8-sig"
    lines = written.content.decode(encoding).split("\n")
    first = lines.index("Tag;Text;Betrag;Saldo") + 1
    if len(lines) != first + len(written.amounts) + 1:
        return
    lost = data.draw(st.integers(first + 1, len(lines) - 3))
    with pytest.raises(Unreadable, match=r"does not follow|nothing in the file decides"):
        read("\n".join(lines[:lost] + lines[lost + 1 :]).encode(encoding))


@given(st.integers(-(10**14), 10**14))
def test_an_amount_written_in_full_decides_its_decimal_mark_and_reads_back(minor: int) -> None:
    money = Money(minor, "EUR")
    for text, mark, other in ((german(money), COMMA, DOT), (english(money), DOT, COMMA)):
        assert decimal_told_by(text) == mark
        assert read_minor(text, mark, "EUR") == minor
        with pytest.raises(UnreadableValue):
            read_minor(text, other, "EUR")


@given(st.text(max_size=12))
def test_a_text_is_an_amount_in_one_way_or_in_none(text: str) -> None:
    for mark in (COMMA, DOT):
        try:
            minor = read_minor(text, mark, "EUR")
        except UnreadableValue:
            continue
        digits = [c for c in text if c.isdigit()]
        assert str(abs(minor)).rstrip("0") == "".join(digits).lstrip("0").rstrip("0") or not minor


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400) | st.text('Tag;Text,Betrag"Saldo\n\r\t=|0123456789.-/', max_size=200).map(str.encode))
def test_any_bytes_are_a_statement_or_refused(content: bytes) -> None:
    looks_like(content, [mapping()])
    header_in(content, lambda names: None)
    for content_with_header in (content, b"Tag;Text;Betrag;Saldo\n" + content):
        try:
            statements = read(content_with_header)
        except Unreadable:
            continue
        assert all(statement.adds_up() for statement in statements)


def test_memory_stays_flat_because_entries_come_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_statement, "PIECE_ENTRIES", 10)
    path = tmp_path / "umsatz.csv"
    rows = [f"04.05.2026;{n};1,00;{n + 1},00" for n in range(35)]
    path.write_text("Tag;Text;Betrag;Saldo\n" + "\n".join(rows) + "\n", encoding="utf-8")
    found = list(pieces(path, path.name, [mapping()]))
    assert [len(piece.statement.entries) for piece in found] == [10, 10, 10, 5]
    assert [piece.is_last for piece in found] == [False, False, False, True]
    assert {piece.statement.closing for piece in found} == {Money(3500, "EUR")}
    assert [e.remittance for piece in found for e in piece.statement.entries] == [str(n) for n in range(35)]
