"""What banks call a booking (GVC, ISO 20022 BkTxCd, SWIFT type) and a return, in the house's own words.

GVC: DK, Anlage 3 zum DFÜ-Abkommen, chapter 8. BkTxCd: ISO 20022 External Code Sets. Return reasons: ISO
ExternalReturnReason1Code; their numbers in subfield ?34: DK text-key addenda (Textschlüsselergänzung).
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.statement import EntryKind

if TYPE_CHECKING:
    from collections.abc import Mapping


class IsoCode(NamedTuple):
    """A bank transaction code of ISO 20022: ``PMNT/RCDT/ESCT``."""

    domain: str
    family: str
    sub_family: str

    def __str__(self) -> str:
        return "/".join(part for part in self if part)


def _each(kind: EntryKind, codes: str) -> dict[str, EntryKind]:
    return dict.fromkeys(codes.split(), kind)


GVC_KINDS: Final[Mapping[str, EntryKind]] = MappingProxyType(
    {
        # In: single, RF, instant, donations, standing orders, salary, public funds, foreign, and batches of them.
        **_each(EntryKind.TRANSFER, "088 152 153 154 155 156 166 167 169 194 202 211"),
        # Out: urgent, single, standing orders, instant, online, foreign, and batches of them.
        **_each(EntryKind.TRANSFER, "087 112 116 117 119 177 191 201 206 210"),
        # In real time, in and out, single and in batches.
        **_each(EntryKind.INSTANT, "118 157 161 162 163 164 165 168 188 189"),
        **_each(EntryKind.DIRECT_DEBIT, "084 171 174 192 196"),
        # 109 is the core return, 108 B2B, 110 card, 111 a cheque we had cashed. 193 and 199 are collections that we
        # took back ourselves. In every case what was collected has gone back to the payer.
        **_each(EntryKind.RETURNED_DEBIT, "108 109 110 111 193 199"),
        **_each(EntryKind.RETURNED_TRANSFER, "159 160"),
        **_each(EntryKind.REFUND, "181 182 183 184"),
        **_each(EntryKind.CARD_SETTLEMENT, "006 190 198"),
        **_each(EntryKind.CASH, "082 083"),
        **_each(EntryKind.CHEQUE, "101 102 103 122 170 185 209"),
        # 805 is the closing of the account (Abschluss): interest and charges in one booking.
        **_each(EntryKind.CHARGE, "320 321 801 802 803 804 805 806 807 808 809 810 811"),
        **_each(EntryKind.INTEREST, "604 605 812 813 814 815 816 817"),
        **_each(EntryKind.OWN_TRANSFER, "058 820 833 834"),
        **_each(EntryKind.REVERSAL, "399 836 888 899"),
        # Debits that others collect from us; said outright, so that no weaker code is asked.
        **_each(EntryKind.OTHER, "104 105 106 107 195 197"),
    }
)

_RETURNED_SUB_FAMILIES: Final = frozenset({"RRTN", "UPDD", "PRDD", "ARET"})
_DIRECT_DEBIT_FAMILIES: Final = frozenset({"IDDT", "RDDT"})

_SUB_FAMILY_KINDS: Final[Mapping[str, EntryKind]] = MappingProxyType(
    {
        **_each(EntryKind.CHARGE, "CHRG FEES COMM"),
        **_each(EntryKind.INTEREST, "INTR"),
        **_each(EntryKind.CASH, "CWDL CDPT"),
        **_each(EntryKind.OWN_TRANSFER, "ZABA SWEP TOPG"),
    }
)

_FAMILY_KINDS: Final[Mapping[str, EntryKind]] = MappingProxyType(
    {
        **_each(EntryKind.TRANSFER, "RCDT ICDT"),
        **_each(EntryKind.INSTANT, "RRCT IRCT"),
        **_each(EntryKind.DIRECT_DEBIT, "IDDT"),
        **_each(EntryKind.CARD_SETTLEMENT, "CCRD MCRD"),
        **_each(EntryKind.CASH, "CNTR"),
        **_each(EntryKind.CHEQUE, "ICHQ RCHQ"),
    }
)

# The last three letters of the type in :61:; the first says only who numbered it (N, S or F).
_SWIFT_KINDS: Final[Mapping[str, EntryKind]] = MappingProxyType(
    {
        **_each(EntryKind.TRANSFER, "TRF STO"),
        **_each(EntryKind.CHARGE, "CHG COM"),
        **_each(EntryKind.INTEREST, "INT"),
        **_each(EntryKind.CHEQUE, "CHK"),
    }
)


def entry_kind(
    *,
    credit: bool,
    gvc: str = "",
    iso: IsoCode | None = None,
    swift: str = "",
    reversal: bool = False,
    returned: bool = False,
) -> EntryKind:
    """Say what moved the money, from the most telling code the bank gave.

    ``reversal`` is the mark RC/RD or RvslInd, ``returned`` the presence of RtrInf. GVC goes first: banks disagree
    about the ISO family of a return, but not about 109.
    """
    kind = GVC_KINDS.get(gvc)
    if kind is None and iso is not None:
        kind = _iso_kind(iso, credit=credit, returned=returned)
    if kind is None:
        kind = _swift_kind(swift, credit=credit)
    if returned and kind in {EntryKind.OTHER, EntryKind.TRANSFER, EntryKind.INSTANT, EntryKind.DIRECT_DEBIT}:
        kind = _returned_kind(iso, credit=credit)
    if _RETURN_IS_CREDIT.get(kind, credit) != credit:
        return EntryKind.REVERSAL  # the bank took a return back
    return _reversed_kind(kind, credit=credit) if reversal else kind


_RETURN_IS_CREDIT: Final = MappingProxyType(
    {EntryKind.RETURNED_DEBIT: False, EntryKind.RETURNED_TRANSFER: True, EntryKind.REFUND: True}
)

RETURN_KINDS: Final = frozenset(_RETURN_IS_CREDIT)


def _iso_kind(iso: IsoCode, *, credit: bool, returned: bool) -> EntryKind | None:
    if returned or iso.sub_family in _RETURNED_SUB_FAMILIES:
        return _returned_kind(iso, credit=credit)
    return _SUB_FAMILY_KINDS.get(iso.sub_family) or _FAMILY_KINDS.get(iso.family)


def _returned_kind(iso: IsoCode | None, *, credit: bool) -> EntryKind:
    transfer = iso is not None and iso.domain == "PMNT" and iso.family not in _DIRECT_DEBIT_FAMILIES
    if credit:
        return EntryKind.RETURNED_TRANSFER if iso is None or transfer else EntryKind.REFUND
    # A transfer that came in and went back again is no collection of ours.
    return EntryKind.REVERSAL if transfer else EntryKind.RETURNED_DEBIT


def _swift_kind(swift: str, *, credit: bool) -> EntryKind:
    match swift[1:]:
        case "RTI" | "RTN":
            return EntryKind.RETURNED_TRANSFER if credit else EntryKind.RETURNED_DEBIT
        case "DDT":
            return EntryKind.DIRECT_DEBIT if credit else EntryKind.OTHER
        case letters:
            return _SWIFT_KINDS.get(letters, EntryKind.OTHER)


def _reversed_kind(kind: EntryKind, *, credit: bool) -> EntryKind:
    if kind in RETURN_KINDS:
        return kind
    if kind is EntryKind.DIRECT_DEBIT and not credit:
        return EntryKind.RETURNED_DEBIT
    return EntryKind.REVERSAL


# 905, 911 and 916 to 918 differ between banks' own lists, so they stay numbers.
_REASON_OF_ADDENDUM: Final = MappingProxyType(
    {
        "901": "AC01",
        "902": "AC04",
        "903": "AC06",
        "904": "AG01",
        "906": "AM04",
        "907": "AM05",
        "908": "BE04",
        "909": "MD01",
        "910": "MD02",
        "912": "MD06",
        "913": "MD07",
        "914": "MS03",
        "915": "RC01",
    }
)

_REASON_IN_TEXT: Final = re.compile(
    r"\b(AC0[1346]|AC13|AG0[12]|AM0[45]|ARDT|BE0[145]|CNOR|CUST|DNOR|FF0[15]|FOCR|FR01|FRAD|MD0[1267]|MS0[23]|NARR|NOAS"
    r"|NOOR|RC01|RR0[1-4]|SL01|SL1[1-4]|TM01)\b"
)


def return_reason(addendum: str, text: str) -> str:
    """Say why a payment came back: the ISO code, or the bank's number with its text where no code is certain."""
    if reason := _REASON_OF_ADDENDUM.get(addendum):
        return reason
    if found := _REASON_IN_TEXT.search(text):
        return found[1]
    return f"{addendum} {text}".strip() if addendum else ""


def gvc_of(proprietary: str, issuer: str) -> str:
    """Take the GVC out of the German code ``NTRF+166+9249+888`` (SWIFT type, GVC, primanota, addendum)."""
    parts = proprietary.split("+")
    return parts[1] if issuer in {"DK", "ZKA", ""} and len(parts) > 1 and len(parts[1]) == 3 else ""


def addendum_of(proprietary: str) -> str:
    """Take the text-key addendum out of the German proprietary code; empty where there is none."""
    parts = proprietary.split("+")
    return parts[3] if len(parts) > 3 else ""
