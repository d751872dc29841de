"""What the bank rejected before it was booked: every single payment told, and listed where that is possible."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.bank.format import Reading
from connectors.bank.iso20022 import pain_002
from ledger.errors import Unreadable
from ledger.finding import Finding, Severity
from ledger.money import Money
from ledger.statement import EntryKind, EntryStatus, Statement, StatementEntry

if TYPE_CHECKING:
    from connectors.bank.format import Piece

OURS = "DE02120300000000202051"
OTHER = "DE02500105170137075030"
MAY_4 = "<ReqdColltnDt>2026-05-04</ReqdColltnDt>"


def read(content: str | bytes) -> Reading:
    """Read a report and put its pieces together again."""
    statements: list[Statement] = []
    entries: list[StatementEntry] = []
    findings: list[Finding] = []
    for piece in read_pieces(content):
        entries += piece.statement.entries
        findings += piece.findings
        assert piece.number == len(statements)
        if piece.is_last:
            statements.append(replace(piece.statement, entries=tuple(entries)))
            entries.clear()
    assert not entries
    return Reading(statements[0].format, tuple(statements), tuple(findings))


def read_pieces(content: str | bytes) -> list[Piece]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "status.xml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        assert pain_002.looks_like(path.read_bytes()[:4096])
        return list(pain_002.pieces(path, path.name))


def report(
    *batches: str, version: str = "001.03", name: str = "pain.008.001.02", status: str = "", more: str = ""
) -> str:
    """Write a status report on a file that we sent."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.{version}">'
        "<CstmrPmtStsRpt><GrpHdr><MsgId>PSR-1</MsgId><CreDtTm>2026-05-02T07:30:00+02:00</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>FILE-1</OrgnlMsgId><OrgnlMsgNmId>{name}</OrgnlMsgNmId>"
        f"{told(GrpSts=status)}{more}</OrgnlGrpInfAndSts>{''.join(batches)}</CstmrPmtStsRpt></Document>"
    )


def batch(*payments: str, name: str = "BATCH-1", status: str = "", more: str = "") -> str:
    return (
        f"<OrgnlPmtInfAndSts>{told(OrgnlPmtInfId=name)}{told(PmtInfSts=status)}{more}{''.join(payments)}"
        "</OrgnlPmtInfAndSts>"
    )


def payment(
    reason: str = "<Cd>AC04</Cd>",
    text: str = "",
    *,
    status: str = "RJCT",
    reference: str = "RE-20260042",
    amount: str = '<Amt><InstdAmt Ccy="EUR">119.00</InstdAmt></Amt>',
    day: str = MAY_4,
    account: str = OURS,
    more: str = "",
) -> str:
    """Write one direct debit of a report; what is empty is left out."""
    why = f"<StsRsnInf>{told(Rsn=reason, raw=True)}{told(AddtlInf=text)}</StsRsnInf>" if reason or text else ""
    ours = f"<CdtrAcct><Id><IBAN>{account}</IBAN></Id></CdtrAcct>" if account else ""
    return (
        f"<TxInfAndSts>{told(OrgnlEndToEndId=reference)}{told(TxSts=status)}{why}"
        f"<OrgnlTxRef>{amount}{day}{more}{ours}</OrgnlTxRef></TxInfAndSts>"
    )


def told(*, raw: bool = False, **elements: str) -> str:
    return "".join(f"<{name}>{text if raw else escape(text)}</{name}>" for name, text in elements.items() if text)


def codes(reading: Reading) -> list[str]:
    return [finding.code for finding in reading.findings]


# As German banks write it.
GERMAN = report(
    batch(
        """<TxInfAndSts>
             <StsId>S-1</StsId><OrgnlInstrId>I-1</OrgnlInstrId><OrgnlEndToEndId>RE-20260042</OrgnlEndToEndId>
             <TxSts>RJCT</TxSts>
             <StsRsnInf><Orgtr><Id><OrgId><BICOrBEI>BYLADEM1001</BICOrBEI></OrgId></Id></Orgtr>
               <Rsn><Cd>MD01</Cd></Rsn><AddtlInf>Mandat</AddtlInf><AddtlInf>widerrufen</AddtlInf></StsRsnInf>
             <ChrgsInf><Amt Ccy="EUR">3.50</Amt></ChrgsInf>
             <AcctSvcrRef>BANK-7</AcctSvcrRef>
             <OrgnlTxRef>
               <Amt><InstdAmt Ccy="EUR">119.00</InstdAmt></Amt>
               <ReqdColltnDt>2026-05-04</ReqdColltnDt>
               <CdtrSchmeId><Id><PrvtId><Othr><Id>DE98ZZZ09999999999</Id>
                 <SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></PrvtId></Id></CdtrSchmeId>
               <PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><SeqTp>RCUR</SeqTp></PmtTpInf><PmtMtd>DD</PmtMtd>
               <MndtRltdInf><MndtId>M-0815</MndtId><DtOfSgntr>2025-01-02</DtOfSgntr></MndtRltdInf>
               <RmtInf><Ustrd>Rechnung RE-2026</Ustrd><Ustrd>0042 RF18 5390 0754 7034</Ustrd></RmtInf>
               <UltmtDbtr><Nm>Erika Muster</Nm></UltmtDbtr>
               <Dbtr><Nm>Muster &amp; Söhne GmbH</Nm></Dbtr>
               <DbtrAcct><Id><IBAN>DE02500105170137075030</IBAN></Id></DbtrAcct>
               <DbtrAgt><FinInstnId><BIC>INGDDEFFXXX</BIC></FinInstnId></DbtrAgt>
               <CdtrAgt><FinInstnId><BIC>BYLADEM1001</BIC></FinInstnId></CdtrAgt>
               <Cdtr><Nm>Wir AG</Nm></Cdtr>
               <CdtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></CdtrAcct>
               <UltmtCdtr><Nm>Wir Nord</Nm></UltmtCdtr>
             </OrgnlTxRef>
           </TxInfAndSts>"""
    )
)

# The same payment in the newest version, with a prefix, and everything where it has moved to.
NEWEST = """<?xml version="1.0"?>
<p:Document xmlns:p="urn:iso:std:iso:20022:tech:xsd:pain.002.001.14"><p:CstmrPmtStsRpt>
 <p:GrpHdr><p:MsgId>PSR-1</p:MsgId><p:CreDtTm>2026-05-02T07:30:00Z</p:CreDtTm></p:GrpHdr>
 <p:OrgnlGrpInfAndSts><p:OrgnlMsgId>FILE-1</p:OrgnlMsgId><p:OrgnlMsgNmId>pain.008.001.11</p:OrgnlMsgNmId>
 </p:OrgnlGrpInfAndSts>
 <p:OrgnlPmtInfAndSts><p:OrgnlPmtInfId>BATCH-1</p:OrgnlPmtInfId>
  <p:TxInfAndSts>
   <p:OrgnlInstrId>I-1</p:OrgnlInstrId><p:OrgnlEndToEndId>RE-20260042</p:OrgnlEndToEndId>
   <p:OrgnlUETR>8a562c67-ca16-48ba-b074-65581be6f001</p:OrgnlUETR>
   <p:TxSts>RJCT</p:TxSts>
   <p:StsRsnInf><p:Rsn><p:Cd>MD01</p:Cd></p:Rsn></p:StsRsnInf>
   <p:OrgnlTxRef>
    <p:Amt><p:InstdAmt Ccy="EUR">119</p:InstdAmt></p:Amt>
    <p:ReqdColltnDt>2026-05-04</p:ReqdColltnDt>
    <p:CdtrSchmeId><p:Id><p:PrvtId><p:Othr><p:Id>DE98ZZZ09999999999</p:Id></p:Othr></p:PrvtId></p:Id></p:CdtrSchmeId>
    <p:MndtRltdInf><p:DrctDbtMndt><p:MndtId>M-0815</p:MndtId></p:DrctDbtMndt></p:MndtRltdInf>
    <p:RmtInf><p:Strd><p:RfrdDocInf><p:Nb>RE-20260042</p:Nb></p:RfrdDocInf>
     <p:CdtrRefInf><p:Ref>RF18 5390 0754 7034</p:Ref></p:CdtrRefInf></p:Strd></p:RmtInf>
    <p:UltmtDbtr><p:Pty><p:Nm>Erika Muster</p:Nm></p:Pty></p:UltmtDbtr>
    <p:Dbtr><p:Pty><p:Nm>Muster &amp; Söhne GmbH</p:Nm></p:Pty></p:Dbtr>
    <p:DbtrAcct><p:Id><p:Othr><p:Id>137075030</p:Id></p:Othr></p:Id></p:DbtrAcct>
    <p:DbtrAgt><p:FinInstnId><p:BICFI>INGDDEFFXXX</p:BICFI></p:FinInstnId></p:DbtrAgt>
    <p:CdtrAcct><p:Id><p:IBAN>DE02 1203 0000 0000 2020 51</p:IBAN></p:Id></p:CdtrAcct>
    <p:Purp><p:Cd>SUPP</p:Cd></p:Purp>
   </p:OrgnlTxRef>
  </p:TxInfAndSts>
 </p:OrgnlPmtInfAndSts>
</p:CstmrPmtStsRpt></p:Document>"""


def test_a_rejected_direct_debit_is_pending_and_tells_everything_the_bank_said() -> None:
    reading = read(GERMAN)
    (statement,) = reading.statements
    assert (statement.account, statement.currency, statement.statement_ref) == (OURS, "EUR", "PSR-1")
    assert (statement.format, statement.opening, statement.closing) == ("pain.002.001.03", None, None)
    assert statement.place == "status.xml:1"
    assert not statement.is_binding
    assert not statement.movement()
    (entry,) = statement.entries
    assert entry == StatementEntry(
        account=OURS,
        booking_date=date(2026, 5, 4),
        amount=Money(-11900, "EUR"),
        kind=EntryKind.RETURNED_DEBIT,
        status=EntryStatus.PENDING,
        payer_name="Muster & Söhne GmbH",
        payer_iban=OTHER,
        payer_bic="INGDDEFFXXX",
        ultimate_name="Erika Muster",
        ultimate_own_name="Wir Nord",
        remittance="Rechnung RE-2026 0042 RF18 5390 0754 7034",
        remittance_glued="Rechnung RE-20260042 RF18 5390 0754 7034",
        references=("RF18539007547034",),
        end_to_end_id="RE-20260042",
        mandate_id="M-0815",
        creditor_id="DE98ZZZ09999999999",
        bank_reference="BANK-7",
        return_reason="MD01",
        batch_reference="BATCH-1",
        transaction_id="I-1",
        booking_ref="BATCH-1",
        place=entry.place,
    )
    assert entry.place == "status.xml:1 OrgnlPmtInfAndSts[1]/TxInfAndSts[1]"


def test_its_finding_says_what_happened_and_what_to_do() -> None:
    (finding,) = read(GERMAN).findings
    assert finding == Finding(
        code="direct_debit_rejected",
        severity=Severity.WARNING,
        place="status.xml:1 OrgnlPmtInfAndSts[1]/TxInfAndSts[1]",
        what="the bank rejected the direct debit of 119,00 EUR from Muster & Söhne GmbH: there is no valid mandate "
        "(MD01, Kein gültiges Mandat); the bank adds: Mandat widerrufen",
        what_to_do="Stop collecting, check the mandate with the debtor, and ask for a transfer.",
        excerpt="end-to-end id RE-20260042, mandate M-0815, creditor id DE98ZZZ09999999999, batch BATCH-1, "
        "instruction I-1, bank reference BANK-7, day 2026-05-04, debtor account DE02500105170137075030, "
        "creditor account DE02120300000000202051, charge 3.50 EUR, "
        "text Rechnung RE-2026 0042 RF18 5390 0754 7034",
    )


def test_the_newest_version_reads_the_same() -> None:
    reading = read(NEWEST)
    (old,), (new,) = read(GERMAN).statements[0].entries, reading.statements[0].entries
    assert reading.format == "pain.002.001.14"
    assert new == old._replace(
        payer_iban="137075030",
        ultimate_own_name="",
        remittance="RF18539007547034 RE-20260042",
        remittance_glued="RF18539007547034RE-20260042",
        references=("RF18539007547034", "RE-20260042"),
        bank_reference="",
        purpose_code="SUPP",
        transaction_id="8a562c67-ca16-48ba-b074-65581be6f001",
        place=new.place,
    )


def test_a_rejected_transfer_of_ours_stays_with_us() -> None:
    content = report(
        batch(
            "<TxInfAndSts><OrgnlEndToEndId>NOTPROVIDED</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC01</Cd>"
            '</Rsn></StsRsnInf><OrgnlTxRef><Amt><InstdAmt Ccy="CHF">1500.5</InstdAmt></Amt>'
            "<ReqdExctnDt><Dt>2026-05-06</Dt></ReqdExctnDt><Dbtr><Pty><Nm>Wir AG</Nm></Pty></Dbtr>"
            f"<DbtrAcct><Id><IBAN>{OURS}</IBAN></Id></DbtrAcct><Cdtr><Pty><Nm>Lieferant SA</Nm></Pty></Cdtr>"
            f"<CdtrAcct><Id><IBAN>{OTHER}</IBAN></Id></CdtrAcct></OrgnlTxRef></TxInfAndSts>"
        ),
        version="001.10",
        name="pain.001.001.09",
    )
    reading = read(content)
    (entry,) = reading.statements[0].entries
    assert (entry.account, entry.kind, entry.amount) == (OURS, EntryKind.RETURNED_TRANSFER, Money(150050, "CHF"))
    assert (entry.payer_name, entry.payer_iban, entry.end_to_end_id) == ("Lieferant SA", OTHER, "")
    assert (entry.booking_date, entry.return_reason) == (date(2026, 5, 6), "AC01")
    (finding,) = reading.findings
    assert finding.code == "transfer_rejected"
    assert finding.what.startswith(
        "the bank rejected our transfer of 1.500,50 CHF to Lieferant SA: the IBAN is wrong"
    )
    assert finding.what_to_do == "Nothing was paid. Correct the order and send it again."


@pytest.mark.parametrize(
    ("reason", "text", "listed", "words"),
    [
        ("<Cd>AC04</Cd>", "", "AC04", "the account is closed (AC04, Konto aufgelöst)"),
        ("<Cd>NARR</Cd>", "Bitte melden", "NARR Bitte melden", "the bank adds: Bitte melden"),
        ("<Cd>XY99</Cd>", "Sonstiges", "XY99 Sonstiges", ": XY99, Sonstiges"),
        ("<Prtry>4711</Prtry>", "Limit erreicht", "4711 Limit erreicht", ": 4711, Limit erreicht"),
        ("", "Nur Text", "Nur Text", ": Nur Text"),
        ("", "", "", ": the bank gives no reason"),
    ],
)
def test_the_reason_is_the_code_everybody_knows_or_the_bank_s_own_text(
    reason: str, text: str, listed: str, words: str
) -> None:
    reading = read(report(batch(payment(reason, text))))
    assert reading.statements[0].entries[0].return_reason == listed
    assert words in reading.findings[0].what


def test_several_reasons_are_all_told() -> None:
    two = payment().replace("<OrgnlTxRef>", "<StsRsnInf><Rsn><Prtry>7</Prtry></Rsn></StsRsnInf><OrgnlTxRef>")
    assert read(report(batch(two))).findings[0].what.endswith("the account is closed (AC04, Konto aufgelöst); 7")


@pytest.mark.parametrize(
    ("day", "booked"),
    [
        (MAY_4, date(2026, 5, 4)),
        ("<ReqdExctnDt>2026-05-05</ReqdExctnDt>", date(2026, 5, 5)),
        ("<ReqdExctnDt><DtTm>2026-05-05T23:30:00+02:00</DtTm></ReqdExctnDt>", date(2026, 5, 5)),
        ("<IntrBkSttlmDt>2026-05-07</IntrBkSttlmDt>", date(2026, 5, 7)),
        ("<ReqdColltnDt>2026-02-30</ReqdColltnDt>", date(2026, 5, 2)),
        ("", date(2026, 5, 2)),  # the day of the report
    ],
)
def test_it_counts_on_the_day_it_was_to_be_collected(day: str, booked: date) -> None:
    assert read(report(batch(payment(day=day)))).statements[0].entries[0].booking_date == booked


@pytest.mark.parametrize(
    ("amount", "minor"),
    [
        ('<Amt><InstdAmt Ccy="EUR">119.00</InstdAmt></Amt>', 11900),
        ('<Amt><EqvtAmt><Amt Ccy="EUR">80.10</Amt><CcyOfTrf>USD</CcyOfTrf></EqvtAmt></Amt>', 8010),
        ('<IntrBkSttlmAmt Ccy="EUR">7</IntrBkSttlmAmt>', 700),
    ],
)
def test_the_amount_is_what_we_ordered(amount: str, minor: int) -> None:
    assert read(report(batch(payment(amount=amount)))).statements[0].entries[0].amount == Money(-minor, "EUR")


@pytest.mark.parametrize(
    ("rejected", "says", "because"),
    [
        (payment(account=""), "119,00 EUR", "the bank does not name our account"),
        (payment(amount=""), "an unknown amount", "gives no amount in a currency we know"),
        (payment(amount="<Amt><InstdAmt>119.00</InstdAmt></Amt>"), "of 119.00", "no amount in a currency"),
        (
            payment(amount='<Amt><InstdAmt Ccy="XAU">119.00</InstdAmt></Amt>'),
            "of 119.00 XAU",
            "no amount in a currency",
        ),
        (payment(amount='<Amt><InstdAmt Ccy="EUR">1,00</InstdAmt></Amt>'), "of 1,00 EUR", "no amount in a currency"),
        (payment(amount='<Amt><InstdAmt Ccy="EUR">-5</InstdAmt></Amt>'), "of -5 EUR", "no amount in a currency"),
        (
            "<TxInfAndSts><OrgnlEndToEndId>RE-20260042</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts>",
            "",
            "account",
        ),
    ],
)
def test_what_cannot_be_listed_is_told_all_the_same(rejected: str, says: str, because: str) -> None:
    reading = read(report(batch(rejected)))
    assert [statement.entries for statement in reading.statements] == [()]
    (finding,) = reading.findings
    assert (finding.code, finding.severity) == ("direct_debit_rejected", Severity.WARNING)
    assert says in finding.what
    assert because in finding.what
    assert "end-to-end id RE-20260042" in finding.excerpt


def test_without_any_day_it_is_told_but_not_listed() -> None:
    reading = read(report(batch(payment(day=""))).replace("2026-05-02T", "2026-02-31T"))
    assert reading.statements[0].entries == ()
    assert reading.findings[0].what.endswith("no entry, because the bank gives no date")


@pytest.mark.parametrize(
    ("name", "more", "code"),
    [
        ("pain.008.001.02", "", "direct_debit_rejected"),
        ("urn:iso:std:iso:20022:tech:xsd:pain.008.003.02", "", "direct_debit_rejected"),
        ("pain.008", "", "direct_debit_rejected"),
        ("PAIN.001", "", "transfer_rejected"),
        ("", "<PmtMtd>DD</PmtMtd>", "direct_debit_rejected"),
        ("", "<PmtMtd>TRF</PmtMtd>", "transfer_rejected"),
        ("", "<MndtRltdInf><MndtId>M-1</MndtId></MndtRltdInf>", "direct_debit_rejected"),
        ("", "<ReqdExctnDt>2026-05-05</ReqdExctnDt>", "transfer_rejected"),
        ("", "<MndtRltdInf><CdtTrfMndt><MndtId>M-1</MndtId></CdtTrfMndt></MndtRltdInf>", "payment_rejected"),
        ("pain.007.001.02", "", "payment_rejected"),
    ],
)
def test_whether_it_collects_or_pays_is_read_and_never_guessed(name: str, more: str, code: str) -> None:
    reading = read(report(batch(payment(day="", more=more)), name=name))
    assert codes(reading) == [code]
    assert len(reading.statements[0].entries) == (code == "direct_debit_rejected")  # it names the account for these


def test_accepted_payments_are_no_entries() -> None:
    reading = read(
        report(batch(*(payment("", status=status) for status in ("ACCP", "ACTC", "ACSC", "ACSP", "PDNG"))))
    )
    (statement,) = reading.statements
    assert (statement.account, statement.currency, statement.entries) == (OURS, "EUR", ())
    assert reading.findings == ()


def test_a_report_that_only_accepts_and_names_no_account_is_a_note() -> None:
    reading = read(report(status="ACTC"))
    (statement,) = reading.statements
    assert (statement.account, statement.currency, statement.entries) == ("", "", ())
    (finding,) = reading.findings
    assert (finding.code, finding.severity) == ("payment_status_without_account", Severity.NOTE)


def test_only_the_rejected_ones_of_a_batch_are_listed() -> None:
    reading = read(
        report(
            batch(
                payment("", status="ACCP"), payment(reference="A"), payment("", status="ACSP"), payment(reference="B")
            )
        )
    )
    assert [e.end_to_end_id for e in reading.statements[0].entries] == ["A", "B"]
    assert [e.booking_ref for e in reading.statements[0].entries] == ["BATCH-1"] * 2
    assert codes(reading) == ["direct_debit_rejected"] * 2


WHY = "<StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf>"
HELD = "<OrgnlNbOfTxs>12</OrgnlNbOfTxs><OrgnlCtrlSum>1428.00</OrgnlCtrlSum>"


def test_a_file_rejected_as_a_whole_is_told_with_number_and_sum() -> None:
    reading = read(report(more=f"{HELD}<GrpSts>RJCT</GrpSts>{WHY}"))
    assert reading.statements[0].entries == ()
    assert reading.findings == (
        Finding(
            code="payment_file_rejected",
            place="status.xml:1",
            what="the bank rejected the whole file FILE-1: the file is not in the format agreed "
            "(FF01, Dateiformat falsch)",
            excerpt="12 direct debits, control sum 1428.00, none of them named",
            what_to_do="Nothing of it is collected or paid. "
            "Correct your own data and send it again. The debtor has done nothing wrong.",
        ),
    )


def test_a_batch_rejected_as_a_whole_is_told_and_its_payments_are_listed() -> None:
    silent = payment("", status="")
    reading = read(report(batch(silent, silent, more=f"{HELD}<PmtInfSts>RJCT</PmtInfSts>{WHY}")))
    assert [entry.return_reason for entry in reading.statements[0].entries] == ["FF01", "FF01"]
    assert codes(reading) == ["direct_debit_rejected", "direct_debit_rejected", "payment_file_rejected"]
    assert reading.findings[2].what.startswith("the bank rejected the whole batch BATCH-1: the file is not")
    assert reading.findings[2].excerpt == "12 direct debits, control sum 1428.00, 2 of them named one by one"


def test_payments_of_a_rejected_file_are_rejected_with_its_reason() -> None:
    reading = read(report(batch(payment("", status=""), name=""), status="RJCT", more=WHY))
    (entry,) = reading.statements[0].entries
    assert (entry.return_reason, entry.batch_reference) == ("FF01", "FILE-1")
    assert codes(reading) == ["direct_debit_rejected", "payment_file_rejected"]


COUNTED = (
    "<NbOfTxsPerSts><DtldNbOfTxs>3</DtldNbOfTxs><DtldSts>RJCT</DtldSts></NbOfTxsPerSts>"
    "<NbOfTxsPerSts><DtldNbOfTxs>9</DtldNbOfTxs><DtldSts>ACCP</DtldSts></NbOfTxsPerSts>"
)


def test_rejected_payments_that_are_counted_but_not_named_are_missed() -> None:
    reading = read(report(batch(payment(), payment(), more=COUNTED), status="PART", more=COUNTED))
    assert codes(reading) == ["direct_debit_rejected", "direct_debit_rejected", "rejected_payments_unnamed"]
    assert reading.findings[2].what == "the bank rejected 3 payments of the batch BATCH-1, but names only 2"
    complete = read(report(batch(payment(), payment()), batch(payment(), name="B-2"), status="PART", more=COUNTED))
    assert codes(complete) == ["direct_debit_rejected"] * 3


@pytest.mark.parametrize(
    ("status", "severity"),
    [("CANC", Severity.WARNING), ("BLCK", Severity.WARNING), ("", Severity.WARNING), ("RVNM", Severity.NOTE)],
)
def test_a_status_that_is_neither_yes_nor_no_is_told(status: str, severity: Severity) -> None:
    reading = read(report(batch(payment("", status=status), payment("", status=status)), status="PART"))
    assert reading.statements[0].entries == ()
    (finding,) = reading.findings
    assert (finding.code, finding.severity) == ("payment_status_unclear", severity)
    assert finding.what.startswith("2 times")


def test_each_account_is_one_statement_however_they_are_mixed() -> None:
    mixed = [batch(payment(account=account, reference=account)) for account in (OURS, OTHER, OURS)]
    reading = read(report(*mixed))
    assert [(s.account, len(s.entries)) for s in reading.statements] == [(OURS, 2), (OTHER, 1)]
    assert [e.position for s in reading.statements for e in s.entries] == [0, 2, 1]
    assert len(reading.findings) == 3


def test_many_rejects_of_one_account_are_given_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pain_002, "PIECE_ENTRIES", 3)
    given_away = read_pieces(report(batch(*(payment(reference=str(i)) for i in range(7)))))
    assert [(p.number, len(p.statement.entries), p.is_last, len(p.findings)) for p in given_away] == [
        (0, 3, False, 3),
        (0, 3, False, 3),
        (0, 1, True, 1),
    ]
    exactly = read_pieces(report(batch(*(payment(reference=str(i)) for i in range(3)))))
    assert [(p.number, len(p.statement.entries), p.is_last) for p in exactly] == [(0, 3, False), (0, 0, True)]


def test_many_rejects_of_several_accounts_never_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pain_002, "PIECE_ENTRIES", 2)
    reading = read(report(*(batch(payment(account=account)) for account in (OURS, OTHER, OURS, "", "", OTHER))))
    listed = [(s.account, len(s.entries)) for s in reading.statements]
    assert listed == [(OURS, 1), (OTHER, 1), (OURS, 1), (OTHER, 1)]
    assert len(reading.findings) == 6


def test_rejects_without_an_account_never_pile_up_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pain_002, "PIECE_ENTRIES", 2)
    given_away = read_pieces(report(batch(*(payment(account="") for _ in range(5)))))
    assert [(p.number, p.statement.account, p.is_last, len(p.findings)) for p in given_away] == [
        (0, "", True, 2),
        (1, "", True, 2),
        (2, "", True, 1),
    ]


def test_several_reports_in_one_file_are_all_read() -> None:
    inner = report(batch(payment())).partition("?>")[2]
    reading = read(f"<conxml>{inner}{inner.replace('PSR-1', 'PSR-2')}</conxml>")
    assert [s.statement_ref for s in reading.statements] == ["PSR-1", "PSR-2"]
    assert [len(s.entries) for s in reading.statements] == [1, 1]


def test_the_same_names_in_another_message_are_not_ours() -> None:
    inner = report(batch(payment())).partition("?>")[2]
    recall = f"<RsltnOfInvstgtn><CxlDtls>{batch(payment())}</CxlDtls></RsltnOfInvstgtn>"
    assert len(read(f"<all>{recall}{inner}</all>").statements[0].entries) == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "iso-8859-1"])
def test_every_encoding_that_is_declared_is_read(encoding: str) -> None:
    declared = encoding.removesuffix("-sig").upper()
    content = GERMAN.replace('encoding="UTF-8"', f'encoding="{declared}"').encode(encoding)
    assert read(content).statements[0].entries[0].payer_name == "Muster & Söhne GmbH"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (GERMAN[:-30], "broken"),
        (GERMAN.replace("?><Document", '?><!DOCTYPE d [<!ENTITY a "b">]><Document', 1), "document type"),
        ("<Document><Other><CstmrPmtStsRpt2/></Other></Document>", "holds no status report"),
    ],
)
def test_what_cannot_be_read_whole_is_set_aside(content: str, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        read(content)


@pytest.mark.parametrize("head", [b"", b":20:STARTUMS", b"<Document><BkToCstmrStmt>", b"CstmrPmtStsRpt", b"\xff\xfe"])
def test_nothing_else_is_taken_for_a_status_report(head: bytes) -> None:
    assert not pain_002.looks_like(head)


class Told(NamedTuple):
    status: str
    minor: int
    account: str
    reference: str


TOLD = st.builds(
    Told,
    st.sampled_from(["RJCT", "RJCT", "ACCP", "PDNG"]),
    st.integers(1, 10**9),
    st.sampled_from([OURS, OTHER, ""]),
    st.text("ABCDEFGHIJ0123456789-", min_size=1, max_size=35),
)


@settings(deadline=None, max_examples=60)
@given(batches=st.lists(st.lists(TOLD, max_size=5), max_size=4))
def test_no_rejected_payment_is_lost_and_none_is_told_twice(batches: list[list[Told]]) -> None:
    written = [
        batch(
            *(
                payment(
                    status=told.status,
                    reference=told.reference,
                    account=told.account,
                    amount=f'<Amt><InstdAmt Ccy="EUR">{told.minor // 100}.{told.minor % 100:02}</InstdAmt></Amt>',
                )
                for told in payments
            )
        )
        for payments in batches
    ]
    reading = read(report(*written))
    rejected = [told for payments in batches for told in payments if told.status == "RJCT"]
    assert [f.excerpt.split(",")[0] for f in reading.findings if f.code == "direct_debit_rejected"] == [
        f"end-to-end id {told.reference}" for told in rejected
    ]
    for account in {told.account for told in rejected} - {""}:
        assert [
            (-entry.amount.minor, entry.end_to_end_id)
            for statement in reading.statements
            for entry in statement.entries
            if statement.account == account == entry.account
        ] == [(told.minor, told.reference) for told in rejected if told.account == account]
    assert all(e.status is EntryStatus.PENDING for s in reading.statements for e in s.entries)
