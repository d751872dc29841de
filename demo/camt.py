"""Writes camt.053.001.08 as German banks do (DK, Anlage 3): batches in detail, references, returns with charges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from demo.transaction import TRANSACTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from demo.movement import Movement
    from demo.statements import DailyStatement
    from ledger.money import Money
    from ledger.statement import StatementEntry

_NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_USTRD_LENGTH: Final = 140
_BATCH_CODES: Final = {"166": "194", "171": "192"}  # GVC of one payment -> GVC of the batch


def write_camt(daily: DailyStatement, *, owner: str, bic: str) -> bytes:
    """Write one day of one account as a file."""
    statement = daily.statement
    assert statement.opening is not None, statement
    assert statement.closing is not None, statement
    assert statement.opening_date is not None, statement
    created = f"{daily.day.isoformat()}T20:15:00"
    entries = "".join(_entry(booking, owner) for booking in daily.bookings)
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="{_NAMESPACE}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>C53-{statement.account[-10:]}-{daily.day:%Y%m%d}</MsgId><CreDtTm>{created}</CreDtTm></GrpHdr>"
        f"<Stmt><Id>{statement.statement_ref}</Id><ElctrncSeqNb>{statement.number}</ElctrncSeqNb>"
        f"<CreDtTm>{created}</CreDtTm>"
        f"<Acct><Id><IBAN>{statement.account}</IBAN></Id><Ccy>{statement.currency}</Ccy>"
        f"<Ownr><Nm>{escape(owner)}</Nm></Ownr><Svcr><FinInstnId><BICFI>{bic}</BICFI></FinInstnId></Svcr></Acct>\n"
        f"{_balance('OPBD', statement.opening, statement.opening_date)}"
        f"{_balance('CLBD', statement.closing, daily.day)}"
        f"{entries}</Stmt></BkToCstmrStmt></Document>\n"
    )
    return text.encode()


def _entry(booking: Sequence[Movement], owner: str) -> str:
    first = booking[0].entry
    gvc = _BATCH_CODES[first.transaction_code] if len(booking) > 1 else first.transaction_code
    amount = first.amount
    for movement in booking[1:]:
        amount += movement.entry.amount
    return (
        f"<Ntry>{_amount(amount)}<Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><Dt>{first.booking_date}</Dt></BookgDt><ValDt><Dt>{first.value_date}</Dt></ValDt>"
        f"<AcctSvcrRef>{first.bank_reference}</AcctSvcrRef>{_code(gvc, amount)}"
        f"{_charges(first) if len(booking) == 1 else ''}{_details(booking, amount, owner)}"
        f"<AddtlNtryInf>{escape(TRANSACTIONS[gvc].posting_text)}</AddtlNtryInf></Ntry>\n"
    )


def _details(booking: Sequence[Movement], amount: Money, owner: str) -> str:
    batch = ""
    if len(booking) > 1:
        batch = (
            f"<Btch><PmtInfId>{booking[0].entry.booking_ref}</PmtInfId><NbOfTxs>{len(booking)}</NbOfTxs>"
            f'<TtlAmt Ccy="{amount.currency}">{abs(amount).decimal()}</TtlAmt></Btch>'
        )
    return f"<NtryDtls>{batch}{''.join(_payment(movement, owner) for movement in booking)}</NtryDtls>"


def _payment(movement: Movement, owner: str) -> str:
    entry = movement.entry
    return (
        f"<TxDtls>{_references(entry)}{_amount(entry.amount)}{_original(entry)}"
        f"{_code(entry.transaction_code, entry.amount)}{_charges(entry)}{_parties(entry, owner)}"
        f"{_remittance(movement)}{_return(entry)}</TxDtls>"
    )


def _references(entry: StatementEntry) -> str:
    mandate = f"<MndtId>{escape(entry.mandate_id)}</MndtId>" if entry.mandate_id else ""
    return f"<Refs><EndToEndId>{escape(entry.end_to_end_id) or 'NOTPROVIDED'}</EndToEndId>{mandate}</Refs>"


def _original(entry: StatementEntry) -> str:
    if entry.original_amount is None:
        return ""
    money = entry.original_amount
    return f'<AmtDtls><InstdAmt><Amt Ccy="{money.currency}">{money.decimal()}</Amt></InstdAmt></AmtDtls>'


def _charges(entry: StatementEntry) -> str:
    if entry.charges is None:
        return ""
    return (
        f'<Chrgs><Rcrd><Amt Ccy="{entry.charges.currency}">{entry.charges.decimal()}</Amt><CdtDbtInd>DBIT</CdtDbtInd>'
        "<ChrgInclInd>true</ChrgInclInd></Rcrd></Chrgs>"
    )


def _parties(entry: StatementEntry, owner: str) -> str:
    """Name both sides; in a return they keep the roles of the collection (DK)."""
    if not entry.payer_name:
        return ""
    ours_is_creditor = entry.amount.minor > 0 or entry.return_reason
    theirs, ours = ("Dbtr", "Cdtr") if ours_is_creditor else ("Cdtr", "Dbtr")
    other = (
        f"<{theirs}><Pty><Nm>{escape(entry.payer_name)}</Nm></Pty></{theirs}>"
        f"<{theirs}Acct><Id><IBAN>{entry.payer_iban}</IBAN></Id></{theirs}Acct>"
    )
    if entry.ultimate_name:
        other += f"<Ultmt{theirs}><Pty><Nm>{escape(entry.ultimate_name)}</Nm></Pty></Ultmt{theirs}>"
    identity = ""
    if entry.creditor_id:
        identity = f"<Id><PrvtId><Othr><Id>{entry.creditor_id}</Id></Othr></PrvtId></Id>"
    own = (
        f"<{ours}><Pty><Nm>{escape(owner)}</Nm>{identity}</Pty></{ours}>"
        f"<{ours}Acct><Id><IBAN>{entry.account}</IBAN></Id></{ours}Acct>"
    )
    sides = other + own if theirs == "Dbtr" else own + other
    agent = f"<{theirs}Agt><FinInstnId><BICFI>{entry.payer_bic}</BICFI></FinInstnId></{theirs}Agt>"
    return f"<RltdPties>{sides}</RltdPties><RltdAgts>{agent}</RltdAgts>"


def _remittance(movement: Movement) -> str:
    entry = movement.entry
    length = movement.cut_after or _USTRD_LENGTH
    text = entry.remittance
    lines = "".join(f"<Ustrd>{escape(text[n : n + length])}</Ustrd>" for n in range(0, len(text), length))
    structured = "".join(
        f"<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>{reference}</Ref></CdtrRefInf></Strd>"
        for reference in entry.references
    )
    return f"<RmtInf>{lines}{structured}</RmtInf>" if lines or structured else ""


def _return(entry: StatementEntry) -> str:
    return f"<RtrInf><Rsn><Cd>{entry.return_reason}</Cd></Rsn></RtrInf>" if entry.return_reason else ""


def _code(gvc: str, amount: Money) -> str:
    transaction = TRANSACTIONS[gvc]
    domain, family, sub_family = transaction.iso
    if sub_family == "BOOK" and amount.minor < 0:
        family = "ICDT"
    return (
        f"<BkTxCd><Domn><Cd>{domain}</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub_family}</SubFmlyCd></Fmly></Domn>"
        f"<Prtry><Cd>{transaction.swift}+{gvc}+00931</Cd><Issr>DK</Issr></Prtry></BkTxCd>"
    )


def _amount(money: Money) -> str:
    return f'<Amt Ccy="{money.currency}">{abs(money).decimal()}</Amt>{_direction(money)}'


def _direction(money: Money) -> str:
    return f"<CdtDbtInd>{'DBIT' if money.minor < 0 else 'CRDT'}</CdtDbtInd>"


def _balance(code: str, money: Money, day: date) -> str:
    return f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_amount(money)}<Dt><Dt>{day}</Dt></Dt></Bal>\n"
