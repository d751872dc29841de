"""One booking of an MT940 statement: the line ``:61:`` and what ``:86:`` says about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from stdnum import iban

from connectors.bank.codes import RETURN_KINDS, entry_kind, return_reason
from connectors.bank.creditor_reference import creditor_references
from connectors.bank.format import impossible_value_date, unreadable
from connectors.bank.swift import mt940_dialects, purpose
from connectors.bank.swift.mt940_values import AmbiguousSign, UnknownDialect, days_of, read_amount
from ledger.finding import Finding, Severity
from ledger.statement import EntryKind, EntryStatus, StatementEntry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from connectors.bank.swift.mt940_fields import Field
    from connectors.bank.swift.purpose import Purpose
    from ledger.money import Money

# 6!n [4!n] 2a [1!a] 15d 1!a3!c 16x [//16x]. CR100, is a credit with the third letter of EUR, never a reversal;
# EC and ED are expected, not yet booked. A type that is missing is not to be found in NONREF.
_LINE: Final = re.compile(
    r"(?P<value>\d{6})[ ]?(?P<booked>\d{4})?\s*(?P<mark>RC|RD|EC|ED|C|D)(?:[A-Z])?(?P<minus>-)?"
    # What goes on behind a blank may belong to the amount.
    r"(?P<amount>[\d.,]+)(?!\s*[\d.,])"
    r"\s*(?P<type>(?!NONREF)[NSF](?:[A-Z0-9]{3}|[A-Z]{2}(?= ))|[A-Z][A-Z0-9]{3}(?=NONREF))?(?P<references>.*)"
)
# RC takes a credit back, so money leaves; RD takes a debit back, so it comes in.
MONEY_COMES_IN: Final = frozenset({"C", "RD", "EC"})
REVERSALS: Final = frozenset({"RC", "RD"})
EXPECTED: Final = frozenset({"EC", "ED"})

# What stands for "none", or for "look into :86:".
NO_REFERENCE: Final = frozenset({*purpose.NO_REFERENCE, "", "NOREF", "KREF", "EREF", "PREF", "MARF", "REF", "NONE"})

_KEYWORD_AMOUNT: Final = re.compile(r"(?P<currency>[A-Z]{3})? ?(?P<amount>[\d.,]+)(?: ?[A-Z]{3})?")
# /OCMT/EUR12,50/CHGS/EUR0,10/, /EXCH/1,0823/: in the second line of :61:, in some countries in :86:.
CODED_AMOUNT: Final = re.compile(r"/(?P<code>OCMT|CHGS)/(?P<currency>[A-Z]{3})(?P<amount>[\d.,]+)")
RATE: Final = re.compile(r"/(?:EXCH|RATE)/(?:[A-Z]{3}/?){0,2}(\d+[.,]\d+)")
CODED: Final = re.compile(r"/(?:OCMT|CHGS|EXCH|RATE)/")
_ONLY_CODES: Final = ("/OCMT/", "/CHGS/", "/EXCH/", "/RATE/", "/IACC/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a booking has in common with its neighbours."""

    account: str
    currency: str
    place: str  # of the file
    interim: bool = False  # of an MT942, which announces and books nothing
    minus_reverses: bool | None = None  # what a minus beside a mark means; None: not known


class Line(NamedTuple):
    """The line ``:61:`` taken apart."""

    value: str  # YYMMDD
    booked: str  # MMDD
    mark: str
    minus: bool
    amount: str
    type: str
    customer_reference: str
    bank_reference: str
    supplement: str


def read(
    field: Field, details: Sequence[Field], around: Around, *, number: int, findings: list[Finding]
) -> StatementEntry:
    """Read one booking; raise UnknownDialect for a form we do not know, Unreadable for an impossible day."""
    where = f"{around.place}:{field.line}"
    line = parse(field, where)
    text = "\n".join(one.value for one in details if one.tag == "86")
    said = described(text, line.supplement)
    if notes := [one.value for one in details if one.tag == "NS"]:
        said = with_notes(said, "\n".join(notes))
    amount = _signed_amount(line, around, where)
    booked, value = _days(line, where, findings)
    return build(
        around,
        line,
        said,
        amount=amount,
        booking_date=booked,
        value_date=value,
        number=number,
        where=where,
        told=told(said, line.supplement, around.currency, where, findings),
    )


def parse(field: Field, where: str) -> Line:
    """Take ``:61:`` apart; raise UnknownDialect where it cannot be done."""
    first, _, supplement = field.value.partition("\n")
    found = _LINE.fullmatch(first.strip())
    if not found:
        raise UnknownDialect(where, f"the booking :61:{first} cannot be read")
    customer, _, bank = found["references"].partition("//")
    return Line(
        found["value"],
        found["booked"] or "",
        found["mark"],
        found["minus"] is not None,
        found["amount"],
        found["type"] or "",
        customer.strip(),
        bank.strip(),
        supplement,
    )


def described(text: str, supplement: str) -> Purpose:
    """Read ``:86:``: the German structure, else the dialect it is written in, else as free text.

    Outside Germany the second line of ``:61:`` goes on with it.
    """
    structured = purpose.structured(text)
    if structured is not None and purpose.separator(text) == "?":
        return structured
    # Banks of other countries took over the structure, and some changed what stands in it.
    return mt940_dialects.read(text, supplement) or structured or _free(text, supplement)


def _free(text: str, supplement: str) -> Purpose:
    said = purpose.free(text)
    extra = " ".join(supplement.split())
    if not extra or extra.startswith(_ONLY_CODES):
        return said
    return purpose.Purpose(
        remittance=f"{said.remittance} {extra}".strip(), remittance_glued=f"{said.remittance_glued} {extra}".strip()
    )


_NOTE: Final = re.compile(r"^(\d{2})(.*)$", re.MULTILINE)


def with_notes(said: Purpose, notes: str) -> Purpose:
    """Add what an old field ``:NS:`` says: 01 to 14 purpose, 15 and 16 name, 17 posting text."""
    lines = [(int(number), text.strip()) for number, text in _NOTE.findall(notes)]
    texts = [text for number, text in lines if 1 <= number <= 14 and text]
    names = [text for number, text in lines if number in {15, 16} and text]
    posting = [text for number, text in lines if number == 17]
    return purpose.Purpose(
        gvc=said.gvc,
        posting_text=said.posting_text or " ".join(posting),
        remittance=" ".join(filter(None, [said.remittance, *texts])),
        remittance_glued=" ".join(filter(None, [said.remittance_glued, "".join(texts)])),
        name=said.name or " ".join(names),
        account=said.account,
        bic=said.bic,
        addendum=said.addendum,
        keywords=said.keywords,
    )


class Told(NamedTuple):
    """What is said beside the booked amount."""

    original: Money | None = None
    charges: Money | None = None
    rate: str = ""


def build(
    around: Around,
    line: Line,
    said: Purpose,
    *,
    amount: Money,
    booking_date: date,
    value_date: date | None,
    number: int,
    where: str,
    told: Told,
) -> StatementEntry:
    """Put an entry together from what ``:61:`` and ``:86:`` say."""
    credit = line.mark in MONEY_COMES_IN
    returned = said.keyword("RTRN")
    kind = entry_kind(
        credit=credit, gvc=said.gvc, swift=line.type, reversal=line.mark in REVERSALS, returned=bool(returned)
    )
    customer_reference, account = account_in_reference(line.customer_reference, said.account, around.account)
    end_to_end_id = said.keyword("EREF")
    ultimate_name, ultimate_own_name = ultimate_names(
        said.keyword("ABWA"), said.keyword("ABWE"), kind, said.gvc, line.type, credit=credit
    )
    reason = return_reason(said.addendum, said.remittance) if kind in RETURN_KINDS else ""
    return StatementEntry(
        account=around.account,
        booking_date=booking_date,
        value_date=value_date,
        amount=amount,
        kind=kind,
        status=EntryStatus.PENDING if around.interim or line.mark in EXPECTED else EntryStatus.BOOKED,
        payer_name=said.name,
        payer_iban=account,
        payer_bic=said.bic,
        ultimate_name=ultimate_name,
        remittance=said.remittance,
        remittance_glued=said.remittance_glued,
        references=_references(said, customer_reference),
        end_to_end_id=end_to_end_id,
        mandate_id=said.keyword("MREF"),
        creditor_id=said.keyword("CRED"),
        bank_reference=line.bank_reference or said.keyword("BREF"),
        return_reason=returned or reason,
        original_amount=told.original,
        charges=told.charges,
        posting_text=said.posting_text,
        transaction_code=said.gvc or line.type,
        booking_ref=str(number),
        place=where,
        ultimate_own_name=ultimate_own_name,
        purpose_code=said.keyword("PURP"),
        batch_reference=said.keyword("KREF") or (customer_reference if customer_reference != end_to_end_id else ""),
        exchange_rate=told.rate,
    )


def _references(said: Purpose, customer_reference: str) -> tuple[str, ...]:
    found = creditor_references(said.remittance, said.remittance_glued, customer_reference)
    structured = said.keyword("STRD")
    return tuple(dict.fromkeys((structured, *found))) if structured else found


@lru_cache(maxsize=1024)
def reference(written: str) -> str:
    """Give a customer reference; empty where it stands for "none" or for "look into :86:"."""
    return "" if written.removesuffix("+") in NO_REFERENCE else written


def account_in_reference(written: str, account: str, own_account: str) -> tuple[str, str]:
    """Give customer reference and account of the other party: some Dutch banks write an account for a reference."""
    if not account and len(written) > 16 and iban.is_valid(written, check_country=False):
        return "", written
    return "" if written in {account, own_account} else reference(written), account


def _signed_amount(line: Line, around: Around, where: str) -> Money:
    if not around.currency:
        raise unreadable(where, "no balance and no limit names the currency", what_to_do="Ask the bank for MT940.")
    amount = read_amount(line.amount, around.currency, where)
    comes_in = line.mark in MONEY_COMES_IN
    if line.minus:
        if around.minus_reverses is None:
            raise AmbiguousSign(where, f"the amount -{line.amount} has both a minus and the mark {line.mark}")
        comes_in ^= around.minus_reverses
    return amount if comes_in else -amount


def _days(line: Line, where: str, findings: list[Finding]) -> tuple[date, date | None]:
    booking_date, value_date = days_of(line.value, line.booked)
    if booking_date is None:
        raise unreadable(
            where,
            f"the booking date {line.booked or line.value!r} is no day of the calendar",
            what_to_do="Ask the bank for a correct file.",
        )
    if value_date is None:
        findings.append(impossible_value_date(line.value, where))
    return booking_date, value_date


# Debits that somebody else collects from us, by GVC.
_COLLECTED_FROM_US: Final = frozenset("104 105 106 107 195 197".split())


def ultimate_names(
    ordering: str, receiving: str, kind: EntryKind, gvc: str, swift: str, *, credit: bool
) -> tuple[str, str]:
    """Give the ultimate name of the other side and of ours.

    ABWA+ (``ordering``) is the one behind whoever gave the order (Auftraggeber): who pays by transfer, who collects
    by direct debit. ABWE+ (``receiving``) is the one behind the receiver of that order.
    """
    if kind in RETURN_KINDS:
        # Roles are those of the original payment, and banks disagree about them: one name alone is the other side's.
        if not (ordering and receiving):
            return ordering or receiving, ""
        return (ordering, receiving) if kind is EntryKind.REFUND else (receiving, ordering)
    is_collection = kind is EntryKind.DIRECT_DEBIT or gvc in _COLLECTED_FROM_US or swift.endswith("DDT")
    return (ordering, receiving) if credit != is_collection else (receiving, ordering)


def told(said: Purpose, supplement: str, currency: str, where: str, findings: list[Finding]) -> Told:
    """Read what is said beside the booked amount: behind keywords of ``:86:``, or codes in line two of ``:61:``."""
    text = f"{supplement}\n{said.remittance_glued}"
    coded = {found["code"]: found["currency"] + found["amount"] for found in CODED_AMOUNT.finditer(text)}
    rate = RATE.search(text)
    return Told(
        _told_amount(said.keywords, "OAMT", coded, "OCMT", currency, where, findings),
        _told_amount(said.keywords, "COAM", coded, "CHGS", currency, where, findings),
        rate[1] if rate else said.keyword("EXCH"),
    )


def _told_amount(
    keywords: Mapping[str, str],
    keyword: str,
    coded: Mapping[str, str],
    code: str,
    currency: str,
    where: str,
    findings: list[Finding],
) -> Money | None:
    label, written = f"{keyword}+", keywords.get(keyword, "")
    if not written:
        label, written = f"/{code}/", coded.get(code) or keywords.get(code, "")
    if not written:
        return None
    found = _KEYWORD_AMOUNT.fullmatch(written)
    try:
        if found:
            return read_amount(found["amount"], found["currency"] or currency, where)
    except UnknownDialect:
        found = None
    findings.append(
        Finding(
            code="told_amount_unreadable",
            severity=Severity.NOTE,
            place=where,
            what=f"{label} says {written!r}, which is no amount, and was left out",
            what_to_do="Nothing: the booked amount counts. Split fee and principal by hand if this is a return.",
        )
    )
    return None
