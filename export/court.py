"""Court data (Mahnantrag, § 690 ZPO): what the online form asks for, one main claim per invoice."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from export.letterhead import LegalForm, legal_form
from export.tables.excel_safe import excel_safe
from ledger.debtor import DebtorType
from ledger.errors import Refused
from ledger.money import Money, minor_digits, total

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from export.letterhead import Letterhead
    from ledger.debtor import Debtor

SCHEMA_VERSION: Final = "2.0"

_WEDDING: Final = "Amtsgericht Wedding"
_HAMBURG: Final = "Amtsgericht Hamburg-Altona"
_MAYEN: Final = "Amtsgericht Mayen"
_STASSFURT: Final = "Amtsgericht Aschersleben, Zweigstelle Staßfurt"

# The central dunning court by the applicant's Land (§ 689 (2), (3) ZPO). North Rhine-Westphalia has two: Hagen for
# the higher courts of Hamm and Düsseldorf, Euskirchen for that of Cologne.
COURTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "BW": ("Amtsgericht Stuttgart",),
        "BY": ("Amtsgericht Coburg",),
        "BE": (_WEDDING,),
        "BB": (_WEDDING,),
        "HB": ("Amtsgericht Bremen",),
        "HH": (_HAMBURG,),
        "MV": (_HAMBURG,),
        "HE": ("Amtsgericht Hünfeld",),
        "NI": ("Amtsgericht Uelzen",),
        "NW": ("Amtsgericht Hagen", "Amtsgericht Euskirchen"),
        "RP": (_MAYEN,),
        "SL": (_MAYEN,),
        "SN": (_STASSFURT,),
        "ST": (_STASSFURT,),
        "TH": (_STASSFURT,),
        "SH": ("Amtsgericht Schleswig",),
    }
)

# The catalogue of main claims (Hauptforderungskatalog) as far as it needs no more than an invoice.
CATALOGUE: Final[Mapping[int, str]] = MappingProxyType(
    {
        5: "Dienstleistungsvertrag",
        7: "Geschäftsbesorgung durch Selbständige",
        8: "Handwerkerleistung",
        11: "Kaufvertrag",
        43: "Warenlieferung",
        44: "Werkvertrag, Werklieferungsvertrag",
    }
)

# Up to this value the local court decides after an objection (§ 23 no. 1 GVG since 1 January 2026).
_LOCAL_COURT_UP_TO: Final = Money(1_000_000, "EUR")

CLAIM_COLUMNS: Final = (
    "catalogue_number",
    "document_kind",
    "document_number",
    "document_date",
    "amount",
    "interest_points_above_base_rate",
    "interest_from",
    "interest_until",
    "computed_interest",
    "computed_from",
    "computed_until",
)


class CounterPerformance(StrEnum):
    """What § 690 (1) no. 4 ZPO wants to be declared."""

    RENDERED = "rendered"  # the counter-performance was rendered
    NOT_OWED = "not_owed"  # the claim depends on none


@dataclass(frozen=True, slots=True, kw_only=True)
class SideClaim:
    """A cost that is claimed beside the principal (Nebenforderung), each of its own."""

    kind: str  # Mahnkosten, Bankrücklastkosten, Auskünfte …
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditContract:
    """What a claim from consumer credit must state (§ 690 (1) no. 3 ZPO)."""

    contract_on: date
    effective_rate: Decimal  # effektiver Jahreszins, in percent


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtStatement:
    """What only the creditor knows, and the form insists on; None and empty: nobody has said it."""

    land: str  # of the applicant's seat: BY
    court: str = ""  # where a Land has two: Hagen or Euskirchen
    catalogue_number: int | None = None
    counter_performance: CounterPerformance | None = None
    is_person: bool | None = None  # whether the respondent is a natural person, or does business under its own name
    representatives: tuple[str, ...] = ()  # of any other respondent: "Geschäftsführer Max Huber"
    is_consumer_credit: bool | None = None  # §§ 491 to 508 BGB; asked for where the debtor is not surely a business
    credit: CreditContract | None = None
    to_trial_court: bool = False  # go on before the trial court when the debtor objects
    side_claims: tuple[SideClaim, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputedInterest:
    """Interest as an amount (ausgerechnete Zinsen): for days on which more was open, less what was paid on it."""

    first_day: date
    last_day: date
    amount: Money
    provisional: bool  # a base rate was needed that is not published


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtClaim:
    """One invoice as a main claim."""

    document_number: str
    document_date: date
    open: Money
    interest_points: Decimal  # above the base rate, a year: 9 between businesses, else 5 (§ 288 BGB)
    interest_from: date | None  # first day of the running interest; None: nobody knows a first day of default
    default_since: date | None
    default_basis: str  # with its paragraph
    computed: ComputedInterest | None = None


def court_data(
    claims: Sequence[CourtClaim],
    debtor: Debtor,
    letterhead: Letterhead,
    statement: CourtStatement,
    *,
    case_id: str,
    day: date,
    court_fee: Money,
    objections: Sequence[str] = (),
) -> dict[str, Any]:
    """Give the fields of the form; raise Refused with every reason, and ``objections``, why there is no application.

    Each invoice is a main claim of its own, so that the debtor recognises it: a lump "balance" would not suspend
    limitation (§ 690 (1) no. 3 ZPO, § 204 (1) no. 3 BGB). Interest is asked for as points above the base rate from a
    day on, so no rate has to be known; what was computed with an unpublished rate never goes to court. ``court_fee``
    is told for the creditor's own calculation: the court computes its costs itself.
    """
    if mistakes := [*objections, *_mistakes(claims, debtor, letterhead, statement, day)]:
        raise Refused("\n".join(dict.fromkeys(mistakes)))
    principal = total((claim.open for claim in claims), "EUR")
    computed = total((claim.computed.amount for claim in claims if claim.computed), "EUR")
    side = total((one.amount for one in statement.side_claims), "EUR")
    return {
        "schema": "kontorist.court",
        "schema_version": SCHEMA_VERSION,
        "case": case_id,
        "as_of": day.isoformat(),
        "court": _court(statement),
        "applicant": _applicant(letterhead),
        "respondent": _respondent(debtor, statement),
        "main_claims": [_claim(claim, statement) for claim in claims],
        "side_claims": [{"kind": one.kind, "amount": _amount(one.amount)} for one in statement.side_claims],
        "consumer_credit": _credit(statement.credit),
        "counter_performance": statement.counter_performance,
        "trial_court": "Amtsgericht" if principal <= _LOCAL_COURT_UP_TO else "Landgericht",
        "trial_court_place": f"{debtor.postcode} {debtor.city}",
        "to_trial_court_on_objection": statement.to_trial_court,
        "totals": {
            "principal": _amount(principal),
            "computed_interest": _amount(computed),
            "side_claims": _amount(side),
            "currency": "EUR",
        },
        "court_fee_to_expect": {"amount": _amount(court_fee), "law": "KV GKG Nr. 1100, § 34 GKG"},
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


def _mistakes(
    claims: Sequence[CourtClaim], debtor: Debtor, letterhead: Letterhead, statement: CourtStatement, day: date
) -> Iterator[str]:
    if not claims:
        yield "there is no open invoice to apply for"
    yield from _about_applicant(letterhead, statement)
    yield from _about_respondent(debtor, statement)
    yield from _about_statement(debtor, statement)
    for claim in claims:
        yield from _about_claim(claim, day)
    for one in statement.side_claims:
        if one.amount.minor <= 0 or one.amount.currency != "EUR":
            yield f"side claim {one.kind}: {one.amount} is no cost in euros"


def _about_applicant(letterhead: Letterhead, statement: CourtStatement) -> Iterator[str]:
    if letterhead.country != "DE":
        yield (
            f"the applicant is in {letterhead.country}: this is the German procedure with German interest; use your "
            "own courts (Mahnklage, Betreibung), or the European order for payment (Regulation 1896/2006)"
        )
    elif statement.land not in COURTS:
        yield f"{statement.land or 'nothing'!r} is no Land of the applicant; set state of the company, or --land"
    elif not _court(statement):
        yield f"{statement.land} has two courts; say which with --court: {' or '.join(COURTS[statement.land])}"
    if not (letterhead.street and letterhead.postcode and letterhead.city):
        yield "the applicant lacks an address; add it under [company.letterhead]"
    form = legal_form(letterhead.name)
    if form not in {LegalForm.OTHER, LegalForm.MERCHANT} and not letterhead.managing_directors:
        yield "the applicant's legal representatives are missing; add managing_directors under [company.letterhead]"
    if form is LegalForm.GMBH_AND_CO and not letterhead.general_partner:
        yield "the applicant's general partner is missing; add general_partner under [company.letterhead]"


def _about_respondent(debtor: Debtor, statement: CourtStatement) -> Iterator[str]:
    if not (debtor.name and debtor.street and debtor.postcode and debtor.city):
        yield "the respondent lacks a full postal address; nobody is served by public notice (§ 688 (2) no. 3 ZPO)"
    elif "postfach" in debtor.street.casefold():
        yield "the respondent's address is a post-office box, where nothing can be served; find the street"
    if debtor.country != "DE":
        yield (
            f"the debtor is abroad ({debtor.country}): another court decides and other forms apply (§§ 688 (3), 703d "
            "ZPO, § 32 AVAG); ask a lawyer, or use the European order for payment (Regulation 1896/2006)"
        )
    if statement.representatives:
        if statement.is_person:
            yield "--person and --represented-by contradict each other; a person represents itself"
        return
    if _is_person(debtor, statement):
        if len(debtor.name.split()) < 2:
            yield f"{debtor.name!r} is no first and last name; a person is named with both (§ 690 (1) no. 1 ZPO)"
    elif statement.is_person is None and legal_form(debtor.name) in {LegalForm.OTHER, LegalForm.MERCHANT}:
        yield f"is {debtor.name!r} a person? Say so with --person, or name who represents it with --represented-by"
    else:
        yield (
            f"nobody represents {debtor.name!r}; name function and person with --represented-by, of a GmbH & Co. KG "
            "the general partner first (§ 690 (1) no. 1 ZPO)"
        )


def _about_statement(debtor: Debtor, statement: CourtStatement) -> Iterator[str]:
    if statement.counter_performance is None:
        yield (
            "nobody has declared that the counter-performance was rendered; say --performed, or "
            "--no-performance-owed (§§ 688 (2) no. 2, 690 (1) no. 4 ZPO)"
        )
    if statement.catalogue_number not in CATALOGUE:
        known = ", ".join(f"{number} {name}" for number, name in CATALOGUE.items())
        yield f"the catalogue number is missing, or one that needs statements of its own; say --catalogue: {known}"
    if debtor.type is not DebtorType.BUSINESS and statement.is_consumer_credit is None:
        yield (
            "the debtor is not surely a business: say --no-consumer-credit, or --consumer-credit with the day of the "
            "contract and its effective rate (§ 690 (1) no. 3 ZPO)"
        )
    if statement.is_consumer_credit and statement.credit is None:
        yield "a claim from consumer credit needs --contract-on and --effective-rate (§ 690 (1) no. 3 ZPO)"


def _about_claim(claim: CourtClaim, day: date) -> Iterator[str]:
    number = claim.document_number
    if claim.open.currency != "EUR":
        yield f"{number}: the court dunning procedure knows only euros, not {claim.open.currency} (§ 688 (1) ZPO)"
    if claim.open.minor <= 0:
        yield f"{number}: nothing is open"
    if claim.default_since is None or claim.interest_from is None:
        yield f"{number}: nobody knows the first day of default; interest needs one"
    elif claim.default_since <= claim.document_date:
        yield f"{number}: default since {claim.default_since} is not after the invoice of {claim.document_date}"
    elif claim.default_since > day:
        yield f"{number}: in default only from {claim.default_since} on"
    if claim.computed and claim.computed.provisional:
        yield (
            f"{number}: the interest until {claim.computed.last_day} uses a base rate that is not published yet; "
            "what is provisional never goes to court. Add the rate with `base-rates add`"
        )
    if claim.computed and claim.computed.amount.minor < 0:
        yield f"{number}: more interest was paid than has arisen; correct the booking first"


def _court(statement: CourtStatement) -> str:
    """Give the court of the Land; empty where it has two and neither was named."""
    courts = COURTS.get(statement.land, ())
    if len(courts) == 1:
        return courts[0]
    named = [court for court in courts if court.casefold().endswith(statement.court.casefold().strip())]
    return named[0] if statement.court and len(named) == 1 else ""


def _is_person(debtor: Debtor, statement: CourtStatement) -> bool:
    if statement.is_person is not None:
        return statement.is_person
    return debtor.type is DebtorType.CONSUMER


def _applicant(letterhead: Letterhead) -> dict[str, Any]:
    return {
        "name": letterhead.name,
        "street": letterhead.street,
        "postcode": letterhead.postcode,
        "city": letterhead.city,
        # A GmbH & Co. KG is represented by its general partner, and that one by its directors.
        "represented_by": [letterhead.general_partner] if letterhead.general_partner else [],
        "managing_directors": list(letterhead.managing_directors),
        "iban": letterhead.iban,
        "bic": letterhead.bic,
    }


def _respondent(debtor: Debtor, statement: CourtStatement) -> dict[str, Any]:
    return {
        "name": " ".join(debtor.name.split()),
        "is_person": not statement.representatives,
        "represented_by": list(statement.representatives),
        "street": debtor.street,
        "postcode": debtor.postcode,
        "city": debtor.city,
        "country": debtor.country,
        "customer_number": debtor.number,
    }


def _claim(claim: CourtClaim, statement: CourtStatement) -> dict[str, Any]:
    computed = claim.computed
    assert claim.interest_from is not None, claim
    return {
        "catalogue_number": statement.catalogue_number,
        "document_kind": "Rechnung",
        "document_number": claim.document_number,
        "document_date": claim.document_date.isoformat(),
        "amount": _amount(claim.open),
        "interest_points_above_base_rate": f"{claim.interest_points:f}".replace(".", ","),
        "interest_from": claim.interest_from.isoformat(),
        "interest_until": "",  # empty: until it is paid
        "computed_interest": _amount(computed.amount) if computed else "",
        "computed_from": computed.first_day.isoformat() if computed else "",
        "computed_until": computed.last_day.isoformat() if computed else "",
        "default_since": claim.default_since.isoformat() if claim.default_since else "",
        "default_basis": claim.default_basis,
    }


def _credit(credit: CreditContract | None) -> dict[str, str] | None:
    if credit is None:
        return None
    return {
        "contract_on": credit.contract_on.isoformat(),
        "effective_rate": f"{credit.effective_rate:f}".replace(".", ","),
    }


def _amount(money: Money) -> str:
    digits = minor_digits(money.currency)
    whole = f"{money.minor:0{digits + 1}d}"
    return f"{whole[:-digits]},{whole[-digits:]}" if digits else whole
