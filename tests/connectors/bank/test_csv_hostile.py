"""CSV files as they really arrive: damaged, resaved, cut, foreign; each read rightly or refused with its row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from connectors.bank.online_banking.csv_known_banks import known_mappings
from connectors.bank.online_banking.csv_mapping import mapping_from
from connectors.bank.online_banking.csv_statement import looks_like, pieces, pieces_with
from ledger.errors import Unreadable
from ledger.money import Money
from ledger.statement import EntryStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ledger.statement import Statement

HEADER: Final = (
    '"Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";"Glaeubiger ID";"Mandatsreferenz";'
    '"Kundenreferenz (End-to-End)";"Sammlerreferenz";"Lastschrift Ursprungsbetrag";"Auslagenersatz Ruecklastschrift";'
    '"Beguenstigter/Zahlungspflichtiger";"Kontonummer/IBAN";"BIC (SWIFT-Code)";"Betrag";"Waehrung";"Info"\n'
)
ROW: Final = (
    '"DE02120300000000202051";"{day}";"{day}";"GUTSCHR. UEBERWEISUNG";"{purpose}";"";"";"";"";"";"";"Jürgen Köhler";'
    '"DE89370400440532013000";"COBADEFFXXX";"{amount}";"EUR";"{info}"\n'
)
PLAIN: Final = """
name = "plain"
recognised_by = ["Tag", "Text", "Betrag"]
account = "DE02120300000000202051"
currency = "EUR"
[columns]
booking_date = "Tag"
purpose = "Text"
amount = "Betrag"
balance = "Saldo"
"""


def row(day: str = "04.05.26", amount: str = "119,00", purpose: str = "RE-1", info: str = "Umsatz gebucht") -> str:
    return ROW.format(day=day, amount=amount, purpose=purpose, info=info)


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[Statement]]:
    """Write a file and read its statements, by the known mappings or by one given as TOML."""

    def reader(content: str | bytes, toml: str = "", encoding: str = "utf-8") -> list[Statement]:
        path = tmp_path / "umsatz.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        found = pieces_with(mapping_from(toml, "test"), path, path.name) if toml else pieces(path, path.name)
        return [piece.statement for piece in found]

    return reader


def refused(reader: Callable[..., list[Statement]], content: str | bytes, *words: str, toml: str = "") -> None:
    with pytest.raises(Unreadable) as caught:
        reader(content, toml)
    for word in words:
        assert word in str(caught.value), str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encoding_and_line_ends_are_found_out(
    encoding: str, line_end: str, read: Callable[..., list[Statement]]
) -> None:
    text = (HEADER + row()).replace("\n", line_end)
    assert looks_like(text.encode(encoding))
    (statement,) = read(text, encoding=encoding)
    assert statement.entries[0].payer_name == "Jürgen Köhler"
    assert statement.entries[0].amount == Money(11900, "EUR")


def test_formulas_that_keep_leading_zeros_are_read_as_their_text(read: Callable[..., list[Statement]]) -> None:
    text = (HEADER + row()).replace('"DE02120300000000202051"', '="DE02120300000000202051"')
    assert read(text)[0].account == "DE02120300000000202051"
    quoted = (HEADER + row()).replace('"DE02120300000000202051"', '"=""DE02120300000000202051"""')
    assert read(quoted)[0].account == "DE02120300000000202051"


@pytest.mark.parametrize(
    ("amount", "minor"),
    [
        ("119,00", 11900),
        ("-119,00", -11900),
        ("+119,00", 11900),
        ("119,00-", -11900),
        ("1.119,00", 111900),
        ("1 119,00", 111900),
        ("1.000", 100000),
        ("119", 11900),
        ("119,5", 11950),
        ("119,00 €", 11900),
        ("119,00 EUR", 11900),
        ("EUR 119,00", 11900),
        ("\u221219,00", -1900),
        ("0,00", 0),
    ],
)
def test_amounts_of_a_bank_that_writes_a_comma(amount: str, minor: int, read: Callable[..., list[Statement]]) -> None:
    assert read(HEADER + row(amount=amount))[0].entries[0].amount == Money(minor, "EUR")


@pytest.mark.parametrize(
    "amount",
    [
        "119.00",
        "1,119.00",
        "1,2,3",
        "12.34.567,00",
        "1.1190,00",
        "119,001",
        "=1+1",
        "--5,00",
        "-5,00-",
        "5 5,00",
        "",
        "x",
    ],
)
def test_amounts_in_doubt_are_refused_with_their_row(amount: str, read: Callable[..., list[Statement]]) -> None:
    refused(read, HEADER + row() + row(amount=amount), "umsatz.csv:3: ", "amount")


@pytest.mark.parametrize("day", ["31.02.26", "00.05.26", "2026-13-01", "46146"])
def test_days_of_no_calendar_are_refused_with_their_row(day: str, read: Callable[..., list[Statement]]) -> None:
    refused(read, HEADER + row(day=day), "umsatz.csv:2: ")


def test_an_impossible_value_date_is_left_out_and_told(tmp_path: Path) -> None:
    path = tmp_path / "umsatz.csv"
    path.write_text(HEADER + row().replace('"04.05.26";"GUT', '"31.02.26";"GUT'), encoding="utf-8")
    (piece,) = pieces(path, path.name)
    assert piece.statement.entries[0].value_date is None
    assert [f.code for f in piece.findings] == ["statement_unchecked", "value_date_impossible"]


def test_a_status_nobody_knows_is_refused(read: Callable[..., list[Statement]]) -> None:
    refused(read, HEADER + row(info="Umsatz verdampft"), "umsatz.csv:2: the column Info says 'Umsatz verdampft'")


def test_cells_that_do_not_line_up_are_refused(read: Callable[..., list[Statement]]) -> None:
    refused(read, HEADER + row().replace('"";"Jürgen', '"Jürgen'), "umsatz.csv:2: this row has 16 cells")
    refused(read, HEADER + row().rstrip("\n") + ';"more"\n', "umsatz.csv:2: this row has 18 cells")
    assert read(HEADER + row().rstrip("\n") + ";;\n")  # blank cells at the end mean nothing


def test_a_quotation_mark_that_never_closes_is_refused_where_its_row_begins(
    read: Callable[..., list[Statement]],
) -> None:
    broken = row().replace('"RE-1"', '"RE-1')
    refused(read, HEADER + row() + broken + row(), "umsatz.csv:3: the cells of this row cannot be told apart")


def test_a_line_break_inside_a_text_is_no_new_row(read: Callable[..., list[Statement]]) -> None:
    (statement,) = read(HEADER + row(purpose="Rechnung\nRE-2026-00\n42") + row())
    assert [e.place for e in statement.entries] == ["umsatz.csv:2", "umsatz.csv:5"]
    assert statement.entries[0].remittance == "Rechnung RE-2026-00 42"
    assert statement.entries[0].remittance_glued == "RechnungRE-2026-0042"


def test_a_second_table_and_a_total_are_refused_with_their_line(read: Callable[..., list[Statement]]) -> None:
    refused(read, HEADER + row() + "\n" + HEADER + row(), "umsatz.csv:4: a second table begins here")
    total = '"Summe";"";"";"";"";"";"";"";"";"";"";"";"";"";"119,00";"EUR";""\n'
    refused(
        read, HEADER + row() + total, "umsatz.csv:3: this line is no booking: its Buchungstag is no date", "Summe"
    )


def test_a_total_may_be_named_in_a_mapping_of_ones_own(read: Callable[..., list[Statement]]) -> None:
    text = "Tag;Text;Betrag;Saldo\n04.05.2026;RE-1;119,00;119,00\nSumme;;119,00;\n"
    refused(read, text, "umsatz.csv:3: this line is no booking", toml=PLAIN)
    (statement,) = read(text, 'skip = "Summe"\n' + PLAIN)
    assert len(statement.entries) == 1
    # A booking is a booking, whatever its first word: only lines without a day are skipped.
    assert len(read("Text;Tag;Betrag\nSumme;04.05.2026;119,00\n", 'skip = "Summe"\n' + PLAIN)[0].entries) == 1


def test_a_column_that_is_there_twice_must_say_the_same_twice(read: Callable[..., list[Statement]]) -> None:
    text = "Tag;Text;Betrag;Betrag\n04.05.2026;RE-1;119,00;{}\n"
    assert read(text.format("119,00"), PLAIN)[0].entries
    refused(read, text.format("0,00"), "umsatz.csv:2: the column Betrag is there twice", toml=PLAIN)


def test_several_accounts_in_one_file_are_several_statements(read: Callable[..., list[Statement]]) -> None:
    other = row().replace("DE02120300000000202051", "DE75512108001245126199")
    first, second = read(HEADER + row() + other + row(amount="1,00"))
    assert (first.account, len(first.entries)) == ("DE02120300000000202051", 2)
    assert (second.account, len(second.entries)) == ("DE75512108001245126199", 1)


def test_a_thousand_accounts_are_slipped_columns(read: Callable[..., list[Statement]]) -> None:
    many = "".join(row().replace("DE02120300000000202051", f"DE021203000000002{n:05d}") for n in range(1000))
    refused(read, HEADER + many, "more than 100 accounts and currencies")


def test_an_account_number_that_a_spreadsheet_ruined_is_refused(read: Callable[..., list[Statement]]) -> None:
    refused(read, HEADER + row().replace("DE02120300000000202051", "2,02051E+17"), "2,02051E+17")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "the file is empty"),
        ("\n" * 5000, "no line has the column names"),
        ("x;y;z\n" * 5000 + HEADER + ROW, "no line has the column names"),
        (HEADER, "below the column names there is no booking"),
        (HEADER + "\0", "a NUL character"),
        (HEADER + "x" * 200_001, "a line of more than 200,000 characters"),
        ((HEADER + "\u00fc").encode("cp1252") + b"\x81", "that are no characters"),
        (HEADER + '"' + "x\n" * 100_000, "cannot be told apart"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_statement_is_refused(
    content: str | bytes, words: str, read: Callable[..., list[Statement]]
) -> None:
    refused(read, content, words)


def test_lines_above_the_table_do_no_harm(read: Callable[..., list[Statement]]) -> None:
    above = 'sep=;\n"Kontoumsätze; "Mai"\n' + "\n" * 20 + "Konto;" * 50 + "\n"
    assert read(above + HEADER + row())[0].entries[0].place == "umsatz.csv:25"


# --- Evidence of the whole file ---


@pytest.mark.parametrize(
    ("amounts", "minors"),
    [
        (["1.234", "1,50"], [123400, 150]),
        (["1,234", "1.50"], [123400, 150]),
        (["1,234,567", "2,000"], [123456700, 200000]),
        (["12", "13"], [1200, 1300]),
    ],
)
def test_the_decimal_mark_is_decided_by_the_whole_file(
    amounts: list[str], minors: list[int], read: Callable[..., list[Statement]]
) -> None:
    text = "Tag;Text;Betrag\n" + "".join(f"04.05.2026;x;{amount}\n" for amount in amounts)
    assert [e.amount.minor for e in read(text, PLAIN)[0].entries] == minors


def test_a_file_that_does_not_decide_or_contradicts_itself_is_refused(read: Callable[..., list[Statement]]) -> None:
    text = "Tag;Text;Betrag\n04.05.2026;x;1.234\n05.05.2026;x;"
    refused(
        read, text + "17\n", "umsatz.csv:2: nothing in the file decides the decimal mark", "`decimal`", toml=PLAIN
    )
    refused(read, text + "1,50\n06.05.2026;x;1.50\n", "umsatz.csv:4: the decimal mark differs", toml=PLAIN)
    slashes = "Tag;Text;Betrag\n04/05/2026;x;1,50\n"
    refused(read, slashes, "umsatz.csv:2: nothing in the file decides the order of day and month", toml=PLAIN)
    assert read(slashes, 'date_order = "month first"\n' + PLAIN)[0].entries[0].booking_date.month == 4
    both = slashes + "13/05/2026;x;1,50\n05/13/2026;x;1,50\n"
    refused(read, both, "umsatz.csv:4: the order of day and month differs", toml=PLAIN)


TWO: Final = """
name = "two columns"
recognised_by = ["Tag", "Soll", "Haben"]
account = "DE02120300000000202051"
currency = "EUR"
[columns]
booking_date = "Tag"
amount = "Betrag"
debit = "Soll"
credit = "Haben"
"""


def test_debits_stand_with_or_without_a_minus_but_not_both(read: Callable[..., list[Statement]]) -> None:
    head = "Tag;Soll;Haben\n"
    for debit in ("5,00", "-5,00"):
        (statement,) = read(f"{head}04.05.2026;{debit};\n04.05.2026;;7,00\n", TWO)
        assert [e.amount.minor for e in statement.entries] == [-500, 700]
    both = f"{head}04.05.2026;5,00;\n04.05.2026;-5,00;\n"
    refused(read, both, "umsatz.csv:3: the sign of debits differs", toml=TWO)
    refused(read, f"{head}04.05.2026;5,00;7,00\n", "umsatz.csv:2: debit, credit and amount", toml=TWO)
    refused(read, f"{head}04.05.2026;;-7,00\n", "umsatz.csv:2: debit, credit and amount", toml=TWO)
    refused(read, f"{head}04.05.2026;;\n", "umsatz.csv:2: this row has no amount", toml=TWO)


def test_an_amount_beside_debit_and_credit_must_agree(read: Callable[..., list[Statement]]) -> None:
    head = "Tag;Betrag;Soll;Haben\n"
    assert read(f"{head}04.05.2026;-5,00;-5,00;\n", TWO)[0].movement() == Money(-500, "EUR")
    refused(read, f"{head}04.05.2026;5,00;-5,00;\n", "contradict each other", toml=TWO)


def test_a_sign_of_its_own_decides_and_an_unknown_one_is_refused(read: Callable[..., list[Statement]]) -> None:
    toml = PLAIN + 'sign = "S/H"\n'
    head = "Tag;Text;Betrag;S/H\n"
    (statement,) = read(f"{head}04.05.2026;x;5,00;S\n04.05.2026;x;7,00;H\n", toml)
    assert [e.amount.minor for e in statement.entries] == [-500, 700]
    refused(read, f"{head}04.05.2026;x;5,00;X\n", "umsatz.csv:2: ", "`debit_words`", toml=toml)
    refused(read, f"{head}04.05.2026;x;-5,00;S\n", "umsatz.csv:2: ", "negative", toml=toml)


# --- Whose account, and whether it adds up ---


def test_a_file_that_names_no_account_says_what_to_save(read: Callable[..., list[Statement]]) -> None:
    text = '"Buchungstag";"Wertstellung (Valuta)";"Vorgang";"Buchungstext";"Umsatz in EUR";\n'
    text += '"04.05.2026";"04.05.2026";"Übertrag";"Auftraggeber: A Buchungstext: B Ref. C/1";"1,00";\n'
    refused(read, text, "does not say whose account it is", '`like = "comdirect"`', '`account = "DE…"`')
    mapped = 'name = "x"\nrecognised_by = ["Tag"]\n[columns]\nbooking_date = "Tag"\namount = "Betrag"\n'
    refused(read, "Tag;Text;Betrag\n04.05.2026;x;1,50\n", "names no currency", toml=mapped)


def test_a_file_of_another_account_than_the_mapping_states_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "hvb.csv"
    head = "Kontonummer;Buchungsdatum;Valuta;Verwendungszweck;Betrag;Waehrung\n"
    path.write_text(f"{head}202051;04.05.2026;04.05.2026;x;1,00;EUR\n", encoding="utf-8")
    with pytest.raises(Unreadable, match="the account number 202051 has no bank code"):
        list(pieces(path, path.name))
    ours, theirs = (
        mapping_from({"like": "HypoVereinsbank", "account": iban}, "test", known_mappings())
        for iban in ("DE02120300000000202051", "DE75512108001245126199")
    )
    assert next(pieces(path, path.name, [ours])).statement.account == "DE02120300000000202051"
    with pytest.raises(Unreadable, match="the file is of account 202051"):
        list(pieces(path, path.name, [theirs]))


def test_two_mappings_for_one_export_are_told_apart_by_the_name_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "umsaetze_4711_2026.csv"
    path.write_text("Tag;Text;Betrag\n04.05.2026;x;1,50\n", encoding="utf-8")
    one, other = (mapping_from(f'file_name = "umsaetze_{n}_*"\n' + PLAIN, "test") for n in ("4711", "4712"))
    nameless = mapping_from(PLAIN, "test")
    assert next(pieces(path, path.name, [nameless, other, one])).statement.entries
    with pytest.raises(Unreadable, match="fit this file equally well"):
        list(pieces(path, path.name, [nameless, nameless]))


BALANCED: Final = "Tag;Text;Betrag;Saldo\n"


def test_balances_are_checked_in_either_order_of_the_file(read: Callable[..., list[Statement]]) -> None:
    oldest_first = ["04.05.2026;a;10,00;110,00", "05.05.2026;b;-20,00;90,00", "06.05.2026;c;5,00;95,00"]
    for rows in (oldest_first, oldest_first[::-1]):
        (statement,) = read(BALANCED + "\n".join(rows), PLAIN)
        assert (statement.opening, statement.closing) == (Money(10000, "EUR"), Money(9500, "EUR"))
        assert statement.adds_up()


def test_a_row_that_is_missing_breaks_the_balances_at_its_place(read: Callable[..., list[Statement]]) -> None:
    text = BALANCED + "04.05.2026;a;10,00;110,00\n06.05.2026;c;5,00;95,00\n"
    refused(
        read,
        text,
        "umsatz.csv:3: the balance after this booking does not follow from the one before",
        "110,00 + 5,00 = 115,00, but the file says 95,00 EUR",
        toml=PLAIN,
    )


def test_balances_that_stand_only_in_some_rows_prove_nothing(tmp_path: Path) -> None:
    path = tmp_path / "umsatz.csv"
    path.write_text(BALANCED + "04.05.2026;a;10,00;110,00\n06.05.2026;c;5,00;\n", encoding="utf-8")
    (piece,) = pieces_with(mapping_from(PLAIN, "test"), path, path.name)
    assert piece.statement.opening is None
    assert "1 of 2 bookings have no balance" in piece.findings[0].what


def test_an_announced_row_is_booked_only_if_the_balance_moved_by_it(read: Callable[..., list[Statement]]) -> None:
    toml = PLAIN + '[[status]]\ncolumn = "Status"\nbooked = "fertig"\npending = "offen"\n'
    rows = ["04.05.2026;a;10,00;110,00;fertig", "05.05.2026;b;-60,00;50,00;offen", "06.05.2026;c;7,00;50,00;offen"]
    rows.append("07.05.2026;d;1,00;51,00;fertig")
    for ordered in (rows, rows[::-1]):
        (statement,) = read("Tag;Text;Betrag;Saldo;Status\n" + "\n".join(ordered), toml)
        status = {entry.remittance: entry.status for entry in statement.entries}
        assert (status["b"], status["c"]) == (EntryStatus.BOOKED, EntryStatus.PENDING)
        assert (statement.opening, statement.closing, statement.adds_up()) == (
            Money(10000, "EUR"),
            Money(5100, "EUR"),
            True,
        )


def test_balances_above_and_below_the_table_must_prove_the_sum(read: Callable[..., list[Statement]]) -> None:
    toml = 'opening = "Alter Saldo"\nclosing = "Neuer Saldo"\n' + PLAIN
    text = "Neuer Saldo;;{}\n\nTag;Text;Betrag\n04.05.2026;Neuer Saldo;10,00\nAlter Saldo;100,00 EUR\n"
    (statement,) = read(text.format("110,00"), toml)
    assert (statement.opening, statement.closing) == (Money(10000, "EUR"), Money(11000, "EUR"))
    refused(
        read, text.format("111,00"), "opening 100,00 + bookings 10,00 = 110,00, but closing says 111,00", toml=toml
    )
