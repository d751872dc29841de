"""Open-item lists by debit and credit (OPOS-Liste): what is open is debits less credits, proven by the balance."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.accounting import FileSource
from connectors.accounting.debit_credit_rows import read_debit_credit_rows
from connectors.accounting.record import Layout
from connectors.accounting.row import Row
from ledger.errors import Refused
from ledger.money import Money
from ledger.open_item import ItemKind

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.accounting.file import ListsPulled
    from tests.connectors.accounting.conftest import Desk

EXCEL = "Konto;Rechnungsnummer;Datum;Fälligkeit;Sollbetrag;Habenbetrag;Saldo;Gegenkonto;Buchungstext"
ASCII = (
    "Kontonummer;Rechnungsnummer;Rechnungsdatum;Faelligkeit;Gegenkonto;BetragSoll;BetragHaben;Saldo;SHSaldo;"
    "WKZ Eingabebetrag;Eingabebetrag;SHEingabebetrag;Kurs;Raffung;Faellig;Belegnummer;KZ;Buchungstext;UstSatz;"
    "Vorlauf;BSNummer;AusgleichsKZ"
)
SIDED = "Konto;Name;Belegfeld 1;Belegdatum;Fälligkeit;Umsatz;S/H;Mahnstufe"


def read(desk: Desk, header: str, *rows: str, **settings: object) -> ListsPulled:
    return desk.raw(("\r\n".join((header, *rows)) + "\r\n").encode("cp1252"), **settings)


def told(pulled: ListsPulled) -> list[tuple[str, str, str, str, str]]:
    return [
        (i.debtor_number, i.document_number, str(i.kind), str(i.amount.decimal()), str(i.open_amount.decimal()))
        for i in pulled.items
    ]


def codes(pulled: ListsPulled) -> list[str]:
    return [finding.code for finding in pulled.findings]


@pytest.mark.parametrize(
    ("what", "rows", "items", "findings"),
    [
        (
            "an invoice",
            ["10001;RE-1;04.05.2026;03.06.2026;119,00;;119,00;8400;Möbel"],
            ["10001 RE-1 invoice 119.00 119.00"],
            [],
        ),
        (
            "paid in part",
            ["10001;RE-1;04.05.2026;03.06.2026;119,00;50,00;69,00;;"],
            ["10001 RE-1 invoice 119.00 69.00"],
            [],
        ),
        (
            "zero written",
            ["10001;RE-1;04.05.2026;03.06.2026;119,00;0,00;119,00;;"],
            ["10001 RE-1 invoice 119.00 119.00"],
            [],
        ),
        (
            "the payment in a row of its own, balances running in the document",
            ["10001;RE-1;04.05.2026;03.06.2026;119,00;;119,00;;", "10001;RE-1;10.05.2026;;;50,00;69,00;1200;Zahlung"],
            ["10001 RE-1 invoice 119.00 69.00"],
            [],
        ),
        (
            "balances running in the account",
            ["10001;RE-1;04.05.2026;03.06.2026;119,00;;119,00;;", "10001;RE-2;05.05.2026;04.06.2026;50,00;;169,00;;"],
            ["10001 RE-1 invoice 119.00 119.00", "10001 RE-2 invoice 50.00 50.00"],
            [],
        ),
        (
            "the balance of the document in each of its rows",
            ["10001;RE-1;04.05.2026;03.06.2026;119,00;;69,00;;", "10001;RE-1;10.05.2026;;;50,00;69,00;;"],
            ["10001 RE-1 invoice 119.00 69.00"],
            [],
        ),
        (
            "a credit note",
            ["10001;GS-1;04.05.2026;;;59,50;-59,50;8400;Gutschrift"],
            ["10001 GS-1 credit_note 59.50 59.50"],
            [],
        ),
        ("settled", ["10001;RE-1;04.05.2026;03.06.2026;119,00;119,00;0,00;;"], [], []),
        (
            "a reversal on the same side",
            ["10001;RE-1;04.05.2026;03.06.2026;119,00;;;;", "10001;RE-1;05.05.2026;;-119,00;;;;"],
            [],
            [],
        ),
        (
            "an invoice booked in two parts",
            ["10001;RE-1;04.05.2026;03.06.2026;119,00;;;8400;", "10001;RE-1;04.05.2026;03.06.2026;53,50;;;8300;"],
            ["10001 RE-1 invoice 172.50 172.50"],
            [],
        ),
        (
            "payments on account without a number are one credit",
            ["10001;;04.05.2026;;;50,00;;1200;Akonto", "10001;;05.05.2026;;;50,00;;1200;Akonto"],
            ["10001 Akonto 10001 credit_note 100.00 100.00"],
            ["payment_on_account"],
        ),
        (
            "a payment with a number nobody invoiced",
            ["10001;RE-9;04.05.2026;;;50,00;;1200;Zahlungseingang"],
            ["10001 RE-9 credit_note 50.00 50.00"],
            ["payment_on_account"],
        ),
        (
            "an invoice paid too much",
            ["10001;RE-1;04.05.2026;03.06.2026;119,00;;;;", "10001;RE-1;10.05.2026;;;129,00;;;"],
            ["10001 RE-1 credit_note 129.00 10.00"],
            ["overpaid_document"],
        ),
        (
            "the same row twice: exported twice, or posted twice?",
            ["10001;RE-1;04.05.2026;03.06.2026;119,00;;119,00;8400;"] * 2,
            [],
            ["contradictory_rows"],
        ),
        (
            "the same row twice, and the balance counts both",
            ["10001;RE-1;04.05.2026;03.06.2026;119,00;;238,00;8400;"] * 2,
            ["10001 RE-1 invoice 238.00 238.00"],
            [],
        ),
        (
            "settled, says the sum, and not, says the balance",
            ["10001;RE-1;04.05.2026;03.06.2026;119,00;119,00;50,00;;"],
            [],
            ["balance_does_not_add_up"],
        ),
        ("a wrong balance", ["10001;RE-1;04.05.2026;03.06.2026;119,00;;111,00;;"], [], ["balance_does_not_add_up"]),
        ("an invoice without due date", ["10001;RE-1;04.05.2026;;119,00;;;;"], [], ["missing_value"]),
        ("a debit without number", ["10001;;04.05.2026;03.06.2026;119,00;;;;"], [], ["missing_value"]),
        ("no amount", ["10001;RE-1;04.05.2026;03.06.2026;;;;;"], [], ["missing_value"]),
        ("an account of the ledger", ["8400;RE-1;04.05.2026;03.06.2026;119,00;;;;"], [], ["unknown_account"]),
        (
            "a supplier's account is said",
            ["70001;RE-1;04.05.2026;03.06.2026;119,00;;;;"],
            ["70001 RE-1 invoice 119.00 119.00"],
            ["creditor_account"],
        ),
        (
            "nine digits, filled up by DATEV",
            ["100010000;RE-1;04.05.2026;03.06.2026;119,00;;;;"],
            ["10001 RE-1 invoice 119.00 119.00"],
            ["accounts_shortened"],
        ),
        (
            "nine digits that are nine digits",
            ["100010000;RE-1;04.05.2026;03.06.2026;119,00;;;;", "100010001;RE-2;04.05.2026;03.06.2026;1,00;;;;"],
            ["100010000 RE-1 invoice 119.00 119.00", "100010001 RE-2 invoice 1.00 1.00"],
            [],
        ),
        (
            "seven digits",
            ["1000100;RE-1;04.05.2026;03.06.2026;119,00;;;;"],
            ["1000100 RE-1 invoice 119.00 119.00"],
            [],
        ),
    ],
)
def test_what_an_accountant_reads_in_the_list_is_what_is_read(
    desk: Desk, what: str, rows: list[str], items: list[str], findings: list[str]
) -> None:
    pulled = read(desk, EXCEL, *rows)
    assert ([" ".join(item) for item in told(pulled)], codes(pulled)) == (items, findings), what


def test_dates_and_umlauts_of_a_cp1252_list(desk: Desk) -> None:
    (item,) = read(desk, EXCEL, "10001;RE-1;04.05.2026;03.06.2026;1.190,00;;1.190,00;8400;Tür").items
    assert (item.document_date, item.due_date) == (date(2026, 5, 4), date(2026, 6, 3))
    assert (item.amount, item.place) == (Money(119_000, "EUR"), "open_items.csv:2")


@pytest.mark.parametrize(
    "row",
    [
        ";;;;1.000,00;;1.000,00;;Summe",
        "Summe;;;;1.000,00;;1.000,00;;",
        "Summe Konto 10001;;;;1.000,00;;1.000,00;;",
        "Gesamtsumme",
        "Saldo: 1.000,00;;;;;;;;",
        "10001;;;;;;;;Müller GmbH",
        "10001;Summe;;;1.000,00;;;;",
        "10001 Müller GmbH",
        EXCEL,
    ],
)
def test_sums_names_of_accounts_and_repeated_headers_are_passed_over(desk: Desk, row: str) -> None:
    pulled = read(desk, EXCEL, "10001;RE-1;04.05.2026;03.06.2026;119,00;;;;", row)
    assert (len(pulled.items), pulled.findings, pulled.complete) == (1, (), True)


@pytest.mark.parametrize(
    "row",
    [
        "10001;RE-2;;;119,00;;;;Saldo",  # a document whose text is a word of sums
        "10001;;;;119,00;;;;",  # an amount nobody knows of
        "Übertrag;;;;1.000,00;;;;",  # perhaps a sum
    ],
)
def test_what_is_not_surely_a_sum_is_a_finding(desk: Desk, row: str) -> None:
    pulled = read(desk, EXCEL, "10001;RE-1;04.05.2026;03.06.2026;119,00;;;;", row)
    assert (len(pulled.items), pulled.complete) == (1, False)
    assert pulled.findings


def test_a_document_is_not_used_when_one_of_its_rows_cannot_be_read(desk: Desk) -> None:
    rows = ["10001;RE-1;04.05.2026;03.06.2026;119,00;;;;", "10001;RE-1;10.05.2026;;;fünfzig;;;Zahlung"]
    pulled = read(desk, EXCEL, *rows)
    assert (pulled.items, codes(pulled)) == ((), ["unreadable_amount", "contradictory_rows"])
    assert pulled.unreadable_numbers == {"RE-1"}


def ascii_row(
    account: str, number: str, day: str, due: str, debit: str, credit: str, saldo: str, end: str = ""
) -> str:
    rest = f'"EUR";0,00;"S";;" ";0;"";"";"Text";19,00;"05-2026/1";3;"{end}"'
    return f'{account};"{number}";{day};{due};8400;{debit};{credit};{saldo};{rest}'


@pytest.mark.parametrize(
    ("what", "rows", "items", "findings"),
    [
        (
            "packed days, one of which lost its zero",
            [ascii_row("12041", "RA1", "4052026", "03062026", "107,40", "0,00", '107,40;"S"')],
            ["12041 RA1 invoice 107.40 107.40"],
            [],
        ),
        (
            "a balance in credit",
            [ascii_row("12041", "GS1", "04052026", "", "0,00", "107,40", '107,40;"H"')],
            ["12041 GS1 credit_note 107.40 107.40"],
            [],
        ),
        (
            "cleared documents are not open",
            [
                ascii_row("12041", "RA1", "04052026", "03062026", "107,40", "0,00", '0,00;"S"', "A"),
                ascii_row("12041", "RA1", "10052026", "", "0,00", "107,40", '0,00;"S"', "A"),
            ],
            [],
            [],
        ),
        (
            "cleared against another document",
            [ascii_row("12041", "RA1", "04052026", "03062026", "107,40", "0,00", ';""', "M")],
            [],
            [],
        ),
        (
            "marked in part",
            [
                ascii_row("12041", "RA1", "04052026", "03062026", "107,40", "0,00", ';""'),
                ascii_row("12041", "RA1", "10052026", "", "0,00", "50,00", ';""', "A"),
            ],
            [],
            ["contradictory_rows"],
        ),
        (
            "an unknown mark",
            [ascii_row("12041", "RA1", "04052026", "03062026", "107,40", "0,00", ';""', "Z")],
            [],
            ["unknown_mark"],
        ),
        (
            "no day of the calendar",
            [ascii_row("12041", "RA1", "31022026", "03062026", "107,40", "0,00", ';""')],
            [],
            ["unreadable_date"],
        ),
        (
            "owed in another currency",
            [ascii_row("12041", "RA1", "04052026", "03062026", "107,40", "0,00", ';""').replace('"EUR"', '"USD"')],
            [],
            ["foreign_currency"],
        ),
    ],
)
def test_the_ascii_export(desk: Desk, what: str, rows: list[str], items: list[str], findings: list[str]) -> None:
    pulled = read(desk, ASCII, *rows)
    assert ([" ".join(item) for item in told(pulled)], codes(pulled)) == (items, findings), what


@pytest.mark.parametrize(
    ("row", "item", "findings"),
    [
        ("10001;Müller;RE-1;04.05.2026;03.06.2026;119,00;S;1", ["10001 RE-1 invoice 119.00 119.00"], []),
        ("10001;Müller;GS-1;04.05.2026;03.06.2026;119,00;H;", ["10001 GS-1 credit_note 119.00 119.00"], []),
        ("10001;Müller;GS-1;04.05.2026;03.06.2026;119,00;Haben;", ["10001 GS-1 credit_note 119.00 119.00"], []),
        ("10001;Müller;RE-1;04.05.2026;03.06.2026;119,00;X;", [], ["unknown_side"]),
        ("10001;Müller;RE-1;04.05.2026;03.06.2026;119,00;;", [], ["missing_value"]),
    ],
)
def test_one_amount_and_its_side_tell_invoice_from_credit_note(
    desk: Desk, row: str, item: list[str], findings: list[str]
) -> None:
    pulled = read(desk, SIDED, row)
    assert ([" ".join(one) for one in told(pulled)], codes(pulled)) == (item, findings)


def test_a_column_that_says_what_is_open_is_believed_where_a_document_has_one_row(desk: Desk) -> None:
    header = "Konto;Rechnungs-Nr.;Datum;Fälligkeit;Betrag;S/H;Offener Betrag"
    pulled = read(desk, header, "10001;RE-1;04.05.2026;03.06.2026;119,00;S;69,00")
    assert told(pulled) == [("10001", "RE-1", "invoice", "119.00", "69.00")]
    twice = read(desk, header, *["10001;RE-1;04.05.2026;03.06.2026;119,00;S;69,00"] * 2)
    assert (twice.items, codes(twice)) == ((), ["contradictory_rows"])
    nothing = read(desk, header, "10001;RE-1;04.05.2026;03.06.2026;0,00;S;69,00")
    assert (nothing.items, codes(nothing)) == ((), ["contradictory_rows"])
    settled = read(desk, header, "10001;RE-1;04.05.2026;03.06.2026;119,00;S;0,00")
    assert (settled.items, settled.complete) == ((), True)


def test_a_list_with_a_kind_and_an_open_amount_is_read_row_by_row_whatever_else_it_has(desk: Desk) -> None:
    header = "Belegnummer;Belegart;Debitor;Datum;Fälligkeit;Betrag;Offener Betrag;Soll;Haben"
    pulled = read(desk, header, "RE-1;Rechnung;10001;04.05.2026;03.06.2026;119,00;69,00;1,00;2,00")
    assert told(pulled) == [("10001", "RE-1", "invoice", "119.00", "69.00")]


def test_what_is_missing_is_named_as_in_every_list(desk: Desk) -> None:
    with pytest.raises(Refused, match="mandatory columns are missing: due_date"):
        read(desk, "Konto;Rechnungsnummer;Datum;Sollbetrag;Habenbetrag")


def test_columns_of_such_a_list_can_be_mapped(desk: Desk, tmp_path: Path) -> None:
    columns = {"document_number": "OP-Nr", "debit": "Umsatz S", "credit": "Umsatz H"}
    header = "Konto;OP-Nr;Datum;Fälligkeit;Umsatz S;Umsatz H"
    pulled = read(desk, header, "10001;RE-1;04.05.2026;03.06.2026;119,00;19,00", columns=columns)
    assert told(pulled) == [("10001", "RE-1", "invoice", "119.00", "100.00")]
    assert FileSource(name="file", open_items=tmp_path / "open_items.csv", columns=columns).pull() == pulled


CENTS = st.integers(0, 10**9)


@given(st.lists(st.tuples(st.sampled_from(["RE-1", "RE-2", "RE-3"]), CENTS, CENTS), max_size=12))
def test_the_items_of_an_account_add_up_to_its_debits_less_its_credits(rows: list[tuple[str, int, int]]) -> None:
    header = ("document_number", "debtor_number", "document_date", "due_date", "debit", "credit", "text")
    layout = Layout(file="f", header=header, positions={name: i for i, name in enumerate(header)}, width=7)

    def euros(cents: int) -> str:
        return f"{cents // 100},{cents % 100:02}"

    given_rows = [
        Row(line, (number, "10001", "2026-05-04", "2026-06-03", euros(debit), euros(credit), f"row {line}"))
        for line, (number, debit, credit) in enumerate(rows, 2)
    ]
    read_rows = read_debit_credit_rows(given_rows, layout, "file", "EUR")
    assert sum(item.balance.minor for item in read_rows.items) == sum(debit - credit for _, debit, credit in rows)
    assert read_rows.complete
    assert all(item.open_amount.minor > 0 for item in read_rows.items)
    assert {item.kind for item in read_rows.items} <= {ItemKind.INVOICE, ItemKind.CREDIT_NOTE}
