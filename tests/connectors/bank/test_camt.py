"""What the camt samples say, as an accountant would read it out."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.money import Money
from ledger.statement import EntryKind, EntryStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.bank.reading import Reading


def test_a_statement_of_version_02_with_prefixes_and_latin_1_is_read(sample: Callable[[str], Reading]) -> None:
    reading = sample("camt053_v02.xml")
    (statement,) = reading.statements
    assert reading.format == "camt.053.001.02"
    assert reading.findings == ()
    assert (statement.account, statement.currency, statement.number) == ("DE02120300000000202051", "EUR", "85")
    assert (statement.opening, statement.closing) == (Money(100000, "EUR"), Money(105250, "EUR"))
    assert (statement.opening_date, statement.closing_date) == (date(2026, 4, 30), date(2026, 5, 4))
    payment = statement.entries[0]
    assert payment.payer_name == "Bäckerei Müller & Söhne"
    assert (payment.payer_iban, payment.payer_bic) == ("DE37370400440001111111", "COBADEFFXXX")
    assert payment.ultimate_name == "Petra Müller"
    assert payment.remittance == "Rechnung RE-2026 0042 vom 01.04.2026"
    assert payment.remittance_glued == "Rechnung RE-20260042 vom 01.04.2026"
    assert payment.end_to_end_id == ""  # NOTPROVIDED
    assert payment.booking_date == date(2026, 5, 4)  # whatever the time zone
    assert payment.bank_reference == "2026050400001"
    assert payment.transaction_code == "NTRF+166+9310"
    assert payment.place == "camt053_v02.xml:21 Stmt[1]/Ntry[1]/TxDtls[1]"


def test_the_payer_of_a_returned_debit_is_the_debtor_although_money_leaves(sample: Callable[[str], Reading]) -> None:
    entry = sample("camt053_v02.xml").statements[0].entries[1]
    assert entry.kind is EntryKind.RETURNED_DEBIT
    assert entry.amount == Money(-6250, "EUR")
    assert entry.payer_name == "Karla Kolumna"
    assert (entry.original_amount, entry.charges) == (Money(5950, "EUR"), Money(300, "EUR"))
    assert (entry.end_to_end_id, entry.mandate_id, entry.creditor_id) == (
        "COLL-2026-17",
        "MANDAT-17",
        "DE98ZZZ09999999999",
    )
    assert entry.return_reason == "MS03"  # 914


def test_a_charge_without_details_says_what_the_bank_adds(sample: Callable[[str], Reading]) -> None:
    entry = sample("camt053_v02.xml").statements[0].entries[2]
    assert entry.kind is EntryKind.CHARGE
    assert entry.remittance == entry.posting_text == "Entgelt April"
    assert entry.value_date is None


def test_a_batch_whose_payments_add_up_becomes_its_payments(sample: Callable[[str], Reading]) -> None:
    first, second, *_ = sample("camt053_v08.xml").statements[0].entries
    assert (first.booking_ref, first.position) == ("1", 0)
    assert (second.booking_ref, second.position) == ("1", 1)
    assert (first.amount, second.amount) == (Money(11900, "EUR"), Money(23800, "EUR"))
    assert (first.payer_name, first.payer_iban) == ("Autohaus Nord GmbH", "4711")
    assert second.payer_name == "Sparbank Süd"  # a bank in the place of the party
    assert first.references == ("RF18539007547034", "RE-20260050")
    assert second.references == ("RF18539007547034",)  # typed by the payer, proven by its check digits
    assert (first.end_to_end_id, second.end_to_end_id) == ("E2E-A", "E2E-B")
    assert first.transaction_code == "PMNT/RCDT/ESCT"
    assert first.kind is EntryKind.TRANSFER


def test_a_wrapped_message_of_version_08_is_read_and_pending_entries_do_not_count(
    sample: Callable[[str], Reading],
) -> None:
    reading = sample("camt053_v08.xml")
    (statement,) = reading.statements
    assert reading.format == "camt.053.001.08"
    assert [e.status for e in statement.entries] == [EntryStatus.BOOKED] * 3 + [EntryStatus.PENDING]
    assert statement.movement() == Money(133720, "EUR")


def test_a_foreign_payment_keeps_the_booked_amount_and_tells_order_and_charges(
    sample: Callable[[str], Reading],
) -> None:
    reading = sample("camt053_v08.xml")
    entry = reading.statements[0].entries[2]
    assert entry.amount == Money(98020, "EUR")
    assert entry.original_amount == Money(110000, "USD")
    assert entry.charges == Money(1980, "EUR")  # the charge that is booked elsewhere is not in it
    assert entry.remittance == "INV 77 FOREIGN CREDIT"  # no RmtInf, so what the bank adds


def test_an_impossible_value_date_is_left_out_and_told(sample: Callable[[str], Reading]) -> None:
    reading = sample("camt053_v08.xml")
    assert reading.statements[0].entries[2].value_date is None
    (finding,) = reading.findings
    assert (finding.code, finding.place) == ("value_date_impossible", "camt053_v08.xml:43 Stmt[1]/Ntry[2]")
    assert "2026-02-30" in finding.what


def test_an_intraday_report_has_no_balances_and_books_only_what_it_calls_booked(
    sample: Callable[[str], Reading],
) -> None:
    (statement,) = sample("camt052.xml").statements
    assert statement.opening is None
    assert statement.closing is None
    assert [(e.amount.minor, e.status.value, e.booking_date.day) for e in statement.entries] == [
        (1000, "booked", 6),
        (2000, "pending", 6),  # no date of its own: the day of the report
        (3000, "pending", 7),  # no status of its own
    ]


def test_payments_that_do_not_add_up_leave_one_entry_and_a_finding(sample: Callable[[str], Reading]) -> None:
    reading = sample("camt054.xml")
    (statement,) = reading.statements
    (entry,) = statement.entries
    assert entry.amount == Money(30000, "CHF")
    assert entry.payer_name == ""
    assert entry.remittance == "Rechnung 4712"
    assert entry.references == ("210000000003139471430009017",)
    (finding,) = reading.findings
    assert finding.code == "payments_do_not_add_up"
    assert "booking of 300,00 CHF do not add up" in finding.what
    assert statement.opening is None


@pytest.mark.parametrize(
    ("balances", "opening", "closing"),
    [
        ("OPBD 10 PRCD 99 CLBD 15", 1000, 1500),  # OPBD goes before PRCD
        ("PRCD 10 CLBD 15", 1000, 1500),  # German banks
        ("PRCD 10 ITBD 15", 1000, 1500),  # first page
        ("ITBD 10 CLBD 15", 1000, 1500),  # last page
        ("ITBD 10 ITBD 15", 1000, 1500),  # a page in between
        ("CLBD 15", None, 1500),
        ("ITBD 15", None, 1500),  # one balance is never both ends
        ("OPBD 10", 1000, None),
        ("OPAV 1 CLAV 2", None, None),  # available balances prove nothing
    ],
)
def test_the_balances_a_bank_may_send(
    balances: str, opening: int | None, closing: int | None, read_bytes: Callable[..., Reading]
) -> None:
    words = balances.split()
    xml = "".join(
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-05-04</Dt></Dt></Bal>"
        for code, amount in zip(words[::2], words[1::2], strict=True)
    )
    reading = read_bytes(_document(xml + _entry("5.00", "CRDT")))
    (statement,) = reading.statements
    assert (statement.opening.minor if statement.opening else None) == opening
    assert (statement.closing.minor if statement.closing else None) == closing
    complete = opening is not None and closing is not None
    assert [f.code for f in reading.findings] == ([] if complete else ["statement_unchecked"])


def test_a_reversal_indicator_does_not_turn_the_sign(read_bytes: Callable[..., Reading]) -> None:
    reading = read_bytes(_document(_entry("5.00", "DBIT", "<RvslInd>true</RvslInd>")))
    (entry,) = reading.statements[0].entries
    assert entry.amount == Money(-500, "EUR")
    assert entry.kind is EntryKind.REVERSAL


@pytest.mark.parametrize(
    ("rsn", "reason"),
    [
        ("<Rsn><Cd>AC04</Cd></Rsn>", "AC04"),
        ("<Rsn><Prtry>R02</Prtry></Rsn><AddtlInf>account closed</AddtlInf>", "R02 account closed"),
        ("<AddtlInf>no funds</AddtlInf>", "no funds"),
    ],
)
def test_why_a_debit_came_back(rsn: str, reason: str, read_bytes: Callable[..., Reading]) -> None:
    details = f"<NtryDtls><TxDtls><RtrInf>{rsn}</RtrInf></TxDtls></NtryDtls>"
    (entry,) = read_bytes(_document(_entry("5.00", "DBIT", details))).statements[0].entries
    assert entry.return_reason == reason
    assert entry.kind is EntryKind.RETURNED_DEBIT


def test_a_transfer_of_ours_that_came_back_names_whom_we_had_paid(read_bytes: Callable[..., Reading]) -> None:
    details = (
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>RRTN</SubFmlyCd></Fmly></Domn></BkTxCd>"
        "<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Muster GmbH</Nm></Dbtr><Cdtr><Nm>Lieferant AG</Nm></Cdtr></RltdPties>"
        "<RtrInf><Rsn><Cd>AC01</Cd></Rsn></RtrInf></TxDtls></NtryDtls>"
    )
    (entry,) = read_bytes(_document(_entry("5.00", "CRDT", details))).statements[0].entries
    assert (entry.kind, entry.payer_name, entry.return_reason) == (
        EntryKind.RETURNED_TRANSFER,
        "Lieferant AG",
        "AC01",
    )


def test_the_party_that_has_our_own_account_is_never_the_payer(read_bytes: Callable[..., Reading]) -> None:
    # Some banks turn the roles round on returns, some do not.
    details = (
        "<NtryDtls><TxDtls><RltdPties>"
        "<Dbtr><Nm>We</Nm></Dbtr><DbtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></DbtrAcct>"
        "<Cdtr><Nm>The debtor</Nm></Cdtr></RltdPties><RtrInf><Rsn><Cd>MS03</Cd></Rsn></RtrInf></TxDtls></NtryDtls>"
    )
    (entry,) = read_bytes(_document(_entry("5.00", "DBIT", details))).statements[0].entries
    assert entry.payer_name == "The debtor"


def test_a_single_payment_never_overrides_the_booked_amount(read_bytes: Callable[..., Reading]) -> None:
    party = "<RltdPties><Dbtr><Nm>A</Nm></Dbtr></RltdPties>"
    details = f'<NtryDtls><TxDtls><Amt Ccy="USD">7.00</Amt>{party}</TxDtls></NtryDtls>'
    (entry,) = read_bytes(_document(_entry("5.00", "CRDT", details))).statements[0].entries
    assert (entry.amount, entry.payer_name) == (Money(500, "EUR"), "A")


def test_several_statements_in_one_file_and_no_namespace(read_bytes: Callable[..., Reading]) -> None:
    one = _document(_entry("5.00", "CRDT"))
    inner = one[one.index("<Stmt>") : one.index("</Stmt>") + len("</Stmt>")]
    reading = read_bytes(one.replace("</Stmt>", f"</Stmt>{inner}"))
    assert [len(s.entries) for s in reading.statements] == [1, 1]
    assert reading.format == "camt.053"


def test_utf_16_is_read_too(read_bytes: Callable[..., Reading]) -> None:
    xml = '<?xml version="1.0" encoding="UTF-16"?>' + _document(_entry("5.00", "CRDT"))
    assert len(read_bytes(xml.encode("utf-16")).statements[0].entries) == 1


def _document(inside: str) -> str:
    return (
        "<Document><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt><Id>S</Id><Acct><Id>"
        f"<IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy><Ownr><Nm>Muster GmbH</Nm></Ownr></Acct>"
        f"{inside}</Stmt></BkToCstmrStmt></Document>"
    )


def _entry(amount: str, indicator: str, more: str = "") -> str:
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{indicator}</CdtDbtInd><Sts>BOOK</Sts>'
        f"<BookgDt><Dt>2026-05-04</Dt></BookgDt>{more}</Ntry>"
    )
