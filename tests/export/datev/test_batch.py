"""What an accountant expects to see in the batch, booking by booking."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from export.datev.accounts import SKONTO_SKR04, skr03, skr04
from export.datev.batch import DatevExport, DatevSettings, datev_batches
from export.datev.check import check_delivery
from export.datev.clearing import account_movements, clears, document_key
from export.datev.posting import PostingFact, Reversal
from export.datev.reader import read_batch
from ledger.allocation import Allocation, AllocationKind
from ledger.money import from_decimal
from ledger.open_item import ItemKind
from reconciliation.outcome import EntryState

if TYPE_CHECKING:
    from export.datev.reader import Row

IBAN = "DE02120300000000202051"
SECOND_IBAN = "DE02500105170137075030"
NIGHT = datetime(2026, 6, 1, 2, 30, 15, 123_000, tzinfo=UTC)
SETTINGS = DatevSettings(
    chart=skr03(own_ibans=(IBAN, SECOND_IBAN)), consultant_number=29098, client_number=55003, initials="MM"
)


def fact(
    kind: str,
    amount: str,
    document: str = "",
    *,
    debtor: str = "10001",
    entry: str = "E1",
    day: date = date(2026, 5, 4),
    iban: str = IBAN,
    payer: str = "Muster GmbH",
    item_kind: ItemKind = ItemKind.INVOICE,
    state: EntryState = EntryState.AUTO,
    reversal: bool = False,
    end_to_end_id: str = "",
    remittance: str = "",
    currency: str = "EUR",
) -> PostingFact:
    return PostingFact(
        entry_id=entry,
        booking_date=day,
        account=iban,
        allocation=Allocation(
            kind=AllocationKind(kind),
            amount=from_decimal(Decimal(amount.replace(",", ".")), currency),
            item_id=f"file:{document}" if document else "",
            document_number=document,
            debtor_number=debtor,
        ),
        item_kind=item_kind if document else None,
        payer_name=payer,
        payer_iban="DE89370400440532013000",
        remittance=remittance,
        end_to_end_id=end_to_end_id,
        state=state,
        is_reversal=reversal,
    )


def export(*facts: PostingFact, settings: DatevSettings = SETTINGS) -> DatevExport:
    """Export and check every file on the way: no test may pass with a file DATEV would refuse."""
    exported = datev_batches("muster", facts, settings, created_at=NIGHT)
    for batch in exported.batches:
        assert check_delivery(batch, money_accounts=settings.chart.money_accounts) == ()
    return exported


def lines(*facts: PostingFact, settings: DatevSettings = SETTINGS) -> list[str]:
    exported = export(*facts, settings=settings)
    assert exported.unclear == ()
    return [shown(row) for batch in exported.batches for row in read_batch(batch.content).rows]


def shown(row: Row) -> str:
    """Show a line as an accountant would note it down."""
    words = [row.value(1), row.value(2), row.value(7), row.value(8), row.value(11)]
    words += [f"Skonto {row.value(13)}"] if row.value(13) else []
    words += [f"Sachverhalt {row.value(18)}"] if row.value(18) else []
    words += ["GU"] if row.value(118) else []
    return " ".join(word for word in words if word)


def codes(exported: DatevExport) -> list[str]:
    return [finding.code for finding in exported.findings]


def test_a_payment_is_booked_from_bank_to_debtor_with_the_invoice_number() -> None:
    assert lines(fact("payment", "119,00", "RE-1001")) == ["119,00 S 1200 10001 RE-1001"]


def test_skonto_stands_beside_the_money_received_on_the_same_line() -> None:
    booked = lines(fact("payment", "116,62", "AR-456/13"), fact("skonto", "2,38", "AR-456/13"))
    assert booked == ["116,62 S 1200 10001 AR-456/13 Skonto 2,38"]


def test_skonto_goes_to_the_account_the_adviser_wants() -> None:
    settings = DatevSettings(chart=replace(skr04(own_ibans=(IBAN,)), skonto=SKONTO_SKR04[Decimal(19)]))
    exported = export(fact("payment", "98,00", "R1"), fact("skonto", "2,00", "R1"), settings=settings)
    assert read_batch(exported.batches[0].content).rows[0].value(125) == "4736"


def test_one_payment_of_three_invoices_is_three_lines_that_add_up_to_the_bank() -> None:
    booked = lines(fact("payment", "100", "R1"), fact("payment", "50", "R2"), fact("payment", "0,01", "R3"))
    assert booked == ["100,00 S 1200 10001 R1", "50,00 S 1200 10001 R2", "0,01 S 1200 10001 R3"]


def test_a_netted_credit_note_takes_its_part_back_out_of_the_bank() -> None:
    facts = (fact("payment", "100", "R1"), fact("payment", "-20", "G7", item_kind=ItemKind.CREDIT_NOTE))
    assert lines(*facts) == ["100,00 S 1200 10001 R1", "20,00 H 1200 10001 G7"]
    batch = read_batch(export(*facts).batches[0].content)
    assert account_movements(batch) == {1200: Decimal(80), 10001: Decimal(-80)}
    items = {document_key(10001, "R1"): Decimal(100), document_key(10001, "G7"): Decimal(-20)}
    assert clears(batch, items).open() == {}


def test_an_overpayment_stays_on_the_debtor_as_a_line_of_its_own() -> None:
    booked = lines(
        fact("payment", "100", "R1", end_to_end_id="PAY 77"), fact("on_account", "5", end_to_end_id="PAY 77")
    )
    assert booked == ["100,00 S 1200 10001 R1", "5,00 S 1200 10001 ZE-PAY77"]


def test_an_on_account_line_never_carries_an_invoice_number() -> None:
    booked = lines(fact("on_account", "100", end_to_end_id="RE-1001"))
    assert booked == ["100,00 S 1200 10001 ZE-RE-1001"]


def test_money_of_a_payer_nobody_knows_goes_to_unclear_receipts() -> None:
    assert lines(fact("on_account", "77", debtor="")) == ["77,00 S 1200 1590"]


def test_a_returned_debit_reopens_the_invoice_and_books_the_fee_of_the_bank() -> None:
    booked = lines(
        fact("payment", "-119", "RE-1001", state=EntryState.RETURNED),
        fact("bank_charge", "-4,50", state=EntryState.RETURNED),
    )
    assert booked == ["119,00 H 1200 10001 RE-1001", "4,50 S 4970 1200"]


def test_a_charge_kept_on_the_way_clears_the_debtor_in_full() -> None:
    facts = (fact("payment", "985", "R1"), fact("bank_charge", "15", "R1"))
    assert lines(*facts) == ["985,00 S 1200 10001 R1", "15,00 S 4970 10001 R1"]
    batch = read_batch(export(*facts).batches[0].content)
    assert clears(batch, {document_key(10001, "R1"): Decimal(1000)}).open() == {}
    assert account_movements(batch)[1200] == Decimal(985)


@pytest.mark.parametrize(
    ("paid", "difference", "line"),
    [("99,98", "0,02", "0,02 S 2400 10001 R1"), ("100,02", "-0,02", "0,02 H 2400 10001 R1")],
)
def test_a_small_difference_closes_the_item_either_way(paid: str, difference: str, line: str) -> None:
    facts = (fact("payment", paid, "R1"), fact("small_difference", difference, "R1"))
    assert lines(*facts)[1] == line
    batch = read_batch(export(*facts).batches[0].content)
    assert clears(batch, {document_key(10001, "R1"): Decimal(100)}).open() == {}


def test_fee_and_interest_are_claimed_and_paid_without_tax() -> None:
    facts = (fact("payment", "100", "R1"), fact("fee", "2,50", "R1"), fact("interest", "1,17", "R1"))
    assert lines(*facts) == [
        "100,00 S 1200 10001 R1",
        "2,50 S 10001 2700 R1 Sachverhalt 40",
        "2,50 S 1200 10001 R1",
        "1,17 S 10001 2650 R1 Sachverhalt 31",
        "1,17 S 1200 10001 R1",
    ]
    batch = read_batch(export(*facts).batches[0].content)
    assert account_movements(batch)[1200] == Decimal("103.67")
    assert clears(batch, {document_key(10001, "R1"): Decimal(100)}).open() == {}
    assert {row.value(9) for row in batch.rows} == {""}


def test_an_undone_booking_is_taken_back_by_the_same_line_with_generalumkehr() -> None:
    facts = (
        fact("payment", "98", "R1"),
        fact("skonto", "2", "R1"),
        fact("payment", "98", "R1", reversal=True),
        fact("skonto", "2", "R1", reversal=True),
    )
    assert lines(*facts) == ["98,00 S 1200 10001 R1 Skonto 2,00", "98,00 S 1200 10001 R1 Skonto 2,00 GU"]
    exported = export(*facts)
    batch = read_batch(exported.batches[0].content)
    assert clears(batch, {document_key(10001, "R1"): Decimal(100)}).open() == {
        document_key(10001, "R1"): Decimal(100)
    }
    assert account_movements(batch)[1200] == 0
    assert exported.batches[0].sum_debit.minor == 0


def test_an_undone_booking_can_be_a_plain_counter_posting() -> None:
    settings = DatevSettings(chart=SETTINGS.chart, reversal=Reversal.COUNTER_POSTING)
    facts = (fact("payment", "98", "R1"), fact("payment", "98", "R1", reversal=True))
    assert lines(*facts, settings=settings) == ["98,00 S 1200 10001 R1", "98,00 H 1200 10001 R1"]


def test_skr04_and_the_second_bank_account() -> None:
    settings = DatevSettings(chart=skr04(own_ibans=(IBAN, SECOND_IBAN)))
    facts = (
        fact("payment", "10", "R1", iban=SECOND_IBAN),
        fact("fee", "1", "R1", iban=SECOND_IBAN),
        fact("bank_charge", "-1", iban=SECOND_IBAN),
    )
    assert lines(*facts, settings=settings) == [
        "10,00 S 1810 10001 R1",
        "1,00 S 10001 4830 R1 Sachverhalt 40",
        "1,00 S 1810 10001 R1",
        "1,00 S 6855 1810",
    ]


def test_longer_accounts_get_zeros_on_their_right_and_debtors_one_more_digit() -> None:
    settings = DatevSettings(chart=skr03(length=6, own_ibans=(IBAN,)))
    assert lines(fact("payment", "10", "R1", debtor="1000100"), settings=settings) == ["10,00 S 120000 1000100 R1"]
    assert codes(export(fact("payment", "10", "R1", debtor="10001"), settings=settings)) == ["datev-debtor-account"]


def test_the_bank_can_be_replaced_by_money_transit() -> None:
    chart = replace(skr03(), bank_accounts={IBAN: 1360})
    assert lines(fact("payment", "10", "R1"), settings=DatevSettings(chart=chart)) == ["10,00 S 1360 10001 R1"]


@pytest.mark.parametrize(
    ("number", "account"),
    [("10001", "10001"), ("D-10001", "10001"), ("0000069999", "69999"), ("Kunde 12345", "12345")],
)
def test_a_debtor_number_that_is_an_account_is_taken_as_one(number: str, account: str) -> None:
    assert lines(fact("payment", "1", "R1", debtor=number)) == [f"1,00 S 1200 {account} R1"]


@pytest.mark.parametrize("number", ["K-17", "70000", "9999", "10-001", "100000", "Müller", "1" * 5000])
def test_a_debtor_number_that_is_no_account_waits_with_its_whole_entry(number: str) -> None:
    exported = export(fact("payment", "1", "R1", debtor=number), fact("payment", "2", "R2"))
    assert exported.batches == ()
    assert len(exported.unclear) == 2
    assert codes(exported) == ["datev-debtor-account"]


def test_a_mapped_debtor_is_booked_on_the_account_a_person_named() -> None:
    settings = DatevSettings(chart=SETTINGS.chart, debtor_accounts={"K-17": 10017, "10001": 20000})
    booked = lines(
        fact("payment", "1", "R1", debtor="K-17"), fact("payment", "2", "R2", entry="E2"), settings=settings
    )
    assert booked == ["1,00 S 1200 10017 R1", "2,00 S 1200 20000 R2"]


def test_two_debtors_that_read_as_one_account_both_wait() -> None:
    exported = export(
        fact("payment", "1", "R1", debtor="D10001"), fact("payment", "2", "R2", debtor="K10001", entry="E2")
    )
    assert codes(exported) == ["datev-debtor-ambiguous"]
    assert len(exported.unclear) == 2


def test_a_mapping_outside_the_debtor_range_is_refused() -> None:
    settings = DatevSettings(chart=SETTINGS.chart, debtor_accounts={"K-17": 1400})
    assert "datev-debtor-account" in codes(export(fact("payment", "1", "R1", debtor="K-17"), settings=settings))


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("RE 2026.0042", "RE20260042"),
        ("RÜ-1", "RUE-1"),
        ("RE_1%&*+-/$", "RE_1%&*+-/$"),
        ("Łódź 7", "Lodz7"),
        ("R" * 40, "R" * 36),
        ("RE№5", "RENo5"),
    ],
)
def test_a_document_number_is_written_with_the_characters_datev_knows(number: str, written: str) -> None:
    exported = export(fact("payment", "1", number))
    assert read_batch(exported.batches[0].content).rows[0].value(11) == written
    assert ("datev-document-rewritten" in codes(exported)) == (number != written)


def test_two_numbers_that_become_the_same_would_clear_each_other_and_wait() -> None:
    exported = export(
        fact("payment", "1", "RE 1"), fact("payment", "2", "re1", entry="E2"), fact("payment", "3", "RE2", entry="E3")
    )
    assert "datev-document-ambiguous" in codes(exported)
    assert {f.entry_id for f in exported.unclear} == {"E1", "E2"}
    assert exported.batches[0].line_count == 1


def test_the_same_number_at_two_debtors_is_no_conflict() -> None:
    booked = lines(fact("payment", "1", "1"), fact("payment", "2", "1", debtor="10002", entry="E2"))
    assert booked == ["1,00 S 1200 10001 1", "2,00 S 1200 10002 1"]


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (fact("payment", "1", "R1", currency="USD"), "datev-currency"),
        (fact("payment", "1", "R1", iban="DE00"), "datev-bank-account"),
        (fact("payment", "1", ""), "datev-number-missing"),
        (fact("payment", "1", "R1", debtor=""), "datev-number-missing"),
        (fact("small_difference", "1", ""), "datev-number-missing"),
        (fact("payment", "1", "東京"), "datev-document-unreadable"),
        (fact("skonto", "1", "R1"), "datev-skonto-alone"),
        (fact("payment", "10000000000", "R1"), "datev-amount"),
    ],
)
def test_what_would_have_to_be_guessed_waits_and_says_why(what: PostingFact, code: str) -> None:
    exported = export(what)
    assert code in codes(exported)
    assert exported.unclear == (what,)
    assert exported.batches == ()


def test_one_file_per_month_and_business_year() -> None:
    settings = DatevSettings(chart=SETTINGS.chart, fiscal_year_start_month=7)
    exported = export(
        fact("payment", "1", "R1", day=date(2026, 6, 30)),
        fact("payment", "2", "R2", day=date(2026, 7, 1), entry="E2"),
        fact("payment", "3", "R3", day=date(2024, 2, 29), entry="E3"),
        settings=settings,
    )
    assert [b.file_name for b in exported.batches] == [
        "EXTF_Buchungsstapel_muster_202402_0001.csv",
        "EXTF_Buchungsstapel_muster_202606_0002.csv",
        "EXTF_Buchungsstapel_muster_202607_0003.csv",
    ]
    headers = [read_batch(b.content).header for b in exported.batches]
    assert [(h["WJ-Beginn"], h["Datum von"], h["Datum bis"]) for h in headers] == [
        ("20230701", "20240201", "20240229"),
        ("20250701", "20260601", "20260630"),
        ("20260701", "20260701", "20260731"),
    ]


def test_the_file_is_written_byte_for_byte_as_datev_does() -> None:
    batch = export(
        fact("payment", "116,62", "AR-456/13", payer='Łukasz "Bäcker"; Söhne', remittance="AR-456/13\r\nabzgl. 2 %"),
        fact("skonto", "2,38", "AR-456/13"),
    ).batches[0]
    header, titles, line, end = batch.content.decode("cp1252").split("\r\n")
    assert header == (
        '"EXTF";700;21;"Buchungsstapel";13;20260601023015123;;"RE";"Kontorist";"";29098;55003;20260101;4;20260501;'
        '20260531;"Zahlungen 05.2026";"MM";1;0;0;"EUR";;"";;;"03";;;"";"Kontorist"'
    )
    assert titles.startswith("Umsatz (ohne Soll/Haben-Kz);Soll/Haben-Kennzeichen;WKZ Umsatz;Kurs;Basis-Umsatz;")
    assert line.startswith(
        '116,62;"S";"";;;"";1200;10001;"";0405;"AR-456/13";"";2,38;"Lukasz ""Bäcker""; Söhne AR-456/13";;"";;;;"";'
        '"Auftraggeber";"Lukasz ""Bäcker""; Söhne";"IBAN";"DE89370400440532013000";"Verwendungszweck";'
        '"AR-456/13 abzgl. 2 %";"";"";'
    )
    assert end == ""


def test_the_sums_of_a_file_are_told_beside_it() -> None:
    batch = export(fact("payment", "100", "R1"), fact("payment", "-20", "G7")).batches[0]
    assert (str(batch.sum_debit), str(batch.sum_credit)) == ("100,00 EUR", "20,00 EUR")
    assert len(batch.facts) == 2


def test_missing_adviser_numbers_are_filled_in_and_told() -> None:
    exported = export(fact("payment", "1", "R1"), settings=DatevSettings(chart=SETTINGS.chart))
    assert codes(exported) == ["datev-default-number", "datev-default-number"]
    header = read_batch(exported.batches[0].content).header
    assert (header["Beraternummer"], header["Mandantennummer"]) == ("1001", "1")


@pytest.mark.parametrize(
    "settings",
    [
        DatevSettings(chart=SETTINGS.chart, consultant_number=1000),
        DatevSettings(chart=SETTINGS.chart, client_number=0),
        DatevSettings(chart=SETTINGS.chart, initials="M"),
        DatevSettings(chart=SETTINGS.chart, label="Mai!"),
    ],
)
def test_a_setting_datev_would_refuse_stops_the_export(settings: DatevSettings) -> None:
    what = fact("payment", "1", "R1")
    exported = export(what, settings=settings)
    assert (exported.batches, exported.unclear, codes(exported)) == ((), (what,), ["datev-header"])


def test_nothing_booked_is_no_file() -> None:
    assert export() == DatevExport(batches=(), unclear=(), findings=())


def test_texts_are_cut_and_never_lose_the_document_number() -> None:
    exported = export(fact("payment", "1", "R" * 36, payer="N" * 100, remittance="v" * 300))
    row = read_batch(exported.batches[0].content).rows[0]
    assert row.value(14) == "N" * 23 + " " + "R" * 36
    assert [len(row.value(n)) for n in (22, 24, 26)] == [100, 22, 210]


def test_a_month_beyond_the_limit_of_lines_is_split_between_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("export.datev.batch.LINES_PER_FILE", 3)
    facts = [fact("payment", "1", f"R{n}", entry=f"E{n // 2}") for n in range(6)]
    assert [b.line_count for b in export(*facts).batches] == [2, 2, 2]
