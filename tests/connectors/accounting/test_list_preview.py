"""A list nobody described: what its columns are is guessed for a person to look at, and doubt is said as doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from connectors.accounting import FileSource
from connectors.accounting.column_guess import Sureness
from connectors.accounting.list_preview import looks_like_items, preview_list
from ledger.errors import Refused, Unreadable

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.accounting.list_preview import ListPreview


class Sample(NamedTuple):
    """An invented list, and what a person would say its columns are."""

    tool: str
    header: str
    rows: tuple[str, ...]
    columns: str = ""  # ours=theirs, where the name alone is not understood
    ambiguous: str = ""
    missing: str = ""


LISTS = (
    Sample(
        "our own names",
        "document_number;kind;debtor_number;document_date;due_date;amount;open_amount",
        ("R-1;invoice;K7;2026-05-01;2026-05-31;119.00;119.00",),
    ),
    Sample(
        "German, as understood",
        "Belegnummer;Belegart;Kundennummer;Belegdatum;Fälligkeit;Betrag;Offener Betrag;Währung",
        ("R-1;Rechnung;7001;01.05.2026;31.05.2026;119,00;119,00;EUR",),
    ),
    Sample(
        "German, shortened",
        "RNr;Kd.;Typ;vom;Termin;Brutto gesamt;noch zu zahlen",
        (
            "R-1;K7;Rechnung;01.05.2026;31.05.2026;119,00;119,00",
            "R-2;K7;Rechnung;02.05.2026;01.06.2026;50,00;20,00",
            "R-3;K9;Gutschrift;03.05.2026;02.06.2026;10,00;10,00",
        ),
        "document_number=RNr|debtor_number=Kd.|document_date=vom|due_date=Termin|amount=Brutto gesamt|"
        "open_amount=noch zu zahlen",
    ),
    Sample(
        "English",
        "Invoice No;Type;Customer ID;Issued;Due on;Invoice Amount;Amount Due;Curr.",
        (
            "INV-1;Invoice;C100;2026-05-01;2026-05-31;1190.00;1190.00;EUR",
            "INV-2;Invoice;C100;2026-05-02;2026-06-01;50.00;20.00;EUR",
        ),
        "document_number=Invoice No|kind=Type|debtor_number=Customer ID|document_date=Issued|due_date=Due on|"
        "amount=Invoice Amount|open_amount=Amount Due|currency=Curr.",
    ),
    Sample(
        "French",
        "N° facture;Code client;Date facture;Échéance;Montant TTC;Reste à payer;Devise",
        (
            "F-1;C100;2026-05-01;2026-05-31;1190,00;1190,00;EUR",
            "F-2;C100;2026-05-02;2026-06-01;50,00;20,00;EUR",
        ),
        "document_number=N° facture|debtor_number=Code client|document_date=Date facture|due_date=Échéance|"
        "amount=Montant TTC|open_amount=Reste à payer|currency=Devise",
        missing="kind",
    ),
    Sample(
        "Italian",
        "Numero fattura;Codice cliente;Data fattura;Scadenza;Importo;Residuo",
        ("F-1;C100;01.05.2026;31.05.2026;1190,00;1190,00", "F-2;C100;02.05.2026;01.06.2026;50,00;20,00"),
        "document_number=Numero fattura|debtor_number=Codice cliente|document_date=Data fattura|due_date=Scadenza|"
        "amount=Importo|open_amount=Residuo",
        missing="kind",
    ),
    Sample(
        "Dutch",
        "Factuurnummer,Klantnummer,Factuurdatum,Vervaldatum,Factuurbedrag,Openstaand bedrag",
        ('F-1,C100,2026-05-01,2026-05-31,"1.190,00","1.190,00"', "F-2,C100,2026-05-02,2026-06-01,50.00,20.00"),
        "document_number=Factuurnummer|debtor_number=Klantnummer|document_date=Factuurdatum|due_date=Vervaldatum|"
        "amount=Factuurbedrag|open_amount=Openstaand bedrag",
        missing="kind",
    ),
    Sample(
        "Spanish",
        "Número factura;Código cliente;Fecha factura;Vencimiento;Importe;Pendiente",
        ("F-1;C100;01.05.2026;31.05.2026;1190,00;1190,00", "F-2;C100;02.05.2026;01.06.2026;50,00;20,00"),
        "document_number=Número factura|debtor_number=Código cliente|document_date=Fecha factura|"
        "due_date=Vencimiento|amount=Importe|open_amount=Pendiente",
        missing="kind",
    ),
    Sample(
        "nameless columns told by their contents",
        "A;B;C;D;E;F;G",
        (
            "R-1;K7;Rechnung;01.05.2026;31.05.2026;119,00;119,00",
            "R-2;K7;Rechnung;02.05.2026;01.06.2026;50,00;20,00",
            "R-3;K9;Gutschrift;03.05.2026;02.06.2026;10,00;10,00",
        ),
        "document_number=A|debtor_number=B|kind=C|document_date=D|due_date=E|amount=F|open_amount=G",
    ),
    Sample(
        "two terms, and nothing says which one counts",
        "Belegnummer;Belegart;Kundennummer;Belegdatum;Termin A;Termin B;Betrag;Offen",
        (
            "R-1;Rechnung;K7;01.05.2026;31.05.2026;30.06.2026;119,00;119,00",
            "R-2;Rechnung;K7;02.05.2026;01.06.2026;01.07.2026;50,00;20,00",
        ),
        ambiguous="due_date=Termin A,Termin B",
    ),
    Sample(
        "wholly open documents: which amount is the open one cannot be told",
        "Belegnummer;Belegart;Kundennummer;Belegdatum;Fälligkeit;X;Y",
        ("R-1;Rechnung;K7;01.05.2026;31.05.2026;119,00;119,00", "R-2;Rechnung;K7;02.05.2026;01.06.2026;50,00;50,00"),
        ambiguous="amount=X,Y|open_amount=X,Y",
    ),
    Sample(
        "one name twice",
        "Belegnummer;Rechnungsnummer;Belegart;Kundennummer;Belegdatum;Fälligkeit;Betrag;Offen",
        ("1;R-1;Rechnung;K7;01.05.2026;31.05.2026;119,00;119,00",),
        ambiguous="document_number=Belegnummer,Rechnungsnummer",
    ),
    Sample(
        "every customer once: the two numbers cannot be told apart",
        "P;Q;Belegart;Belegdatum;Fälligkeit;Betrag;Offen",
        (
            "1001;7001;Rechnung;01.05.2026;31.05.2026;119,00;119,00",
            "1002;7002;Rechnung;01.05.2026;31.05.2026;1,00;1,00",
        ),
        ambiguous="document_number=P,Q|debtor_number=P,Q",
    ),
    Sample(
        "by debit and credit, the account under another name",
        "Kunde;OP-Nr;Datum;Fälligkeit;Soll;Haben;Saldo",
        ("10001;RE-1;04.05.2026;03.06.2026;119,00;;119,00", "10001;RE-2;04.05.2026;03.06.2026;119,00;19,00;100,00"),
        "debtor_number=Kunde|document_number=OP-Nr",
    ),
    Sample(
        "a list of customers is no list of documents",
        "Kundennummer;Name;Ort",
        ("K7;Müller GmbH;Ulm", "K9;Weiß KG;Köln"),
        missing="document_number|kind|document_date|due_date|amount|open_amount",
    ),
    Sample(
        "dates a night cannot read are no dates",
        "Invoice number;Document type;Customer number;Invoice date;Payable until;Amount;Open amount",
        ("R-1;Invoice;C7;05/01/2026;05/31/2026;119.00;119.00",),
        "",
        missing="due_date",
    ),
)


def look(folder: Path, sample: Sample) -> ListPreview:
    path = folder / "list.csv"
    path.write_text("\n".join((sample.header, *sample.rows, "")), encoding="utf-8")
    return preview_list(path, {})


def pairs(text: str) -> dict[str, str]:
    return dict(part.split("=") for part in text.split("|") if part)


@pytest.mark.parametrize("sample", LISTS, ids=lambda sample: sample.tool)
def test_the_columns_of_fifteen_tools_and_languages(tmp_path: Path, sample: Sample) -> None:
    found = look(tmp_path, sample)
    doubted = {g.ours: ",".join(sorted(g.candidates)) for g in found.guesses if g.sureness is Sureness.AMBIGUOUS}
    missing = {g.ours for g in found.guesses if g.sureness is Sureness.MISSING and g.mandatory}
    assert dict(found.columns) == pairs(sample.columns)
    assert doubted == pairs(sample.ambiguous)
    assert missing == set(filter(None, sample.missing.split("|")))
    assert found.is_readable is not bool(sample.ambiguous or sample.missing)


@pytest.mark.parametrize("sample", [s for s in LISTS if not s.ambiguous and not s.missing], ids=lambda s: s.tool)
def test_the_line_to_paste_makes_the_list_readable_as_it_was_shown(tmp_path: Path, sample: Sample) -> None:
    found = look(tmp_path, sample)
    source = FileSource(name="list", open_items=tmp_path / "list.csv", columns=found.columns)
    assert source.pull().items == found.items
    assert len(found.items) == len(sample.rows)


@pytest.mark.parametrize("sample", [s for s in LISTS if s.columns or s.ambiguous], ids=lambda s: s.tool)
def test_a_night_never_uses_a_guess(tmp_path: Path, sample: Sample) -> None:
    look(tmp_path, sample)
    with pytest.raises(Refused):
        FileSource(name="list", open_items=tmp_path / "list.csv").pull()


def test_doubt_is_written_above_the_line_to_paste(tmp_path: Path) -> None:
    found = look(tmp_path, next(sample for sample in LISTS if sample.tool.startswith("two terms")))
    assert found.as_toml() == "# due_date may be 'Termin A' or 'Termin B': choose one"
    assert (found.items, looks_like_items(found, may_be_bookings=False)) == ((), True)


def test_a_list_that_is_understood_needs_no_line(tmp_path: Path) -> None:
    found = look(tmp_path, LISTS[1])
    assert found.is_understood
    assert found.as_toml() == "# The names of the columns are understood: no setting is needed."


def test_what_is_no_table_is_said_as_such(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(Unreadable, match="0 bytes"):
        preview_list(tmp_path / "empty.csv", {})


def test_rows_that_cannot_be_read_are_remarks(tmp_path: Path) -> None:
    sample = LISTS[1]
    found = look(
        tmp_path, sample._replace(rows=(*sample.rows, "R-2;Rechnung;7001;01.05.2026;31.05.2026;1.190;1;EUR"))
    )
    assert len(found.items) == 1
    assert "may mean thousands" in found.remarks[0]
