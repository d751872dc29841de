"""What the CSV exports of banks and PayPal say, one sample for each, as an accountant would read it out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import pytest

from connectors.accounting.headers import DEBTOR_COLUMNS, OPEN_ITEM_COLUMNS
from connectors.bank.online_banking.csv_known_banks import known_mappings
from connectors.bank.online_banking.csv_mapping import Mapping, mapping_from
from connectors.bank.online_banking.csv_statement import looks_like, pieces
from connectors.bank.online_banking.csv_table import normalised
from ledger.money import Money
from ledger.statement import EntryKind, EntryStatus, Statement, StatementEntry

SAMPLES: Final = Path(__file__).parents[2] / "samples" / "csv"
OWN: Final = "DE02120300000000202051"
SHOP: Final = "PAYPAL:shop@muster.example"


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def stating_accounts() -> list[Mapping]:
    """The mappings a user saves for exports that do not say whose they are."""
    known = known_mappings()
    return [
        mapping_from({"like": one.name, "account": SHOP if one.account_prefix else OWN}, "test", known)
        for one in known
        if not {"account", "account_above"} & {*one.columns, *(["account_above"] if one.account_above else [])}
        or one.name == "HypoVereinsbank"
    ]


def read(file: str) -> list[Statement]:
    found = list(pieces(SAMPLES / file, file, stating_accounts()))
    assert all(piece.is_last for piece in found)
    return [piece.statement for piece in found]


def codes(file: str) -> set[str]:
    return {f.code for piece in pieces(SAMPLES / file, file, stating_accounts()) for f in piece.findings}


@pytest.mark.parametrize(
    ("file", "bank", "opening", "movement", "closing"),
    [
        # what the balances prove:           before, moved, after; nothing where the bank gives none
        ("sparkasse.csv", "Sparkasse", None, 104360, None),
        ("sparkasse_mt940.csv", "Sparkasse MT940", None, -82001, None),
        ("volksbank.csv", "Volksbank", 100000, 1900, 101900),
        ("volksbank_umsatzanzeige.csv", "Volksbank Umsatzanzeige", -10000, 110000, 100000),
        ("deutsche_bank.csv", "Deutsche Bank", 212380, 98710, 311090),
        ("commerzbank.csv", "Commerzbank", None, 111510, None),
        ("comdirect.csv", "comdirect", 10000, 110650, 120650),
        ("ing.csv", "ING", 0, 110650, 110650),
        ("dkb.csv", "DKB", None, 93770, None),
        ("dkb_alt.csv", "DKB alt", None, 111900, None),
        ("hypovereinsbank.csv", "HypoVereinsbank", None, 111900, None),
        ("n26.csv", "N26", None, 101450, None),
        ("finom.csv", "Finom", 0, 105900, 105900),
        ("wise.csv", "Wise", 0, 61868, 61868),
        ("revolut.csv", "Revolut Business", 0, 101850, 101850),
    ],
)
def test_every_bank_is_recognised_and_its_balances_prove_the_sum(
    file: str, bank: str, opening: int | None, movement: int, closing: int | None
) -> None:
    assert looks_like((SAMPLES / file).read_bytes())
    (statement,) = read(file)
    assert (statement.account, statement.currency, statement.format) == (OWN, "EUR", f"CSV {bank}")
    assert statement.is_binding
    assert statement.movement() == eur(movement)
    assert statement.opening == (None if opening is None else eur(opening))
    assert statement.closing == (None if closing is None else eur(closing))
    assert ("statement_unchecked" in codes(file)) == (opening is None)


@pytest.mark.parametrize("file", sorted(path.name for path in SAMPLES.glob("*.csv") if "dkb_alt" not in path.name))
def test_the_customer_who_paid_invoice_42_is_found_in_every_export(file: str) -> None:
    entries = [entry for statement in read(file) for entry in statement.entries]
    wanted = "RE-2026-0007" if file == "sparkasse_mt940.csv" else "RE-2026-004"
    (paid, *_) = [e for e in entries if wanted in "".join((e.remittance_glued, *e.references)) and e.amount.minor > 0]
    assert paid.account == (SHOP if "paypal" in file else OWN)
    assert paid.place.startswith(f"{file}:")
    assert [e.place for e in entries] == list(dict.fromkeys(e.place for e in entries))


def one(file: str, line: int) -> StatementEntry:
    (entry,) = (e for statement in read(file) for e in statement.entries if e.place == f"{file}:{line}")
    return entry


def test_a_sparkasse_return_tells_principal_fee_and_reason() -> None:
    entry = one("sparkasse.csv", 4)
    assert (entry.amount, entry.kind) == (eur(-6250), EntryKind.RETURNED_DEBIT)
    assert (entry.original_amount, entry.charges, entry.return_reason) == (eur(5950), eur(300), "MS03")
    assert (entry.mandate_id, entry.end_to_end_id, entry.creditor_id) == ("MANDAT-17", "E2E-39", "DE98ZZZ09999999999")


def test_a_sparkasse_booking_still_announced_is_pending_and_not_in_the_sum() -> None:
    entry = one("sparkasse.csv", 2)
    assert (entry.status, entry.value_date) == (EntryStatus.PENDING, date(2026, 5, 8))
    assert one("sparkasse.csv", 5).kind is EntryKind.INSTANT
    assert one("sparkasse.csv", 5).payer_name == "Müller & Söhne GmbH"
    assert one("sparkasse.csv", 5).end_to_end_id == ""  # NOTPROVIDED


def test_sepa_keywords_inside_the_purpose_are_taken_out() -> None:
    entry = one("sparkasse_mt940.csv", 3)
    assert (entry.remittance, entry.end_to_end_id, entry.mandate_id) == ("Rechnung RE-2026-0007", "E2E-7", "M-7")
    assert entry.kind is EntryKind.DIRECT_DEBIT  # we collected it
    assert one("sparkasse_mt940.csv", 2).payer_iban == "70150000/44444444"
    volksbank = one("volksbank.csv", 3)
    assert (volksbank.remittance, volksbank.end_to_end_id) == ("Rechnung RE-2026-0042", "E2E-42")
    assert volksbank.ultimate_name == "Petra Müller"
    assert one("commerzbank.csv", 3).remittance == "Strom AG Abschlag SEPA-BASISLASTSCHRIFT wiederholend"


def test_a_payers_own_word_ref_stays_in_the_comdirect_purpose() -> None:
    entry = one("comdirect.csv", 8)
    assert (entry.remittance, entry.bank_reference) == ("Ihre Ref. RE-2026-0042 danke", "ABC456/2")
    assert entry.payer_name == "Müller & Söhne GmbH"
    assert one("comdirect.csv", 7).payer_iban == "DE14701500000044444444"
    assert "pending_without_day" in codes("comdirect.csv")


def test_an_invoice_number_cut_at_27_characters_is_whole_in_the_second_reading() -> None:
    entry = one("volksbank_umsatzanzeige.csv", 8)
    assert "RE-2026-00 42" in entry.remittance
    assert "RE-2026-0042" in entry.remittance_glued


def test_dkb_leaves_zeros_out_and_names_us_or_them_by_direction() -> None:
    assert one("dkb.csv", 8).amount == eur(100000)  # written 1.000
    assert one("dkb.csv", 7).amount == eur(-6230)  # written -62,3
    assert (one("dkb.csv", 8).payer_name, one("dkb.csv", 7).payer_name) == ("Müller & Söhne GmbH", "Strom AG")
    assert one("dkb.csv", 6).status is EntryStatus.PENDING


def test_a_period_that_ends_in_the_future_is_not_believed() -> None:
    (statement,) = read("ing.csv")  # "Zeitraum;01.05.2026 - 31.12.2026"
    assert (statement.period_from, statement.period_to) == (date(2026, 5, 1), date(2026, 5, 5))
    assert statement.closing_date == date(2026, 5, 5)


def test_a_fee_taken_on_top_is_in_the_amount_and_told_as_charges() -> None:
    entry = one("revolut.csv", 2)
    assert (entry.amount, entry.charges, entry.original_amount) == (eur(-10050), eur(50), eur(10000))
    foreign = one("n26.csv", 3)
    assert (foreign.amount, foreign.original_amount) == (eur(-10450), Money(10000, "CHF"))


def test_paypal_books_the_net_amount_and_tells_gross_fee_and_invoice() -> None:
    entry = one("paypal.csv", 2)
    assert (entry.amount, entry.charges, entry.original_amount) == (eur(109079), eur(2821), eur(111900))
    assert (entry.references, entry.bank_reference) == (("RE-2026-0042",), "T1")
    assert (entry.payer_name, entry.payer_iban) == ("Petra Müller", "PAYPAL:petra@kunde.example")
    assert entry.remittance == "Werkbank danke"


def test_paypal_has_a_statement_for_each_currency_and_each_is_proven() -> None:
    euro, dollar = read("paypal.csv")
    assert (euro.currency, euro.opening, euro.closing) == ("EUR", eur(0), eur(15627))
    assert (dollar.currency, dollar.opening, dollar.closing) == ("USD", Money(0, "USD"), Money(0, "USD"))
    assert [e.kind for e in dollar.entries] == [EntryKind.TRANSFER, EntryKind.OWN_TRANSFER]


def test_paypal_denied_is_pending_but_a_withdrawal_on_its_way_has_left_the_balance() -> None:
    assert one("paypal.csv", 6).status is EntryStatus.PENDING  # Abgelehnt
    withdrawal = one("paypal.csv", 8)  # Ausstehend, and the balance fell by it
    assert (withdrawal.status, withdrawal.kind) == (EntryStatus.BOOKED, EntryKind.OWN_TRANSFER)


def test_the_dates_of_an_american_paypal_statement_decide_their_order_together() -> None:
    euro, dollar = read("paypal_statement_en.csv")
    assert euro.entries[0].booking_date == date(2026, 5, 4)  # 5/4/2026, because 5/27/2026 is in the file
    assert dollar.entries[0].amount == Money(539250, "USD")
    # Two rows of one day and no more: their balances fit from above and from below.
    assert (euro.opening, codes("paypal_statement_en.csv")) == (None, {"statement_unchecked"})


def test_no_two_known_mappings_can_fit_one_file_equally_well() -> None:
    for mapping in known_mappings():
        header = {normalised(name.split("|")[0]) for name in mapping.recognised_by}
        rivals = [o for o in known_mappings() if o is not mapping and o.fits(header)]
        assert all(len(rival.recognised_by) < len(mapping.recognised_by) for rival in rivals), mapping.name


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_list_of_open_items_or_debtors_is_never_taken_for_a_statement(delimiter: str) -> None:
    every = [name for column in (*OPEN_ITEM_COLUMNS, *DEBTOR_COLUMNS) for name in (column.name, *column.also)]
    for columns in (OPEN_ITEM_COLUMNS, DEBTOR_COLUMNS):
        names = [(*column.also, column.name)[0] for column in columns]
        assert not looks_like(f"{delimiter.join(names)}\n".encode())
    assert not looks_like(delimiter.join(every).encode())


@pytest.mark.parametrize(
    "head", [b"", b"\xff\xfe", b"\0\0\0\0;\0;\0;", b"<?xml version='1.0'?>", b":20:STARTUMS", b";" * 60000]
)
def test_other_files_are_no_csv_statement(head: bytes) -> None:
    assert not looks_like(head)
