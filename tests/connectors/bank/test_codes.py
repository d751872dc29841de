"""What moved the money, whichever code the bank used to say it."""

from __future__ import annotations

import pytest

from connectors.bank.codes import GVC_KINDS, IsoCode, addendum_of, entry_kind, gvc_of, return_reason
from ledger.statement import EntryKind


def check(kind: str, *, credit: bool, code: str, reversal: bool = False, returned: bool = False) -> None:
    iso = IsoCode(*code.split("/")) if "/" in code else None
    gvc = code if code.isdigit() else ""
    swift = "" if iso or gvc else code
    found = entry_kind(credit=credit, gvc=gvc, iso=iso, swift=swift, reversal=reversal, returned=returned)
    assert found is EntryKind(kind)


@pytest.mark.parametrize(
    ("code", "sign", "kind"),
    [line.split() for line in """
        166            +  transfer
        168            +  instant
        194            +  transfer
        177            -  transfer
        171            +  direct_debit
        192            +  direct_debit
        105            -  other
        109            -  returned_debit
        108            -  returned_debit
        111            -  returned_debit
        109            +  reversal
        159            +  returned_transfer
        181            +  refund
        198            +  card_settlement
        082            +  cash
        170            +  cheque
        805            -  charge
        808            -  charge
        814            -  interest
        833            +  own_transfer
        899            -  reversal
        999            +  other
        PMNT/RCDT/ESCT +  transfer
        PMNT/RRCT/ESCT +  instant
        PMNT/ICDT/ESCT -  transfer
        PMNT/IDDT/ESDD +  direct_debit
        PMNT/IDDT/UPDD -  returned_debit
        PMNT/IDDT/PRDD -  returned_debit
        PMNT/RDDT/ESDD -  other
        PMNT/RDDT/UPDD +  refund
        PMNT/ICDT/RRTN +  returned_transfer
        PMNT/RCDT/RRTN +  returned_transfer
        PMNT/RCDT/RRTN -  reversal
        PMNT/MCRD/POSP +  card_settlement
        PMNT/CNTR/CDPT +  cash
        PMNT/CCRD/CWDL -  cash
        PMNT/RCHQ/CCHQ +  cheque
        PMNT/RCDT/CHRG -  charge
        ACMT/MDOP/CHRG -  charge
        ACMT/MDOP/INTR -  interest
        CAMT/ACCB/ZABA -  own_transfer
        NRTI           -  returned_debit
        NRTI           +  returned_transfer
        NCHG           -  charge
        NINT           +  interest
        NDDT           +  direct_debit
        NDDT           -  other
        NTRF           +  transfer
        NMSC           +  other
    """.strip().splitlines()],
)  # fmt: skip
def test_what_moved_the_money(code: str, sign: str, kind: str) -> None:
    check(kind, credit=sign == "+", code=code)


def test_a_collection_that_is_reversed_is_a_returned_debit() -> None:
    check("returned_debit", credit=False, code="171", reversal=True)
    check("reversal", credit=False, code="166", reversal=True)
    check("returned_debit", credit=False, code="109", reversal=True)


def test_return_information_alone_makes_a_return() -> None:
    check("returned_debit", credit=False, code="NMSC", returned=True)
    check("returned_transfer", credit=True, code="PMNT/RCDT/ESCT", returned=True)
    check("returned_debit", credit=False, code="PMNT/IDDT/ESDD", returned=True)


def test_every_business_transaction_code_has_three_digits() -> None:
    assert all(len(code) == 3 and code.isdigit() for code in GVC_KINDS)


@pytest.mark.parametrize(
    ("addendum", "text", "reason"),
    [
        ("901", "", "AC01"),
        ("912", "irrelevant", "MD06"),
        ("914", "Grund nicht spezifiziert", "MS03"),
        ("905", "RUECKGABE", "905 RUECKGABE"),
        ("", "RUECKGABEGRUND: MD01 KEIN MANDAT", "MD01"),
        ("", "Grund unbekannt", ""),
    ],
)
def test_why_a_payment_came_back(addendum: str, text: str, reason: str) -> None:
    assert return_reason(addendum, text) == reason


def test_the_german_proprietary_code() -> None:
    assert gvc_of("NTRF+166+9249+888", "DK") == gvc_of("NTRF+166+9249", "ZKA") == "166"
    assert gvc_of("1234+567", "SOMEBANK") == gvc_of("ATXN", "DK") == ""
    assert (addendum_of("NRTI+109+1+914"), addendum_of("NTRF+166+1")) == ("914", "")
