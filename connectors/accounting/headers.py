"""Column names (Spaltenüberschriften): which column of somebody's list holds which of our facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import Refused
from ledger.text import squeeze

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Column:
    """One of our columns: must it be there, and how else is it called in German lists."""

    name: str
    also: tuple[str, ...] = ()
    mandatory: bool = False


OPEN_ITEM_COLUMNS: Final = (
    Column(
        "document_number",
        (
            "Belegnummer",
            "Beleg-Nr",
            "Belegnr",
            "Rechnungsnummer",
            "Rechnungs-Nr",
            "Rechnungsnr",
            "Re-Nr",
            "Invoice number",
        ),
        mandatory=True,
    ),
    Column("kind", ("Art", "Belegart", "Dokumentart", "Typ", "Document type"), mandatory=True),
    Column(
        "debtor_number",
        (
            "Debitor",
            "Debitorennummer",
            "Debitoren-Nr",
            "Debitorennr",
            "Debitornummer",
            "Kundennummer",
            "Kunden-Nr",
            "Kundennr",
            "Customer number",
        ),
        mandatory=True,
    ),
    Column("document_date", ("Belegdatum", "Rechnungsdatum", "Datum", "Invoice date"), mandatory=True),
    Column("due_date", ("Fälligkeit", "Fällig", "Fällig am", "Fälligkeitsdatum", "Zahlbar bis"), mandatory=True),
    Column("amount", ("Betrag", "Rechnungsbetrag", "Bruttobetrag", "Betrag brutto"), mandatory=True),
    Column(
        "open_amount",
        ("Offen", "Offener Betrag", "Offener Posten", "Restbetrag", "Saldo offen", "OP-Betrag"),
        mandatory=True,
    ),
    Column("currency", ("Währung", "WKZ", "Währungskennzeichen")),
    # A bare "Skonto" may be a percentage or an amount, so it is not understood without a mapping.
    Column("skonto_percent", ("Skonto %", "Skonto in %", "Skontosatz", "Skonto Prozent")),
    Column("skonto_until", ("Skonto bis", "Skontofrist", "Skontodatum", "Skonto Fälligkeit")),
    Column("tax_shares", ("Steuersätze", "Steueranteile")),
    Column("payment_reference", ("Zahlungsreferenz", "RF-Referenz", "Strukturierte Referenz")),
    Column("order_number", ("Bestellnummer", "Bestell-Nr", "Auftragsnummer", "Auftrags-Nr")),
    Column("end_to_end_id", ("Ende-zu-Ende-Referenz", "Ende-zu-Ende-ID", "EndToEndId", "EREF")),
)

# A list by debit and credit (Soll und Haben), as DATEV Rechnungswesen writes its OPOS-Liste. Verified against what
# other vendors print of it: the columns of the list in Excel (Konto, Rechnungsnummer, Datum, Fälligkeit, Sollbetrag,
# Habenbetrag, Saldo, Gegenkonto, Buchungstext), and the header of the ASCII export (Kontonummer, Rechnungsnummer,
# Rechnungsdatum, Faelligkeit, BetragSoll, BetragHaben, Saldo, SHSaldo, WKZ Eingabebetrag, AusgleichsKZ, and more).
# The other spellings are likely, not seen. Faellig, Belegnummer and KZ of the ASCII export are something else.
DEBIT_CREDIT_COLUMNS: Final = (
    Column(
        "document_number",
        ("Belegfeld 1", "Rechnungs-Nr", "Rechnungsnr", "Rechnungsnummer", "Re-Nr", "RG-Nr", "Invoice number"),
        mandatory=True,
    ),
    Column(
        "debtor_number",
        (
            "Konto",
            "Kontonummer",
            "Konto-Nr",
            "Kontonr",
            "Personenkonto",
            "Debitor",
            "Debitorenkonto",
            "Debitorennummer",
            "Debitoren-Nr",
        ),
        mandatory=True,
    ),
    Column("document_date", ("Datum", "Rechnungsdatum", "Belegdatum"), mandatory=True),
    Column("due_date", ("Fälligkeit", "Fällig am", "Fälligkeitsdatum"), mandatory=True),
    Column("debit", ("Sollbetrag", "Betrag Soll", "Umsatz Soll", "Soll", "Debit amount")),
    Column("credit", ("Habenbetrag", "Betrag Haben", "Umsatz Haben", "Haben", "Credit amount")),
    Column("amount", ("Umsatz", "Betrag", "Umsatz (ohne Soll/Haben-Kz)", "Umsatz (ohne Soll/Haben-Kennzeichen)")),
    Column("side", ("S/H", "S/H-Kz", "Soll/Haben", "Soll/Haben-Kz", "Soll/Haben-Kennzeichen", "S/H Umsatz")),
    Column("balance", ("Saldo",)),
    Column("balance_side", ("SH Saldo", "Saldo S/H", "S/H-Kz Saldo")),
    Column("open_amount", ("Offen", "Offener Betrag", "Restbetrag", "OP-Betrag", "Offener Saldo")),
    Column("currency", ("Währung", "WKZ", "WKZ Eingabebetrag", "Währungskennzeichen")),
    Column("cleared", ("AusgleichsKZ", "Ausgleichskennzeichen", "Ausgleichs-Kz")),
    Column("text", ("Buchungstext",)),
)

DEBTOR_COLUMNS: Final = (
    Column(
        "debtor_number",
        (
            "Debitor",
            "Debitorennummer",
            "Debitoren-Nr",
            "Debitorennr",
            "Debitornummer",
            "Kundennummer",
            "Kunden-Nr",
            "Kundennr",
            "Customer number",
        ),
        mandatory=True,
    ),
    Column("name", ("Firma", "Kundenname", "Debitorname"), mandatory=True),
    Column("street", ("Straße", "Anschrift", "Straße und Hausnummer")),
    Column("postcode", ("PLZ", "Postleitzahl", "ZIP")),
    Column("city", ("Ort", "Stadt")),
    Column("country", ("Land", "Ländercode", "Länderkennzeichen")),
    Column("email", ("E-Mail", "E-Mail-Adresse", "Mail")),
    Column("phone", ("Telefon", "Telefonnummer", "Tel")),
    Column("ibans", ("IBAN", "Bankverbindung", "Bankverbindungen")),
    Column("type", ("Typ", "Art", "Kundentyp", "Kundenart")),
    Column("language", ("Sprache",)),
)


def normalised(header: str) -> str:
    """Give the form in which headers are compared: case, blanks, dashes and underscores do not count, % does."""
    return squeeze(header.replace("%", "prozent"))


def spellings(columns: Sequence[Column], mapping: Mapping[str, str]) -> frozenset[str]:
    """Give every normalised header that means one of the columns."""
    return frozenset(normalised(text) for column in columns for text in (column.name, *column.also)) | frozenset(
        normalised(text) for text in mapping.values()
    )


def columns_of_items(header: Sequence[str], mapping: Mapping[str, str]) -> tuple[Column, ...]:
    """Give the columns of the kind of open-item list this is: one row per document, or by debit and credit."""
    written = {normalised(text) for text in header}

    def has(name: str, columns: Sequence[Column]) -> bool:
        if name in mapping:
            return normalised(mapping[name]) in written
        return not written.isdisjoint(spellings([column for column in columns if column.name == name], {}))

    if all(has(column.name, OPEN_ITEM_COLUMNS) for column in OPEN_ITEM_COLUMNS if column.mandatory):
        return OPEN_ITEM_COLUMNS
    by_sides = (("debit", "credit"), ("amount", "side"))
    if any(all(has(name, DEBIT_CREDIT_COLUMNS) for name in pair) for pair in by_sides):
        return DEBIT_CREDIT_COLUMNS
    return OPEN_ITEM_COLUMNS


def positions(
    header: Sequence[str], columns: Sequence[Column], mapping: Mapping[str, str], path: Path, setting: str
) -> Mapping[str, int]:
    """Find where each column stands; the mapping goes before our own name, and that before German names.

    Raise Refused, with all that is wrong and the headers that were found, when a mandatory column is missing, two
    columns mean the same, or the mapping (``setting`` in the configuration) does not fit.
    """
    written = [normalised(text) for text in header]
    mistakes = [
        f"{setting} names {name!r}, which is none of our columns ({', '.join(c.name for c in columns)})"
        for name in mapping
        if name not in {column.name for column in columns}
    ]
    taken = frozenset(normalised(text) for text in mapping.values())
    found: dict[str, int] = {}
    missing: list[str] = []
    for column in columns:
        places = _places(column, written, mapping, taken)
        if len(places) > 1:
            twins = " and ".join(repr(header[place]) for place in places)
            mistakes.append(f"the columns {twins} may both be {column.name}; choose one with {setting}")
        elif places:
            found[column.name] = places[0]
        elif wished := mapping.get(column.name):
            mistakes.append(f"{setting} looks for the column {wished!r} ({column.name}), which is not there")
        elif column.mandatory:
            missing.append(column.name)
    if missing:
        mistakes.append(f"mandatory columns are missing: {', '.join(missing)}")
    if mistakes:
        raise Refused(_complaint(path, mistakes, header, setting, missing))
    return found


def _places(column: Column, written: Sequence[str], mapping: Mapping[str, str], taken: frozenset[str]) -> list[int]:
    """Give the places of a column under the best of its names that is there."""
    if column.name in mapping:
        return [place for place, text in enumerate(written) if text == normalised(mapping[column.name])]
    own_name = normalised(column.name)
    others = {normalised(text) for text in column.also}
    free = [(place, text) for place, text in enumerate(written) if text not in taken]
    return [p for p, text in free if text == own_name] or [p for p, text in free if text in others]


def _complaint(
    path: Path, mistakes: Sequence[str], header: Sequence[str], setting: str, missing: Sequence[str]
) -> str:
    lines = [f"{path}: the columns cannot be told", *(f"    {mistake}" for mistake in mistakes)]
    lines.append("    The header has: " + (", ".join(text for text in header if text) or "nothing"))
    if missing:
        example = f'{setting} = {{ {missing[0]} = "name of your column" }}'
        lines.append(f"    Rename the columns, or say in the configuration which is which: {example}")
    return "\n".join(lines)
