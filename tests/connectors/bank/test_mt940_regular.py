"""Regular bookings are read many at once: whatever a bank writes, the entries are those that are read one by one."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.bank.swift import mt940, mt940_regular, mt940_runs, mt940_statement, mt940_text
from connectors.bank.swift.mt940_entry import Around
from ledger.errors import Unreadable
from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Sequence


T = TypeVar("T")
SAMPLES: Final = Path(__file__).parents[2] / "samples" / "bank"
CORPUS: Final = Path(os.environ.get("KONTORIST_CORPUS", ""))


def _mostly(usual: Sequence[T], rare: Sequence[T]) -> st.SearchStrategy[T]:
    """Draw from what banks write, and now and then from what they should not."""
    return st.integers(0, 12).flatmap(lambda dice: st.sampled_from(rare if dice == 0 else usual))


DATES: Final = _mostly(["2606300630", "260630", "2612310102"], ["2602300301"])
MARKS: Final = _mostly(["C", "CR", "D", "DR", "RC", "RD", "RCR"], ["EC"])
AMOUNTS: Final = _mostly(["119,00", "119,", "0,5", "000001,10"], [",50", "119", "1.119,00"])
TYPES: Final = _mostly(["NTRF", "N166", "NDDT", "NRTI", "NCHG", "S051"], ["", " NTRF", "NID "])
REFERENCES: Final = st.sampled_from(
    ["NONREF", "NONREF", "KREF+", "AB/12", "RF18539007547034", "", " 47 11", "NONREF2", "NL91ABNA0417164300", "E1"]
)
BEHIND: Final = _mostly(["", "//B1", "//B 1 ", "//"], ["//B1\n/OCMT/USD10,00/", "//B1\nmore words"])
WORD: Final = _mostly(
    "RE-2026-0042|Kd.-Nr. 10034|A+B|Tel. +49 89|Rg: 17|KD-NR:|Gruß|  |x|danke sehr fuer alles|EREF|SV|WZ+a".split(
        "|"
    ),
    "RF18 5390 0754 7034|/OCMT/EUR1,00|210000000003139471430009017|EREF: E9|MREF+M9|SVWZ+|ABWA+Otto Ohm|ABWE+Erna"
    "|IBAN: DE1|BIC+COBADEFFXXX|PURP+SALA|END-TO-END-REF.:|MTLG:Grund|NOTPROVIDED|Konto?20|AM 30.06.\xa02026|\t|EREF+"
    "|KREF+K1|REF|DatumID:5|mark\x01|\x02mark|\x01\x01SVWZ+|thin\u2009blank|\x85|\x1f|a:b|a+b|+|:|?|??21".split("|"),
)
PHRASE: Final = st.lists(WORD, min_size=1, max_size=8).map(" ".join) | st.lists(WORD, max_size=4).map("".join)
IDENTIFIER: Final = _mostly(
    [
        "E2E-17",
        "NONREF",
        "1234567890123456789012",
        "12345678901234567890123456789012345",
        "TFNR 21005 EndToEndId 00001",
    ],
    ["", " ", "a:b", "x MREF+y", "EREF+", "SV", "2026-05-01T12:00:00"],
) | st.integers(18, 28).map(lambda length: "7" * length)
REFERENCE_GROUPS: Final = st.lists(
    st.tuples(st.sampled_from(["EREF+", "KREF+", "MREF+", "CRED+"]), IDENTIFIER),
    max_size=3,
    unique_by=lambda one: one[0],
)
TEXT_GROUPS: Final = st.lists(
    st.tuples(_mostly(["SVWZ+"], ["", "OAMT+", "ABW", "EREF+", "SVWZ+"]), PHRASE), max_size=2
)
NO_NAMES: Final[list[tuple[str, str]]] = []
NAME_GROUPS: Final = _mostly(
    [NO_NAMES],
    [
        [("ABWA+", "Petra Mueller")],
        [("ABWE+", "Erna Elm und Soehne Grosshandel"), ("ABWA+", "NOTPROVIDED")],
        [("ABWA+", "Petra"), ("ABWA+", "Petra")],
    ],
)
PURPOSE: Final = st.builds(
    lambda references, texts, names, length: [
        part for keyword, text in (*references, *texts, *names) for part in _cut(keyword + text, length)
    ],
    REFERENCE_GROUPS,
    TEXT_GROUPS,
    NAME_GROUPS,
    st.sampled_from([27, 27, 27, 20, 24, 25, 26, 28, 29, 30]),
)
NAME: Final = _mostly(["Anna Anders", "Huber Spenglerei und Dachbau GmbH", "Müller  &  Söhne"], [" ", "A?35b", ""])
ACCOUNT: Final = st.sampled_from(["DE02500105170137075030", "DE02 5001 0517", "0137075030", "", "12/34"])
BANK: Final = st.sampled_from(["COBADEFFXXX", "50010517", "", " COBADEFF "])
CODE: Final = st.sampled_from(["166", "105", "109", "159", "808", "171", "116", "999"])
MORE: Final = _mostly(["", "?33 und Co KG", "?33Sohn?34997"], ["?34914", "?70Gustav Gans", "?", "?33"])
POSTING: Final = _mostly(["?00TEXT", "?00TEXT ?10931"], ["", "?10931"])
WIDTH: Final = st.sampled_from([65, 65, 65, 64, 1000])


@st.composite
def _bookings(draw: st.DrawFn) -> str:
    line = draw(DATES) + draw(MARKS) + draw(AMOUNTS) + draw(TYPES) + draw(REFERENCES) + draw(BEHIND)
    details = draw(st.integers(0, 12).flatmap(lambda dice: _field() if dice else WITHOUT_STRUCTURE))
    return f":61:{line}\n{details}"


WITHOUT_STRUCTURE: Final = st.sampled_from(["", ":86:free text\n", ":86:\n", ":86:166\n", ":86:166?\n"])


@st.composite
def _field(draw: st.DrawFn) -> str:
    tags = [*range(20, 30), *range(60, 64)]
    parts = list(zip(tags, draw(PURPOSE), strict=False))
    first = "".join(f"?{tag}{part}" for tag, part in parts if tag < 30)
    last = "".join(f"?{tag}{part}" for tag, part in parts if tag >= 60)
    party = f"?30{draw(BANK)}?31{draw(ACCOUNT)}?32{draw(NAME)}{draw(MORE)}"
    field = f"{draw(CODE)}{draw(POSTING)}{first}{party}{last}"
    width = draw(WIDTH)
    folded = "\n".join(field[at : at + width] for at in range(0, len(field), width))
    odd = [
        f"{folded}\n:86:once more",
        folded.replace("?", "<"),
        folded.replace("?21", "?22"),
        folded.replace("?21", "?21?22"),
        folded.replace("?2", "?20?2", 1),
        folded.replace("\n", "\n:"),
        folded.replace("\n", "\n:NS:01once more\n"),
        folded.replace("\n", " \n"),
    ]
    return f":86:{draw(_mostly([folded], odd))}\n"


@settings(deadline=None, max_examples=300)
@given(bookings=st.lists(_bookings(), min_size=1, max_size=5))
def test_bookings_read_at_once_are_those_read_one_by_one(bookings: list[str]) -> None:
    header = ":20:T\n:25:DE02120300000000202051\n:28C:1/1\n:60F:C260430EUR100,00\n"
    text = f"{header}{''.join(bookings)}:62F:C260504EUR1,00\n-\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(text.encode())
        assert _entries(path) == _entries(path, one_by_one=True)


def test_every_blank_there_is_makes_a_text_worth_tidying() -> None:
    blanks = {one for one in map(chr, range(sys.maxunicode + 1)) if one.isspace()}
    assert set(mt940_regular._ODD_BLANKS) == blanks - {" "}
    assert all(list(mt940_regular._all_trimmed([f"A{one}{one}B"])) == ["A B"] for one in blanks)


def test_amounts_made_at_once_are_the_amounts_made_one_by_one() -> None:
    minors = [0, 1, -1, 11900, -999_999_999_999_999]
    made = mt940_regular._amounts(minors, "EUR")
    assert made == [Money(minor, "EUR") for minor in minors]
    assert [hash(one) for one in made] == [hash(Money(minor, "EUR")) for minor in minors]


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.sta")), ids=lambda path: path.name)
def test_samples_read_at_once_are_those_read_one_by_one(path: Path) -> None:
    assert _entries(path) == _entries(path, one_by_one=True)


def test_real_files_read_at_once_are_those_read_one_by_one() -> None:
    files = [path for path in CORPUS.rglob("*") if path.is_file()] if CORPUS.name else []
    for path in files:
        with path.open("rb") as file:
            is_ours = mt940.looks_like(file.read(65536))
        if is_ours:
            assert _entries(path) == _entries(path, one_by_one=True), path


def test_nearly_every_booking_of_a_large_german_file_is_read_at_once() -> None:
    bookings = [
        f":61:2606300630CR{n},00N166NONREF//B{n}\n:86:166?00GUTSCHRIFT?109310?20EREF+E{n}?21SVWZ+RE-{n} und Text, "
        f"der?22weitergeht?30COBADEFFXXX?31DE02500105170137075030?32Anna Anders\n"
        for n in range(100)
    ]
    (run,) = mt940_runs.runs(mt940_text.Stretch("".join(bookings), 5, "61"))
    read = mt940_regular.read(run, Around(account="DE1", currency="EUR", place="f"), begin=0, first_number=1)
    assert read.all_regular
    assert read.moved == sum(100 * n for n in range(100))


def _entries(path: Path, *, one_by_one: bool = False) -> object:
    """Give what was read, or why it could not be; sums are not proven, because nobody made them fit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mt940_statement, "check_balances", lambda *_, **__: None)
        if one_by_one:
            patch.setattr(mt940_regular, "read", _nothing_at_once)
        try:
            return [(piece.statement, piece.findings) for piece in mt940.pieces(path, path.name)]
        except Unreadable as error:
            return str(error)


def _nothing_at_once(run: mt940_runs.Run, _around: Around, *, begin: int, first_number: int) -> mt940_regular.Read:
    assert first_number > 0
    return mt940_regular.Read([None] * (len(run) - begin), 0, all_regular=False)


def _cut(text: str, length: int) -> list[str]:
    return [text[at : at + length] for at in range(0, len(text), length)]
