"""The place of performance (Leistungsort): whose holidays move a day of payment (§§ 193, 269, 270 BGB)."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ledger.calendar import Region

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.debtor import Debtor

# Länder that a region of postcodes (its first two digits) touches; a wide net only ever grants a day.
_LAENDER_BY_POSTCODE: Final = """
    01 SN BB        02 SN BB        03 BB SN        04 SN ST TH BB  06 ST SN TH     07 TH SN ST     08 SN TH
    09 SN           10 BE           11 BE           12 BE BB        13 BE BB        14 BB BE ST     15 BB BE
    16 BB BE MV ST  17 MV BB        18 MV           19 MV BB NI SH  20 HH           21 HH NI SH MV  22 HH SH
    23 SH MV        24 SH           25 SH HH        26 NI           27 NI HB SH HH  28 HB NI        29 NI ST
    30 NI           31 NI NW        32 NW NI        33 NW NI        34 HE NW NI     35 HE NW RP     36 HE TH
    37 NI HE TH NW  38 NI ST        39 ST BB NI     40 NW           41 NW           42 NW           44 NW
    45 NW           46 NW           47 NW           48 NW NI        49 NI NW        50 NW           51 NW RP
    52 NW           53 NW RP        54 RP SL NW     55 RP HE SL     56 RP HE NW     57 NW RP HE     58 NW
    59 NW HE        60 HE           61 HE           63 HE BY BW     64 HE BW BY     65 HE RP        66 SL RP
    67 RP BW        68 BW HE RP     69 BW HE        70 BW           71 BW           72 BW           73 BW
    74 BW BY        75 BW           76 BW RP        77 BW           78 BW           79 BW           80 BY
    81 BY           82 BY           83 BY           84 BY           85 BY           86 BY Augsburg  87 BY BW
    88 BW BY        89 BW BY        90 BY           91 BY           92 BY           93 BY           94 BY
    95 BY SN TH     96 BY TH        97 BY BW        98 TH BY        99 TH ST HE
"""
# Cantons by the first digit of the Swiss postcode.
_CANTONS_BY_POSTCODE: Final = """
    1 VD VS GE FR BE    2 NE BE JU SO    3 BE VS FR SO LU    4 BS BL SO AG BE LU    5 AG ZH LU SO
    6 LU ZG SZ UR OW NW TI GR AG BE    7 GR SG GL    8 ZH SH TG SZ SG GL AG ZG    9 SG AR AI TG
"""


def places_of_performance(debtor: Debtor, creditor: Region) -> tuple[Region, ...]:
    """Give every place whose holidays may excuse a later payment: the creditor's, and each the debtor may live in.

    Money is owed at the debtor's seat and sent at his risk (§§ 269, 270 BGB); between businesses it must have arrived
    (ECJ C-306/06), so the creditor's place counts as well. A postcode may lie in one of several Länder, and a missing
    one in any: the debtor gets the benefit of that doubt.
    """
    return _places(debtor.country, debtor.postcode.strip(), creditor)


@lru_cache(maxsize=4096)
def _places(country: str, postcode: str, creditor: Region) -> tuple[Region, ...]:
    return tuple(dict.fromkeys((creditor, *_states(country, postcode))))


def _states(country: str, postcode: str) -> tuple[Region, ...]:
    match country:
        case "DE":
            return _LAENDER.get(postcode[:2]) or _EVERYWHERE_IN_GERMANY
        case "CH":
            return _CANTONS.get(postcode[:1]) or _EVERYWHERE_IN_SWITZERLAND
        case _:
            return (Region(country),)


def _regions(country: str, table: str) -> Mapping[str, tuple[Region, ...]]:
    found: dict[str, tuple[Region, ...]] = {}
    prefix = ""
    for word in table.split():
        if word.isdigit():
            prefix = word
        else:
            found[prefix] = (*found.get(prefix, ()), Region(country, word))
    return MappingProxyType(found)


def _all(regions: Mapping[str, tuple[Region, ...]]) -> tuple[Region, ...]:
    return tuple(dict.fromkeys(place for places in regions.values() for place in places))


_LAENDER: Final = _regions("DE", _LAENDER_BY_POSTCODE)
_CANTONS: Final = _regions("CH", _CANTONS_BY_POSTCODE)
_EVERYWHERE_IN_GERMANY: Final = _all(_LAENDER)
_EVERYWHERE_IN_SWITZERLAND: Final = _all(_CANTONS)
