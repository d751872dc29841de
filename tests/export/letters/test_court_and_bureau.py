"""What goes to court or agency is complete and certain; the list for a credit bureau says what is not known."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl
import pypdf
import pytest

from dunning.credit_bureau import BureauFacts, WrittenReminder, checklist
from dunning.receipt import Proof
from export.agency import CaseFacts, ClaimFacts, CostFact, LetterFact, case_of, missing_for_handover
from export.agency_tables import CLAIM_COLUMNS, claims_csv, workbook
from export.bureau import COLUMNS, CONDITIONS, BureauLine, bureau_csv, bureau_json
from export.court import (
    ComputedInterest,
    CounterPerformance,
    CourtClaim,
    CourtStatement,
    CreditContract,
    SideClaim,
    court_csv,
    court_data,
    court_json,
)
from export.dossier import dossier
from ledger.debtor import Debtor, DebtorType
from ledger.errors import Refused
from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable

    from dunning.notice import Notice
    from export.letterhead import Letterhead

_DAY = date(2026, 3, 2)
_CLAIM = CourtClaim(
    document_number="RE-2026-0042",
    document_date=date(2026, 1, 7),
    open=Money(119_000, "EUR"),
    interest_points=Decimal(9),
    interest_from=date(2026, 2, 22),
    default_since=date(2026, 2, 22),
    default_basis="reminder (§ 286 Abs. 1 Satz 1 BGB)",
)
_STATED = CourtStatement(
    land="BY",
    catalogue_number=43,
    counter_performance=CounterPerformance.RENDERED,
    representatives=("Gesellschafterin Änne Süß",),
    side_claims=(SideClaim(kind="Mahnkosten", amount=Money(500, "EUR")),),
)


def applied(
    letterhead: Letterhead,
    debtor: Debtor,
    *claims: CourtClaim,
    stated: CourtStatement = _STATED,
    objections: tuple[str, ...] = (),
) -> dict[str, Any]:
    return court_data(
        claims or (_CLAIM,),
        debtor,
        letterhead,
        stated,
        case_id="G-1",
        day=_DAY,
        court_fee=Money(3_800, "EUR"),
        objections=objections,
    )


def refusal(letterhead: Letterhead, debtor: Debtor, *claims: CourtClaim, **more: Any) -> str:
    with pytest.raises(Refused) as refused:
        applied(letterhead, debtor, *claims, **more)
    return str(refused.value)


def test_each_invoice_is_a_main_claim_of_its_own_and_costs_stand_apart(
    letterhead: Letterhead, business: Debtor
) -> None:
    second = replace(_CLAIM, document_number="RE-2026-0043", open=Money(119_001, "EUR"))
    data = applied(letterhead, business, _CLAIM, second)
    assert data["court"] == "Amtsgericht Coburg"
    assert [(one["document_number"], one["amount"]) for one in data["main_claims"]] == [
        ("RE-2026-0042", "1190,00"),
        ("RE-2026-0043", "1190,01"),
    ]
    assert {one["interest_points_above_base_rate"] for one in data["main_claims"]} == {"9"}
    assert data["side_claims"] == [{"kind": "Mahnkosten", "amount": "5,00"}]
    assert data["totals"] == {
        "principal": "2380,01",
        "computed_interest": "0,00",
        "side_claims": "5,00",
        "currency": "EUR",
    }
    assert data["court_fee_to_expect"]["amount"] == "38,00"
    assert data["respondent"]["represented_by"] == ["Gesellschafterin Änne Süß"]
    assert court_csv(data).decode("utf-8-sig").count("\r\n") == 3
    assert b"Coburg" in court_json(data)


def test_interest_before_a_part_payment_is_an_amount_and_runs_on_the_rest_from_the_next_day(
    letterhead: Letterhead, business: Debtor
) -> None:
    computed = ComputedInterest(
        first_day=date(2026, 2, 1), last_day=date(2026, 2, 21), amount=Money(702, "EUR"), provisional=False
    )
    (claim,) = applied(letterhead, business, replace(_CLAIM, computed=computed))["main_claims"]
    assert (claim["computed_interest"], claim["computed_from"], claim["computed_until"]) == (
        "7,02",
        "2026-02-01",
        "2026-02-21",
    )
    assert claim["interest_from"] == "2026-02-22"


@pytest.mark.parametrize(("minor", "court"), [(1_000_000, "Amtsgericht"), (1_000_001, "Landgericht")])
def test_above_ten_thousand_euros_the_regional_court_decides(
    minor: int, court: str, letterhead: Letterhead, business: Debtor
) -> None:
    claim = replace(_CLAIM, open=Money(minor, "EUR"))
    assert applied(letterhead, business, claim)["trial_court"] == court


@pytest.mark.parametrize(
    ("land", "named", "court"),
    [
        ("BB", "", "Amtsgericht Wedding"),
        ("TH", "", "Amtsgericht Aschersleben, Zweigstelle Staßfurt"),
        ("NW", "Hagen", "Amtsgericht Hagen"),
        ("NW", "euskirchen", "Amtsgericht Euskirchen"),
    ],
)
def test_the_land_of_the_applicant_says_which_court(
    land: str, named: str, court: str, letterhead: Letterhead, business: Debtor
) -> None:
    assert applied(letterhead, business, stated=replace(_STATED, land=land, court=named))["court"] == court


_PROVISIONAL = ComputedInterest(
    first_day=date(2026, 2, 1), last_day=date(2026, 2, 21), amount=Money(702, "EUR"), provisional=True
)


@pytest.mark.parametrize(
    ("claim", "stated", "says"),
    [
        ({"computed": _PROVISIONAL}, {}, "what is provisional never goes to court"),
        ({"computed": replace(_PROVISIONAL, amount=Money(-1, "EUR"))}, {}, "more interest was paid"),
        ({"default_since": None, "interest_from": None}, {}, "first day of default"),
        ({"default_since": date(2026, 1, 1)}, {}, "is not after the invoice"),
        ({"default_since": date(2026, 3, 3)}, {}, "in default only from 2026-03-03"),
        ({"open": Money(0, "EUR")}, {}, "nothing is open"),
        ({"open": Money(100, "CHF")}, {}, "knows only euros"),
        ({}, {"counter_performance": None}, "§§ 688 (2) no. 2"),
        ({}, {"catalogue_number": None}, "--catalogue"),
        ({}, {"catalogue_number": 19}, "--catalogue"),
        ({}, {"land": "XX"}, "no Land"),
        ({}, {"land": ""}, "set state of the company"),
        ({}, {"land": "NW"}, "Hagen or Amtsgericht Euskirchen"),
        ({}, {"land": "NW", "court": "Köln"}, "Hagen or Amtsgericht Euskirchen"),
        ({}, {"representatives": ()}, "--represented-by"),
        ({}, {"is_person": True}, "contradict each other"),
        ({}, {"is_consumer_credit": True}, "--effective-rate"),
        ({}, {"side_claims": (SideClaim(kind="x", amount=Money(0, "EUR")),)}, "side claim x"),
    ],
)
def test_what_cannot_be_claimed_is_refused(
    claim: dict[str, Any], stated: dict[str, Any], says: str, letterhead: Letterhead, business: Debtor
) -> None:
    assert says in refusal(letterhead, business, replace(_CLAIM, **claim), stated=replace(_STATED, **stated))


@pytest.mark.parametrize(
    ("debtor", "says"),
    [
        ({"street": ""}, "full postal address"),
        ({"street": "Postfach 12 34"}, "post-office box"),
        ({"country": "AT"}, "abroad (AT)"),
    ],
)
def test_who_cannot_be_served_cannot_be_sued_this_way(
    debtor: dict[str, Any], says: str, letterhead: Letterhead, business: Debtor
) -> None:
    assert says in refusal(letterhead, replace(business, **debtor))


@pytest.mark.parametrize(
    ("name", "kind", "stated", "says"),
    [
        ("Huber", DebtorType.CONSUMER, {"is_consumer_credit": False}, "no first and last name"),
        ("Eva Huber", DebtorType.CONSUMER, {}, "say --no-consumer-credit"),
        ("Blumen Huber", DebtorType.BUSINESS, {}, "is 'Blumen Huber' a person?"),
        ("Eva Huber", DebtorType.BUSINESS, {"is_person": False}, "nobody represents"),
    ],
)
def test_of_a_respondent_the_form_must_know_who_it_is(
    name: str, kind: DebtorType, stated: dict[str, Any], says: str, letterhead: Letterhead, business: Debtor
) -> None:
    statement = replace(_STATED, representatives=(), **stated)
    assert says in refusal(letterhead, replace(business, name=name, type=kind), stated=statement)


def test_a_consumer_with_a_full_name_and_a_statement_about_credit_is_enough(
    letterhead: Letterhead, business: Debtor
) -> None:
    consumer = replace(business, name="Eva Huber", type=DebtorType.CONSUMER)
    credit = CreditContract(contract_on=date(2025, 1, 2), effective_rate=Decimal("7.9"))
    stated = replace(_STATED, representatives=(), is_consumer_credit=True, credit=credit)
    data = applied(letterhead, consumer, stated=stated)
    assert data["respondent"]["is_person"]
    assert data["consumer_credit"] == {"contract_on": "2025-01-02", "effective_rate": "7,9"}


def test_all_reasons_are_told_in_one_message(letterhead: Letterhead, business: Debtor) -> None:
    told = refusal(
        replace(letterhead, street=""),
        replace(business, street="", country="FR"),
        stated=CourtStatement(land=""),
        objections=("RE-2026-0042 is disputed.",),
    )
    assert len(told.splitlines()) == 8
    assert told.splitlines()[0] == "RE-2026-0042 is disputed."


@pytest.mark.parametrize("country", ["AT", "CH"])
def test_an_applicant_of_another_country_is_sent_to_its_own_courts(
    country: str, letterhead: Letterhead, business: Debtor
) -> None:
    assert "your own courts" in refusal(replace(letterhead, country=country), business)


def test_the_list_says_of_every_condition_whether_it_is_met_and_on_what_evidence() -> None:
    reminder = WrittenReminder(received_on=date(2026, 2, 1), proof=Proof.CONFIRMED, title="1. Mahnung of 2026-01-28")
    facts = BureauFacts(
        due_date=date(2026, 1, 15), reminders=(reminder,), disputed=True, disputed_on=date(2026, 2, 9)
    )
    line = BureauLine(
        debtor_number="10023",
        debtor_name="=Huber",
        document_number="RE-1",
        still_open=Money(10_050, "EUR"),
        day=_DAY,
        conditions=checklist(facts, _DAY),
    )
    (told,) = bureau_json([line])
    assert [one["name"] for one in told["conditions"]] == list(CONDITIONS)
    assert not told["ready"]
    rows = bureau_csv([line]).decode("utf-8-sig").splitlines()
    assert rows[0].split(";") == list(COLUMNS)
    assert "100,50;EUR;no;not_met;met since 2026-03-02;not_met;not_met since 2026-02-09" in rows[1]
    assert "1. Mahnung of 2026-01-28, received 2026-02-01 (confirmed)" in rows[1]
    assert "'=Huber" in rows[1]


def test_the_case_is_told_as_json_table_workbook_and_dossier(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    notice = notice_of("final_notice", items=2, interest=150)
    more = CaseFacts(
        claims={"RE-2026-0042": ClaimFacts(contract_subject="Pflanzen", contract_date=date(2025, 12, 1))},
        deducts_input_vat=True,
        letters=(
            LetterFact(
                on=date(2026, 2, 2),
                stage="first_dunning",
                title="1. Mahnung",
                number="M-2026-00007",
                channel="email",
                deadline=date(2026, 2, 12),
                received_on=date(2026, 2, 3),
                proof="smtp_accepted",
            ),
        ),
        costs=(
            CostFact(
                on=date(2026, 2, 2), amount=Money(250, "EUR"), document_number="RE-2026-0042", what="1. Mahnung"
            ),
        ),
        settled_disputes=("nass (02.02.2026, erledigt 09.02.2026)",),
    )
    case = case_of(notice, letterhead, case_id="agency-1", created_on=_DAY, more=more)
    assert case["unknown_for_first_letter"] == [
        "contract subject of RE-2026-0043 (no. 2)",
        "contract date of RE-2026-0043 (no. 2)",
    ]
    lines = claims_csv(case).decode("utf-8-sig").splitlines()
    assert lines[0].split(";") == list(CLAIM_COLUMNS)
    assert len(lines) == 3
    book = openpyxl.load_workbook(io.BytesIO(workbook(case)))
    assert book.sheetnames == ["Claims", "Interest", "Costs", "Letters", "Unknown"]
    assert [cell.value for cell in book["Costs"][2]] == ["2026-02-02", "2,50", "RE-2026-0042", "1. Mahnung"]
    pages = pypdf.PdfReader(io.BytesIO(dossier(case))).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert all(word in text for word in ("Café Süßmund OHG", "RE-2026-0043", "1.190,01", "Pflanzen", "10,27 %"))
    for told in (
        "M-2026-00007",
        "vom Mailserver",
        "Frühere, erledigte Einwände: nass",
        "Datum des Vertrags zu RE-2026-0043",
    ):
        assert told in text


def test_a_disputed_case_is_not_ready_for_an_agency(notice_of: Callable[..., Notice]) -> None:
    assert "no_dispute" in missing_for_handover(notice_of("final_notice"), CaseFacts(disputes=("nass",)))
