"""Every field of an entry, from wherever a camt version or a bank may write it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Unreadable
from ledger.money import Money
from ledger.statement import EntryStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.bank.reading import Reading
    from ledger.statement import StatementEntry

    Read = Callable[..., Reading]

GERMAN = "DE02120300000000202051"
SWISS = "CH9300762011623852957"


def document(inside: str, *, account: str = GERMAN, root: str = "BkToCstmrStmt/Stmt", group: str = "") -> str:
    message, statement = root.split("/")
    return (
        f"<Document><{message}><GrpHdr>{group}</GrpHdr><{statement}><Id>S</Id><Acct><Id><IBAN>{account}</IBAN></Id>"
        f"<Ownr><Nm>Muster GmbH</Nm></Ownr></Acct>{inside}</{statement}></{message}></Document>"
    )


def booking(
    details: str = "", *, amount: str = "5.00", direction: str = "CRDT", before: str = "", after: str = ""
) -> str:
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>2026-05-04</Dt></BookgDt>{before}<NtryDtls>{details}</NtryDtls>{after}</Ntry>"
    )


def entries(read_bytes: Read, inside: str, **more: str) -> tuple[StatementEntry, ...]:
    return read_bytes(document(inside, **more)).statements[0].entries


def entry(read_bytes: Read, payment: str, **more: str) -> StatementEntry:
    (found,) = entries(read_bytes, booking(f"<TxDtls>{payment}</TxDtls>"), **more)
    return found


OTHR = "<Id><PrvtId><Othr><Id>{}</Id></Othr></PrvtId></Id>"

FIELDS = [
    ("<RltdPties><Dbtr><Nm>A</Nm></Dbtr></RltdPties>", "payer_name", "A"),
    ("<RltdPties><Dbtr><Pty><Nm> A\n  B </Nm></Pty></Dbtr></RltdPties>", "payer_name", "A B"),
    ("<RltdPties><Dbtr><Agt><FinInstnId><Nm>Bank</Nm></FinInstnId></Agt></Dbtr></RltdPties>", "payer_name", "Bank"),
    ("<RltdPties><DbtrAcct><Id/><Nm>Konto A</Nm></DbtrAcct></RltdPties>", "payer_name", "Konto A"),
    ("<RltdPties><UltmtDbtr><Pty><Nm>B</Nm></Pty></UltmtDbtr></RltdPties>", "ultimate_name", "B"),
    ("<RltdPties><UltmtCdtr><Nm>Our branch</Nm></UltmtCdtr></RltdPties>", "ultimate_own_name", "Our branch"),
    (
        "<RltdPties><DbtrAcct><Id><IBAN>DE02 5001 0517</IBAN></Id></DbtrAcct></RltdPties>",
        "payer_iban",
        "DE0250010517",
    ),
    ("<RltdPties><DbtrAcct><Id><Othr><Id>4711</Id></Othr></Id></DbtrAcct></RltdPties>", "payer_iban", "4711"),
    (
        "<RltdPties><DbtrAcct><Id><PrtryAcct><Id>4711</Id></PrtryAcct></Id></DbtrAcct></RltdPties>",
        "payer_iban",
        "4711",
    ),
    ("<RltdPties><DbtrAcct><Prxy><Id>+49170</Id></Prxy></DbtrAcct></RltdPties>", "payer_iban", "+49170"),
    ("<RltdAgts><DbtrAgt><FinInstnId><BIC>AAAADEFF</BIC></FinInstnId></DbtrAgt></RltdAgts>", "payer_bic", "AAAADEFF"),
    (
        "<RltdAgts><DbtrAgt><FinInstnId><BICFI>AAAADEFF</BICFI></FinInstnId></DbtrAgt></RltdAgts>",
        "payer_bic",
        "AAAADEFF",
    ),
    ("<Refs><UETR>u-1</UETR><TxId>T</TxId><InstrId>I</InstrId></Refs>", "transaction_id", "u-1"),
    ("<Refs><InstrId>I</InstrId><TxId>T</TxId></Refs>", "transaction_id", "T"),
    ("<Refs><InstrId>I</InstrId><TxId>NOTPROVIDED</TxId></Refs>", "transaction_id", "I"),
    ("<Refs><PmtInfId>P</PmtInfId></Refs>", "batch_reference", "P"),
    ("<Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>", "end_to_end_id", ""),
    ("<Refs><MndtId>M-1</MndtId></Refs>", "mandate_id", "M-1"),
    (
        f"<RltdPties><Cdtr><Pty>{OTHR.format('DE98ZZZ09999999999')}</Pty></Cdtr></RltdPties>",
        "creditor_id",
        "DE98ZZZ09999999999",
    ),
    (f"<RltdPties><Cdtr>{OTHR.format(GERMAN)}</Cdtr></RltdPties>", "creditor_id", ""),  # an account number is none
    ("<Purp><Cd>SUPP</Cd></Purp>", "purpose_code", "SUPP"),
    ("<AmtDtls><TxAmt><CcyXchg><XchgRate>1.0821</XchgRate></CcyXchg></TxAmt></AmtDtls>", "exchange_rate", "1.0821"),
    (
        "<AmtDtls><CntrValAmt><CcyXchg><XchgRate>9.5</XchgRate></CcyXchg></CntrValAmt></AmtDtls>",
        "exchange_rate",
        "9.5",
    ),
    ('<Amt Ccy="USD">7.00</Amt>', "original_amount", Money(700, "USD")),
    ('<Chrgs><Amt Ccy="EUR">0.50</Amt></Chrgs>', "charges", Money(50, "EUR")),
    ('<Chrgs><Rcrd><Amt Ccy="EUR">0.50</Amt><ChrgInclInd>false</ChrgInclInd></Rcrd></Chrgs>', "charges", None),
    ("<RmtInf><Ustrd>Rechnung 4711</Ustrd></RmtInf><AddtlTxInf>x</AddtlTxInf>", "remittance", "Rechnung 4711"),
    ("<AddtlTxInf>only the bank speaks</AddtlTxInf>", "remittance", "only the bank speaks"),
    (
        "<RmtInf><Ustrd>danke</Ustrd><Strd><RfrdDocInf><Nb>RE-1</Nb></RfrdDocInf></Strd></RmtInf>",
        "remittance",
        "danke",
    ),
    (
        "<RmtInf><Ustrd>danke</Ustrd><Strd><RfrdDocInf><Nb>RE-1</Nb></RfrdDocInf></Strd></RmtInf>",
        "references",
        ("RE-1",),
    ),
    ("<RmtInf><Strd><CdtrRefInf><Ref>00 12</Ref></CdtrRefInf></Strd></RmtInf>", "references", ("0012",)),
    (
        "<RmtInf><Strd><AddtlRmtInf>?REJECT?0</AddtlRmtInf><AddtlRmtInf>Text</AddtlRmtInf></Strd></RmtInf>",
        "remittance",
        "Text",
    ),
]


@pytest.mark.parametrize(("payment", "field", "value"), FIELDS)
def test_where_a_fact_may_stand(payment: str, field: str, value: object, read_bytes: Read) -> None:
    assert getattr(entry(read_bytes, payment), field) == value


def test_what_only_the_booking_says_counts_for_the_payment_alone_in_it(read_bytes: Read) -> None:
    (found,) = entries(
        read_bytes,
        booking(
            "<TxDtls/>",
            before="<AcctSvcrRef>B-1</AcctSvcrRef><AddtlInfInd><MsgId>C54-9</MsgId></AddtlInfInd>"
            '<AmtDtls><InstdAmt><Amt Ccy="USD">6.00</Amt><CcyXchg><XchgRate>1.2</XchgRate></CcyXchg></InstdAmt>'
            "</AmtDtls>"
            '<Chrgs><Rcrd><Amt Ccy="EUR">0.30</Amt></Rcrd></Chrgs>',
            after="<AddtlNtryInf>GUTSCHRIFT</AddtlNtryInf>",
        ),
    )
    assert (found.bank_reference, found.batch_reference, found.exchange_rate) == ("B-1", "C54-9", "1.2")
    assert (found.original_amount, found.charges) == (Money(600, "USD"), Money(30, "EUR"))
    assert found.remittance == found.posting_text == "GUTSCHRIFT"


def test_payments_under_several_details_keep_their_own_batch(read_bytes: Read) -> None:
    one, two = '<TxDtls><Amt Ccy="EUR">1.00</Amt></TxDtls>', '<TxDtls><Amt Ccy="EUR">2.00</Amt></TxDtls>'
    details = (
        f"<Btch><PmtInfId>P1</PmtInfId></Btch>{one}{two}</NtryDtls><NtryDtls><Btch><NbOfTxs>0</NbOfTxs></Btch></NtryDtls>"
        f"<NtryDtls><Btch><MsgId>M2</MsgId></Btch>{two}"
    )
    found = entries(read_bytes, booking(details))
    assert [(e.position, e.amount.minor, e.batch_reference) for e in found] == [
        (0, 100, "P1"),
        (1, 200, "P1"),
        (2, 200, "M2"),
    ]


def test_a_batch_without_its_payments_is_one_entry_with_its_reference(read_bytes: Read) -> None:
    (found,) = entries(read_bytes, booking("<Btch><PmtInfId>P1</PmtInfId><NbOfTxs>12</NbOfTxs></Btch>"))
    assert (found.batch_reference, found.payer_name, found.amount) == ("P1", "", Money(500, "EUR"))


def test_one_payment_out_of_several_does_not_pay_for_the_others(read_bytes: Read) -> None:
    details = (
        '<Btch><NbOfTxs>3</NbOfTxs></Btch><TxDtls><Amt Ccy="EUR">1.00</Amt>'
        "<RltdPties><Dbtr><Nm>A</Nm></Dbtr></RltdPties><RmtInf><Ustrd>RE-1</Ustrd></RmtInf></TxDtls>"
    )
    reading = read_bytes(document(booking(details)))
    (found,) = reading.statements[0].entries
    assert (found.payer_name, found.remittance, found.amount) == ("", "RE-1", Money(500, "EUR"))
    assert "payments_do_not_add_up" in [finding.code for finding in reading.findings]


def test_payments_count_as_settled_where_only_that_adds_up(read_bytes: Read) -> None:
    one = '<TxDtls><Amt Ccy="EUR">3.00</Amt><AmtDtls><TxAmt><Amt Ccy="EUR">2.50</Amt></TxAmt></AmtDtls></TxDtls>'
    assert [e.amount.minor for e in entries(read_bytes, booking(one * 2))] == [250, 250]


def test_a_returned_debit_tells_principal_charges_and_reason_apart(read_bytes: Read) -> None:
    payment = (
        '<TxDtls><AmtDtls><InstdAmt><Amt Ccy="EUR">95.00</Amt></InstdAmt></AmtDtls>'
        '<Chrgs><Rcrd><Amt Ccy="EUR">2.00</Amt></Rcrd><Rcrd><Amt Ccy="EUR">3.00</Amt></Rcrd></Chrgs>'
        "<RltdPties><Dbtr><Pty><Nm>Karla</Nm></Pty></Dbtr></RltdPties>"
        "<RtrInf><Orgtr><Nm>bank</Nm></Orgtr></RtrInf><AddtlTxInf>RUECKGABE MS03 OHNE ANGABE</AddtlTxInf></TxDtls>"
    )
    (found,) = entries(read_bytes, booking(payment, amount="100.00", direction="DBIT"))
    assert (found.payer_name, found.original_amount, found.charges) == (
        "Karla",
        Money(9500, "EUR"),
        Money(500, "EUR"),
    )
    assert found.return_reason == "MS03"


@pytest.mark.parametrize(
    ("lines", "remittance", "glued"),
    [
        (["Rechnung RE-2026-0", "042"], "Rechnung RE-2026-0 042", "Rechnung RE-2026-0042"),  # cut through a number
        (["RE-1 ", "RE-2"], "RE-1 RE-2", "RE-1 RE-2"),  # the bank wrote the blank between two words
        (["a\n      b"], "a b", "ab"),
        (["two   blanks"], "two blanks", "two blanks"),
        (["NOTPROVIDED", "RE-1"], "RE-1", "RE-1"),
    ],
)
def test_lines_are_joined_for_reading_and_for_numbers(
    lines: list[str], remittance: str, glued: str, read_bytes: Read
) -> None:
    text = "".join(f"<Ustrd>{line}</Ustrd>" for line in lines)
    found = entry(read_bytes, f"<RmtInf>{text}</RmtInf>")
    assert (found.remittance, found.remittance_glued) == (remittance, glued)


@pytest.mark.parametrize(
    ("account", "text", "references"),
    [
        (SWISS, "QR 21 00000 00003 13947 14300 09017 danke", ("210000000003139471430009017",)),
        (SWISS, "QR 21 00000 00003 13947 14300 09018 danke", ()),  # wrong check digit
        (GERMAN, "QR 21 00000 00003 13947 14300 09017 danke", ()),
        (GERMAN, "rf18 5390 0754 7034 danke", ("RF18539007547034",)),
    ],
)
def test_references_typed_into_the_text(
    account: str, text: str, references: tuple[str, ...], read_bytes: Read
) -> None:
    found = entry(read_bytes, f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf>", account=account)
    assert found.references == references


@pytest.mark.parametrize(
    ("header", "page", "is_last"),
    [
        ("", 0, True),
        ("<StmtPgntn><PgNb>2</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>", 2, False),
        ("<RptPgntn><PgNb>3</PgNb><LastPgInd>true</LastPgInd></RptPgntn>", 3, True),
    ],
)
def test_pages_and_the_period_of_a_statement(header: str, page: int, is_last: bool, read_bytes: Read) -> None:
    period = "<FrToDt><FrDtTm>2026-05-01T00:00:00</FrDtTm><ToDtTm>2026-05-04T23:59:59+02:00</ToDtTm></FrToDt>"
    (statement,) = read_bytes(document(header + period + booking())).statements
    assert (statement.page, statement.is_last_page) == (page, is_last)
    assert (statement.period_from, statement.period_to) == (date(2026, 5, 1), date(2026, 5, 4))


def test_the_message_may_number_the_pages(read_bytes: Read) -> None:
    group = "<MsgPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></MsgPgntn>"
    (statement,) = read_bytes(document(booking(), group=group)).statements
    assert (statement.page, statement.is_last_page) == (1, False)


def summary(number: str = "2", net: str = "4.00") -> str:
    return (
        f"<TxsSummry><TtlNtries><NbOfNtries>{number}</NbOfNtries><Sum>6.00</Sum><TtlNetNtry><Amt>{net}</Amt>"
        "<CdtDbtInd>CRDT</CdtDbtInd></TtlNetNtry></TtlNtries><TtlCdtNtries><Sum>5.00</Sum></TtlCdtNtries></TxsSummry>"
    )


BALANCES = "".join(
    f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
    "<CdtDbtInd>CRDT</CdtDbtInd></Bal>"
    for code, amount in (("PRCD", "0.00"), ("CLBD", "4.00"))
)
TWO = booking() + booking(amount="1.00", direction="DBIT")
SECOND_PAGE = "<StmtPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></StmtPgntn>"


@pytest.mark.parametrize(
    ("header", "codes"),
    [
        (BALANCES, []),
        (BALANCES + summary(), []),
        (BALANCES + summary(number="3"), ["summary_differs"]),
        (summary(), []),  # it proves what the balances cannot
        ("", ["statement_unchecked"]),
        (SECOND_PAGE + summary(number="3"), ["statement_unchecked"]),  # it counts the other pages too
    ],
)
def test_the_summary_of_the_bank_is_a_second_proof(header: str, codes: list[str], read_bytes: Read) -> None:
    assert [finding.code for finding in read_bytes(document(header + TWO)).findings] == codes


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (summary(number="3"), "number of bookings: the bank says 3, the file holds 2"),
        (summary(net="9.99"), "net sum of all bookings: the bank says 9.99, the file holds 4,00"),
        (summary(net="soon"), "net sum of all bookings: the bank says soon, the file holds 4,00"),
    ],
)
def test_without_balances_a_summary_that_differs_refuses_the_statement(
    wrong: str, message: str, read_bytes: Read
) -> None:
    with pytest.raises(Unreadable, match=message):
        read_bytes(document(wrong + TWO))


def test_a_notification_is_read_although_its_summary_differs(read_bytes: Read) -> None:
    reading = read_bytes(document(summary(number="3") + TWO, root="BkToCstmrDbtCdtNtfctn/Ntfctn"))
    assert [finding.code for finding in reading.findings] == ["summary_differs"]
    assert [e.status for e in reading.statements[0].entries] == [EntryStatus.BOOKED] * 2


UNDATED = booking().replace("<BookgDt><Dt>2026-05-04</Dt></BookgDt>", "")
MADE = "<CreDtTm>2026-05-06T10:00:00</CreDtTm>"


def test_a_booking_without_any_date_happened_on_the_day_of_its_statement(read_bytes: Read) -> None:
    reading = read_bytes(document(MADE + BALANCES.replace("4.00", "5.00") + UNDATED))
    assert reading.statements[0].entries[0].booking_date == date(2026, 5, 6)
    assert [finding.code for finding in reading.findings] == ["booking_date_missing"]
    reading = read_bytes(document(UNDATED, root="BkToCstmrDbtCdtNtfctn/Ntfctn", group=MADE))
    assert reading.statements[0].entries[0].booking_date == date(2026, 5, 6)
    assert reading.findings == ()


def test_a_booking_without_a_currency_is_in_that_of_its_account_where_it_names_one(read_bytes: Read) -> None:
    bare = booking().replace(' Ccy="EUR"', "")
    with pytest.raises(Unreadable, match="'' is not a currency we know"):
        read_bytes(document(bare))
    (found,) = entries(read_bytes, BALANCES.replace("4.00", "5.00") + bare)
    assert found.amount == Money(500, "EUR")
