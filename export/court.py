"""Court data (Mahnantrag, § 690 ZPO): what the online form asks for, one main claim per invoice."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from export.letters.composition import check_sums, interest_sum
from export.tables.excel_safe import excel_safe
from ledger.errors import Refused
from ledger.money import minor_digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from decimal import Decimal

    from dunning.notice import Notice, NoticeItem
    from export.letterhead import Letterhead

SCHEMA_VERSION: Final = "1.0"

# The central dunning court by the applicant's Land; from abroad Wedding decides (§ 689 (2) ZPO). North
# Rhine-Westphalia has two, by the district of the higher court.
COURTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "BW": "Amtsgericht Stuttgart",
        "BY": "Amtsgericht Coburg",
        "BE": "Amtsgericht Wedding",
        "BB": "Amtsgericht Wedding",
        "HB": "Amtsgericht Bremen",
        "HH": "Amtsgericht Hamburg-Altona",
        "MV": "Amtsgericht Hamburg-Altona",
        "HE": "Amtsgericht Hünfeld",
        "NI": "Amtsgericht Uelzen",
        "NW": "Amtsgericht Hagen (OLG Hamm, Düsseldorf) oder Amtsgericht Euskirchen (OLG Köln)",
        "RP": "Amtsgericht Mayen",
        "SL": "Amtsgericht Mayen",
        "SN": "Amtsgericht Aschersleben, Zweigstelle Staßfurt",
        "ST": "Amtsgericht Aschersleben, Zweigstelle Staßfurt",
        "TH": "Amtsgericht Aschersleben, Zweigstelle Staßfurt",
        "SH": "Amtsgericht Schleswig",
    }
)

# Up to this value the local court decides after an objection (§ 23 no. 1 GVG since 1 January 2026).
_LOCAL_COURT_UP_TO_MINOR: Final = 1_000_000

CLAIM_COLUMNS: Final = (
    "catalogue_number",
    "document_kind",
    "document_number",
    "document_date",
    "amount",
    "interest_points_above_base_rate",
    "interest_from",
    "interest_until",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtFacts:
    """What only the creditor knows, and the form insists on."""

    land: str  # of the applicant's seat, DE-style: BY; empty abroad
    catalogue_number: int  # of the main claims: 5 services, 11 sale, 43 delivery of goods, 44 works …
    interest_points: Decimal  # above the base rate: 9 between businesses, else 5 (§ 288 BGB)
    interest_from: Mapping[str, date]  # first day of interest, by document number
    performance_done: bool  # the counter-performance was rendered, or none is owed (§ 688 (2) no. 2 ZPO)
    to_trial_court: bool = False  # go on before the trial court when the debtor objects
    lump_sum_minor: int = 0  # § 288 (5) BGB, as a side claim of its own


def court_data(notice: Notice, letterhead: Letterhead, facts: CourtFacts, *, case_id: str) -> dict[str, Any]:
    """Give the fields of the form; raise Refused with every reason why no application can be made of this.

    Each invoice is a main claim of its own, so that the debtor recognises it: a lump "balance" would not suspend
    limitation. Interest is asked for as points above the base rate from a day on, so no rate has to be known; what
    was computed with an unpublished rate is provisional and never goes to court. The court adds its own costs.
    """
    check_sums(notice)
    if mistakes := list(_mistakes(notice, letterhead, facts)):
        raise Refused("\n".join(mistakes))
    currency = notice.total.currency
    principal = sum(item.open.minor for item in notice.items)
    return {
        "schema": "kontorist.court",
        "schema_version": SCHEMA_VERSION,
        "case": case_id,
        "court": COURTS.get(facts.land, "Amtsgericht Wedding"),
        "applicant": {
            "name": letterhead.name,
            "street": letterhead.street,
            "postcode": letterhead.postcode,
            "city": letterhead.city,
            "represented_by": [letterhead.general_partner] if letterhead.general_partner else [],
            "managing_directors": list(letterhead.managing_directors),
            "iban": letterhead.iban,
            "bic": letterhead.bic,
        },
        "respondent": {
            "name": " ".join(notice.debtor.name.split()),
            "street": notice.debtor.street,
            "postcode": notice.debtor.postcode,
            "city": notice.debtor.city,
            "country": notice.debtor.country,
            "customer_number": notice.debtor.number,
        },
        "main_claims": [_claim(item, facts, currency) for item in notice.items],
        "side_claims": list(_side_claims(notice, facts)),
        "counter_performance": "performed" if facts.performance_done else "not performed",
        "trial_court": "Amtsgericht" if principal <= _LOCAL_COURT_UP_TO_MINOR else "Landgericht",
        "to_trial_court_on_objection": facts.to_trial_court,
        "totals": {"principal": _amount(principal, currency), "currency": currency},
        "not_to_enter": "costs of the court and of a lawyer: the court computes them",
    }


def court_json(data: Mapping[str, Any]) -> bytes:
    """Write the fields as JSON."""
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()


def court_csv(data: Mapping[str, Any]) -> bytes:
    """Write the main claims as CSV, one line each: UTF-8 with byte order mark, semicolons."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    writer.writerow(CLAIM_COLUMNS)
    writer.writerows([excel_safe(str(one[name])) for name in CLAIM_COLUMNS] for one in data["main_claims"])
    return b"\xef\xbb\xbf" + table.getvalue().encode()


def _mistakes(notice: Notice, letterhead: Letterhead, facts: CourtFacts) -> Iterator[str]:
    debtor = notice.debtor
    if notice.total.currency != "EUR":
        yield f"the court dunning procedure knows only euros, not {notice.total.currency} (§ 688 (1) ZPO)"
    if notice.interest_provisional and interest_sum(notice):
        yield "the interest uses a base rate that is not published yet; what is provisional never goes to court"
    if not facts.performance_done:
        yield "the counter-performance is outstanding; no application is possible (§ 688 (2) no. 2 ZPO)"
    if not (debtor.name and debtor.street and debtor.postcode and debtor.city):
        yield "the respondent lacks a full postal address; it cannot be served by public notice (§ 688 (2) no. 3 ZPO)"
    if letterhead.country == "DE" and facts.land not in COURTS:
        yield f"{facts.land!r} is no Land of an applicant; write one of {', '.join(COURTS)}"
    if not (letterhead.street and letterhead.city):
        yield "the applicant lacks an address; add it under [company.letterhead]"
    for item in notice.items:
        first = facts.interest_from.get(item.document_number)
        if first is None:
            yield f"{item.document_number}: nobody knows the first day of default; interest needs one"
        elif first <= item.document_date:
            yield f"{item.document_number}: default since {first} is not after the invoice of {item.document_date}"
        if item.open.minor <= 0:
            yield f"{item.document_number}: nothing is open"


def _claim(item: NoticeItem, facts: CourtFacts, currency: str) -> dict[str, Any]:
    return {
        "catalogue_number": facts.catalogue_number,
        "document_kind": "Rechnung",
        "document_number": item.document_number,
        "document_date": item.document_date.isoformat(),
        "amount": _amount(item.open.minor, currency),
        "interest_points_above_base_rate": f"{facts.interest_points:f}".replace(".", ","),
        "interest_from": facts.interest_from[item.document_number].isoformat(),
        "interest_until": "",  # empty: until it is paid
    }


def _side_claims(notice: Notice, facts: CourtFacts) -> Iterator[dict[str, Any]]:
    currency = notice.total.currency
    costs = sum(item.fee.minor for item in notice.items if item.fee)
    if costs:
        yield {"kind": "Mahnkosten", "amount": _amount(costs, currency)}
    if facts.lump_sum_minor:
        yield {"kind": "Verzugspauschale § 288 Abs. 5 BGB", "amount": _amount(facts.lump_sum_minor, currency)}


def _amount(minor: int, currency: str) -> str:
    digits = minor_digits(currency)
    whole = f"{minor:0{digits + 1}d}"
    return f"{whole[:-digits]},{whole[-digits:]}" if digits else whole
