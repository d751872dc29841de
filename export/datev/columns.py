"""The 125 columns and 31 header fields of a DATEV posting batch, as data (EXTF 700, category 21, version 13).

Source: DATEV developer portal, DATEV-Format, header and "Buchungsstapel". Patterns describe the content inside the
quotes; an optional field may always be empty. What holds between columns is in ``export.datev.check``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final


class FieldType(StrEnum):
    """How a field is written; only TEXT stands in quotes, and does so even when it is empty."""

    TEXT = "text"
    NUMBER = "number"  # whole number
    AMOUNT = "amount"  # decimal comma, no thousands mark, no sign
    ACCOUNT = "account"  # Sach- oder Personenkonto
    DATE = "date"  # TTMM, TTMMJJJJ or JJJJMMTT, as the pattern says


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of the data lines, or one field of the header."""

    number: int  # counted from 1, as DATEV does
    title: str  # Überschrift
    type: FieldType
    length: int  # characters, or digits before the comma
    pattern: str  # of the content without quotes
    required: bool = False
    rule: str = ""  # what DATEV says beyond the pattern

    @property
    def is_text(self) -> bool:
        """Whether the field stands in quotes."""
        return self.type is FieldType.TEXT

    def accepts(self, value: str) -> bool:
        """Whether a value (without quotes) may stand in this field; whether it must is another question."""
        return not value or _compiled(self.pattern).fullmatch(value) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


DAY_MONTH: Final = r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])"
DAY_MONTH_YEAR: Final = DAY_MONTH + r"20\d{2}"
YEAR_MONTH_DAY: Final = r"20\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
DOCUMENT_CHARACTERS: Final = r"A-Za-z0-9_$%&*+\-/"  # Belegfeld 1 and 2
DOCUMENT_LENGTH: Final = 36  # Belegfeld 1
TEXT_LENGTH: Final = 60  # Buchungstext
INFO_KIND_LENGTH: Final = 20  # Beleginfo - Art
INFO_LENGTH: Final = 210  # Beleginfo - Inhalt
LINES_PER_FILE: Final = 99_999


def _text(
    number: int, title: str, length: int, *, pattern: str = "", rule: str = "", required: bool = False
) -> Field:
    return Field(
        number=number,
        title=title,
        type=FieldType.TEXT,
        length=length,
        pattern=pattern or rf".{{0,{length}}}",
        rule=rule,
        required=required,
    )


def _number(
    number: int, title: str, length: int, *, pattern: str = "", rule: str = "", required: bool = False
) -> Field:
    return Field(
        number=number,
        title=title,
        type=FieldType.NUMBER,
        length=length,
        pattern=pattern or rf"\d{{1,{length}}}",
        rule=rule,
        required=required,
    )


def _amount(
    number: int, title: str, length: int, *, decimals: str = "{2}", rule: str = "", required: bool = False
) -> Field:
    return Field(
        number=number,
        title=title,
        type=FieldType.AMOUNT,
        length=length,
        pattern=rf"\d{{1,{length}}},\d{decimals}",
        rule=rule,
        required=required,
    )


def _account(number: int, title: str, length: int, *, rule: str = "", required: bool = False) -> Field:
    return Field(
        number=number,
        title=title,
        type=FieldType.ACCOUNT,
        length=length,
        pattern=rf"[1-9]\d{{0,{length - 1}}}",
        rule=rule,
        required=required,
    )


def _date(number: int, title: str, pattern: str = DAY_MONTH_YEAR, *, rule: str = "", required: bool = False) -> Field:
    length = 4 if pattern == DAY_MONTH else 8
    return Field(
        number=number,
        title=title,
        type=FieldType.DATE,
        length=length,
        pattern=pattern,
        rule=rule,
        required=required,
    )


def _pairs(first: int, count: int, kind_title: str, content_title: str) -> tuple[Field, ...]:
    """Give the columns of ``count`` pairs of kind (Art) and content (Inhalt)."""
    return tuple(
        field
        for n in range(count)
        for field in (
            _text(first + 2 * n, f"{kind_title} {n + 1}", INFO_KIND_LENGTH),
            _text(first + 2 * n + 1, f"{content_title} {n + 1}", INFO_LENGTH),
        )
    )


_DOCUMENT_PATTERN: Final = f"[{DOCUMENT_CHARACTERS}]"

COLUMNS: Final[tuple[Field, ...]] = (
    _amount(1, "Umsatz (ohne Soll/Haben-Kz)", 10, required=True, rule="greater than zero, never a sign"),
    _text(2, "Soll/Haben-Kennzeichen", 1, pattern="[SH]", required=True, rule="refers to column 7"),
    _text(3, "WKZ Umsatz", 3, pattern="[A-Z]{3}", rule="empty means header field 22"),
    _amount(4, "Kurs", 4, decimals="{2,6}", rule="with 5 and 6, never zero"),
    _amount(5, "Basis-Umsatz", 10, rule="with 4 and 6"),
    _text(6, "WKZ Basis-Umsatz", 3, pattern="[A-Z]{3}", rule="with 4 and 5"),
    _account(7, "Konto", 9, required=True),
    _account(8, "Gegenkonto (ohne BU-Schlüssel)", 9, required=True),
    _text(9, "BU-Schlüssel", 4, pattern=r"\d{1,4}", rule="empty where an account computes tax by itself"),
    _date(10, "Belegdatum", DAY_MONTH, required=True, rule="inside header fields 15 and 16"),
    _text(
        11,
        "Belegfeld 1",
        DOCUMENT_LENGTH,
        pattern=rf"{_DOCUMENT_PATTERN}{{0,{DOCUMENT_LENGTH}}}",
        rule="clears open items, together with the person account",
    ),
    _text(12, "Belegfeld 2", 12, pattern=rf"{_DOCUMENT_PATTERN}{{0,12}}"),
    _amount(13, "Skonto", 8, rule="on payments only, never zero"),
    _text(14, "Buchungstext", TEXT_LENGTH),
    _number(15, "Postensperre", 1, pattern="[01]"),
    _text(16, "Diverse Adressnummer", 9, pattern=r"\w{0,9}"),
    _number(17, "Geschäftspartnerbank", 3, pattern=r"\d{3}", rule="needs column 105"),
    _number(18, "Sachverhalt", 2, pattern=r"\d{2}", rule="31 dunning interest, 40 dunning fee"),
    _number(19, "Zinssperre", 1, pattern="[01]"),
    _text(20, "Beleglink", 210),
    *_pairs(21, 8, "Beleginfo - Art", "Beleginfo - Inhalt"),
    _text(37, "KOST1 - Kostenstelle", 36, pattern=r"[\w ]{0,36}"),
    _text(38, "KOST2 - Kostenstelle", 36, pattern=r"[\w ]{0,36}"),
    _amount(39, "Kost-Menge", 12, decimals="{4}"),
    _text(40, "EU-Land u. UStID (Bestimmung)", 15),
    _amount(41, "EU-Steuersatz (Bestimmung)", 2),
    _text(42, "Abw. Versteuerungsart", 1, pattern="[IKPS]"),
    _number(43, "Sachverhalt L+L", 3),
    _number(44, "Funktionsergänzung L+L", 3),
    _number(45, "BU 49 Hauptfunktionstyp", 1),
    _number(46, "BU 49 Hauptfunktionsnummer", 2),
    _number(47, "BU 49 Funktionsergänzung", 3),
    *_pairs(48, 20, "Zusatzinformation - Art", "Zusatzinformation- Inhalt"),
    _number(88, "Stück", 8),
    _amount(89, "Gewicht", 8),
    _number(90, "Zahlweise", 2),
    _text(91, "Forderungsart", 10, pattern=r"\w{0,10}"),
    _number(92, "Veranlagungsjahr", 4, pattern=r"20\d{2}"),
    _date(93, "Zugeordnete Fälligkeit"),
    _number(94, "Skontotyp", 1, pattern="[12]"),
    _text(95, "Auftragsnummer", 30),
    _text(96, "Buchungstyp", 2, pattern="A[AGV]|S[RUGO]"),
    _number(97, "USt-Schlüssel (Anzahlungen)", 2),
    _text(98, "EU-Land (Anzahlungen)", 2, pattern="[A-Z]{2}"),
    _number(99, "Sachverhalt L+L (Anzahlungen)", 3),
    _amount(100, "EU-Steuersatz (Anzahlungen)", 2),
    _account(101, "Erlöskonto (Anzahlungen)", 8),
    _text(102, "Herkunft-Kz", 2, pattern="[A-Z]{2}"),
    _text(103, "Buchungs GUID", 36, rule="for DATEV only"),
    _date(104, "KOST-Datum"),
    _text(105, "SEPA-Mandatsreferenz", 35),
    _number(106, "Skontosperre", 1, pattern="[01]"),
    _text(107, "Gesellschaftername", 76),
    _number(108, "Beteiligtennummer", 4, pattern=r"\d{4}"),
    _text(109, "Identifikationsnummer", 11),
    _text(110, "Zeichnernummer", 20),
    _date(111, "Postensperre bis"),
    _text(112, "Bezeichnung SoBil-Sachverhalt", 30),
    _number(113, "Kennzeichen SoBil-Buchung", 2),
    _number(114, "Festschreibung", 1, pattern="[01]", rule="empty locks; a single 1 locks the whole batch"),
    _date(115, "Leistungsdatum", rule="needs column 116"),
    _date(116, "Datum Zuord. Steuerperiode"),
    _date(117, "Fälligkeit", rule="on person accounts only"),
    _text(118, "Generalumkehr (GU)", 1, pattern="[01G]", rule="1 or G: the line takes an earlier one back"),
    _amount(119, "Steuersatz", 2),
    _text(120, "Land", 2, pattern="[A-Z]{2}"),
    _text(121, "Abrechnungsreferenz", 50),
    _number(122, "BVV-Position", 1, pattern="[1-5]"),
    _text(123, "EU-Land u. UStID (Ursprung)", 15),
    _amount(124, "EU-Steuersatz (Ursprung)", 2),
    _account(125, "Abw. Skontokonto", 9),
)

HEADER: Final[tuple[Field, ...]] = (
    _text(1, "Kennzeichen", 4, pattern="EXTF", required=True, rule="DTVF is DATEV's own"),
    _number(2, "Versionsnummer", 3, pattern="700", required=True),
    _number(3, "Formatkategorie", 2, pattern="21", required=True),
    _text(4, "Formatname", 14, pattern="Buchungsstapel", required=True),
    _number(5, "Formatversion", 2, pattern="13", required=True),
    _number(6, "Erzeugt am", 17, pattern=YEAR_MONTH_DAY + r"([01]\d|2[0-3])[0-5]\d[0-5]\d\d{3}", required=True),
    _number(7, "Importiert", 17, pattern="", rule="for DATEV only"),
    _text(8, "Herkunft", 2, pattern="[A-Z]{2}"),
    _text(9, "Exportiert von", 25),
    _text(10, "Importiert von", 25),
    _number(11, "Beraternummer", 7, pattern=r"100[1-9]|10[1-9]\d|1[1-9]\d{2}|[2-9]\d{3}|[1-9]\d{4,6}", required=True),
    _number(12, "Mandantennummer", 5, pattern=r"[1-9]\d{0,4}", required=True),
    _date(13, "WJ-Beginn", YEAR_MONTH_DAY, required=True),
    _number(14, "Sachkontenlänge", 1, pattern="[4-8]", required=True, rule="person accounts have one digit more"),
    _date(15, "Datum von", YEAR_MONTH_DAY, required=True),
    _date(16, "Datum bis", YEAR_MONTH_DAY, required=True),
    _text(17, "Bezeichnung", 30, pattern=r"[\w.\-/ ]{0,30}"),
    _text(18, "Diktatkürzel", 4, pattern=r"([A-Z]{2}){0,2}"),
    _number(19, "Buchungstyp", 1, pattern="[12]", rule="1 accounting, 2 annual closing"),
    _number(20, "Rechnungslegungszweck", 2, pattern="0|30|40|50|64"),
    _number(21, "Festschreibung", 1, pattern="[01]", required=True, rule="missing means 1"),
    _text(22, "WKZ", 3, pattern="[A-Z]{3}"),
    _number(23, "Reserviert", 0, pattern=""),
    _text(24, "Derivatskennzeichen", 2),
    _number(25, "Reserviert", 0, pattern=""),
    _number(26, "Reserviert", 0, pattern=""),
    _text(27, "Sachkontenrahmen", 4, pattern=r"\d{2}|\d{4}"),
    _number(28, "ID der Branchenlösung", 4, pattern=r"\d{0,4}"),
    _number(29, "Reserviert", 0, pattern=""),
    _text(30, "Reserviert", 0, pattern=""),
    _text(31, "Anwendungsinformation", 16),
)

COLUMN_BY_TITLE: Final = MappingProxyType({column.title: column for column in COLUMNS})
