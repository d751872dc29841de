"""Every field of an entry that MT940 can give, in the dialects that banks write."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Unreadable
from ledger.money import Money
from ledger.statement import EntryKind, EntryStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.bank.reading import Reading
    from ledger.statement import StatementEntry

LINE = "2605040504C10,00NTRFNONREF"


@pytest.fixture
def entry_of(read_bytes: Callable[..., Reading]) -> Callable[..., StatementEntry]:
    """Read one booking; its sum is what it has to be."""

    def read(line: str = LINE, details: str | None = None, *, minor: int = 1000) -> StatementEntry:
        (entry,) = read_bytes(_statement(line, details, minor)).statements[0].entries
        return entry

    return read


def _statement(line: str, details: str | None, minor: int) -> str:
    text = f":61:{line}\n" + ("" if details is None else f":86:{details}\n")
    closing = 10000 + minor
    return (
        f":20:T\n:25:DE02120300000000202051\n:28C:1/1\n:60F:C260430EUR100,00\n{text}"
        f":62F:C260504EUR{closing // 100},{closing % 100:02d}\n-\n"
    )


@pytest.mark.parametrize(
    ("line", "minor"),
    [
        ("2605040504C1234,NTRFNONREF", 123400),
        ("2605040504C,50NTRFNONREF", 50),
        ("2605040504C1234,5NTRFNONREF", 123450),
        ("2605040504CR1.234,56NTRFNONREF", 123456),
        ("2605040504C1,234.56NTRFNONREF", 123456),  # unmistakable: a comma between thousands, a dot before cents
        ("2605040504C12.34NTRFNONREF", 1234),
        ("2605040504C000000000010,00 NTRFNONREF", 1000),  # a blank before the type
        ("2605040504C10,00NONREF", 1000),  # no type
        ("260504C10,00S051", 1000),  # neither booking date nor reference
        ("2605040504RDR10,00N068", 1000),
        ("2605040504CR10,00MCI0NONREF", 1000),
    ],
)
def test_amounts_as_banks_write_them(line: str, minor: int, entry_of: Callable[..., StatementEntry]) -> None:
    entry = entry_of(line, minor=minor)
    assert (entry.amount, entry.booking_date) == (Money(minor, "EUR"), date(2026, 5, 4))


@pytest.mark.parametrize("written", ["1.234", "1,234", "1 234,00", "1.2.3,4"])
def test_an_amount_that_could_be_two_is_refused(written: str, entry_of: Callable[..., StatementEntry]) -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        entry_of(f"2605040504C{written}NTRFNONREF", minor=123400)


def test_a_minus_beside_the_mark_is_decided_by_the_balance(entry_of: Callable[..., StatementEntry]) -> None:
    assert entry_of("2605040504D-4,12NTRFNONREF", minor=-412).amount.minor == -412
    assert entry_of("2605040504D-4,12NTRFNONREF", minor=412).amount.minor == 412
    with pytest.raises(Unreadable, match="has both a minus and the mark D"):
        entry_of("2605040504D-4,12NTRFNONREF", minor=999)


@pytest.mark.parametrize(("mark", "comes_in"), [("EC", True), ("ED", False)])
def test_what_is_only_expected_is_pending_and_counts_nowhere(
    mark: str, comes_in: bool, entry_of: Callable[..., StatementEntry]
) -> None:
    entry = entry_of(f"2605040504{mark}10,00NTRFNONREF", minor=0)
    assert (entry.status, entry.amount.minor) == (EntryStatus.PENDING, 1000 if comes_in else -1000)


@pytest.mark.parametrize(
    ("details", "what", "value"),
    [
        ("166?20KREF+SAMMEL-9?21SVWZ+a", "batch_reference", "SAMMEL-9"),
        ("166?20EREF+E1?21PURP+SALA?22SVWZ+a", "purpose_code", "SALA"),
        ("166?20EREF+NOTPROVIDED?21SVWZ+a", "end_to_end_id", ""),
        ("166?20BREF+B7?21SVWZ+a", "bank_reference", "B7"),
        ("166?00 GUTSCHRIFT ?20a", "posting_text", "GUTSCHRIFT"),
        ("166?20SVWZ+/EXCH/1,0823/", "exchange_rate", "1,0823"),
        ("166?20SVWZ+RF18 5390 0754 7034", "references", ("RF18539007547034",)),
    ],
)
def test_what_the_keywords_become(
    details: str, what: str, value: object, entry_of: Callable[..., StatementEntry]
) -> None:
    assert getattr(entry_of(details=details), what) == value


@pytest.mark.parametrize(
    ("line", "minor", "details", "other", "ours"),
    [
        (LINE, 1000, "166?20ABWA+Petra?21ABWE+Verein", "Petra", "Verein"),  # who pays by transfer orders it
        ("2605040504D10,00NTRFNONREF", -1000, "116?20ABWA+Verein?21ABWE+Petra", "Petra", "Verein"),
        ("2605040504C10,00NDDTNONREF", 1000, "171?20ABWA+Verein?21ABWE+Petra", "Petra", "Verein"),  # we collect
        ("2605040504D10,00NDDTNONREF", -1000, "105?20ABWA+Laden?21ABWE+Wir", "Laden", "Wir"),  # others collect
        ("2605040504D10,00NMSCNONREF", -1000, "109?20ABWA+Verein?21ABWE+Petra?34914", "Petra", "Verein"),
        ("2605040504D10,00NMSCNONREF", -1000, "109?20ABWA+Petra?34914", "Petra", ""),
    ],
)
def test_whose_ultimate_name_it_is_depends_on_the_direction(
    line: str, minor: int, details: str, other: str, ours: str, entry_of: Callable[..., StatementEntry]
) -> None:
    entry = entry_of(line, details, minor=minor)
    assert (entry.ultimate_name, entry.ultimate_own_name) == (other, ours)


@pytest.mark.parametrize(
    ("line", "details", "batch", "iban"),
    [
        ("2605040504C10,00NTRFDATEI 7//B1", "166?20SVWZ+a", "DATEI 7", ""),
        ("2605040504C10,00NTRFKREF+//B1", "166?20KREF+DATEI 8?21SVWZ+a", "DATEI 8", ""),
        ("2605040504C10,00NTRFE1//B1", "166?20EREF+E1?21SVWZ+a", "", ""),  # the same reference said twice
        ("2605040504C10,00NOVBNL91ABNA0417164300", "words", "", "NL91ABNA0417164300"),  # longer than SWIFT allows
    ],
)
def test_the_customer_reference(
    line: str, details: str, batch: str, iban: str, entry_of: Callable[..., StatementEntry]
) -> None:
    entry = entry_of(line, details)
    assert (entry.batch_reference, entry.payer_iban) == (batch, iban)


def test_a_return_tells_reason_principal_and_charge(entry_of: Callable[..., StatementEntry]) -> None:
    entry = entry_of(
        "2605040504D12,35NRTIKREF+//B1\n/OCMT/EUR11,85//CHGS/EUR0,50/",
        "109?00RETOURE?20EREF+A1 KREF+SEPA-1 MREF+M1 C?21RED+DE98ZZZ09999999999 OAMT?22+11,85 SVWZ+SONSTIGE GRUE"
        "?23NDE?34914",
        minor=-1235,
    )
    assert (entry.kind, entry.return_reason) == (EntryKind.RETURNED_DEBIT, "MS03")
    assert (entry.original_amount, entry.charges) == (Money(1185, "EUR"), Money(50, "EUR"))
    assert (entry.end_to_end_id, entry.mandate_id, entry.creditor_id) == ("A1", "M1", "DE98ZZZ09999999999")
    assert (entry.batch_reference, entry.remittance_glued) == ("SEPA-1", "SONSTIGE GRUENDE")


@pytest.mark.parametrize(
    ("details", "remittance"),
    [
        (None, ""),
        ("eins\n:86:zwei", "eins zwei"),
        ("Karten 12-09-2014T16\n:26:37 Folgenr. 7", "Karten 12-09-2014T16 :26:37 Folgenr. 7"),  # a time cut at a line
        ("Uhrzeit 10\n:20:11", "Uhrzeit 10 :20:11"),  # even where it looks like a tag
        ("eins\n:23E:what a bank made up", "eins"),
        ("eins\n- zwei", "eins - zwei"),
    ],
)
def test_the_text_of_a_booking(details: str | None, remittance: str, entry_of: Callable[..., StatementEntry]) -> None:
    assert entry_of(details=details).remittance == remittance


def test_old_fields_of_the_bank_are_read_as_purpose(entry_of: Callable[..., StatementEntry]) -> None:
    entry = entry_of(f"{LINE}\n:NS:01Rechnung 17\n02vom Mai\n15Anna Anders\n17GUTSCHRIFT\n1812345")
    assert (entry.remittance, entry.payer_name, entry.posting_text) == (
        "Rechnung 17 vom Mai",
        "Anna Anders",
        "GUTSCHRIFT",
    )


def test_a_text_that_comes_before_its_booking_is_not_lost(read_bytes: Callable[..., Reading]) -> None:
    text = _statement(LINE, None, 1000).replace(":61:", ":86:too early\n:61:")
    assert read_bytes(text).statements[0].entries[0].remittance == "too early"


def test_text_behind_the_closing_balance_belongs_to_no_booking(read_bytes: Callable[..., Reading]) -> None:
    text = _statement(LINE, "eins", 1000).replace("\n-\n", "\n:64:C260504EUR1,00\n:65:Dnull\n:86:Neue Preise\n-\n")
    assert read_bytes(text).statements[0].entries[0].remittance == "eins"


def test_a_statement_number_may_be_long_and_broken(read_bytes: Callable[..., Reading]) -> None:
    text = _statement(LINE, None, 1000).replace(":28C:1/1", ":28C:123456\n7/00001")
    assert read_bytes(text).statements[0].number == "1234567"


def test_a_closing_balance_without_a_currency_is_in_that_of_the_opening_one(
    read_bytes: Callable[..., Reading],
) -> None:
    text = _statement(LINE, None, 1000).replace(":62F:C260504EUR110,00", ":62F:C260504110,00")
    assert read_bytes(text).statements[0].closing == Money(11000, "EUR")
