"""What goes to court or agency is complete and certain; a dispute closes the way to a credit bureau for good."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl
import pypdf
import pytest

from export.agency import CaseFacts, ClaimFacts, case_of, missing_for_handover
from export.agency_tables import CLAIM_COLUMNS, claims_csv, workbook
from export.bureau import COLUMNS, BureauFacts, WrittenReminder, bureau_check, bureau_csv
from export.court import CourtFacts, court_csv, court_data, court_json
from export.dossier import dossier
from ledger.errors import Refused
from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable

    from dunning.notice import Notice
    from export.letterhead import Letterhead

_DAY = date(2026, 3, 2)


def facts(notice: Notice, **more: Any) -> CourtFacts:
    known = CourtFacts(
        land="BY",
        catalogue_number=43,
        interest_points=Decimal(9),
        interest_from={item.document_number: date(2026, 2, 22) for item in notice.items},
        performance_done=True,
        lump_sum_minor=4_000,
    )
    return replace(known, **more)


def test_each_invoice_is_a_main_claim_of_its_own_and_costs_stand_apart(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    notice = notice_of("final_notice", items=2, interest=150, fee=250)
    data = court_data(notice, letterhead, facts(notice), case_id="G-1")
    assert data["court"] == "Amtsgericht Coburg"
    assert [(one["document_number"], one["amount"]) for one in data["main_claims"]] == [
        ("RE-2026-0042", "1190,00"),
        ("RE-2026-0043", "1190,01"),
    ]
    assert {one["interest_points_above_base_rate"] for one in data["main_claims"]} == {"9"}
    assert [(one["kind"], one["amount"]) for one in data["side_claims"]] == [
        ("Mahnkosten", "5,00"),
        ("Verzugspauschale § 288 Abs. 5 BGB", "40,00"),
    ]
    assert data["trial_court"] == "Amtsgericht"
    assert court_csv(data).decode("utf-8-sig").count("\r\n") == 3
    assert b"Coburg" in court_json(data)


def test_above_ten_thousand_euros_the_regional_court_decides(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    notice = notice_of("final_notice", items=9)
    assert court_data(notice, letterhead, facts(notice), case_id="G-1")["trial_court"] == "Landgericht"


@pytest.mark.parametrize(
    ("change", "more", "says"),
    [
        ({"interest_provisional": True}, {}, "provisional never goes to court"),
        ({}, {"performance_done": False}, "§ 688 (2) no. 2 ZPO"),
        ({}, {"land": "XX"}, "no Land"),
        ({}, {"interest_from": {}}, "first day of default"),
        ({}, {"interest_from": {"RE-2026-0042": date(2026, 1, 1)}}, "is not after the invoice"),
    ],
)
def test_what_cannot_be_claimed_is_refused(
    change: dict[str, Any],
    more: dict[str, Any],
    says: str,
    notice_of: Callable[..., Notice],
    letterhead: Letterhead,
) -> None:
    notice = notice_of("final_notice", interest=150, **change)
    with pytest.raises(Refused) as refused:
        court_data(notice, letterhead, facts(notice, **more), case_id="G-1")
    assert says in str(refused.value)


def test_who_cannot_be_served_cannot_be_sued_this_way(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    notice = notice_of("final_notice")
    notice = replace(notice, debtor=replace(notice.debtor, street=""))
    with pytest.raises(Refused, match="postal address"):
        court_data(notice, letterhead, facts(notice), case_id="G-1")


_REMINDERS = (
    WrittenReminder(sent_on=date(2026, 2, 1), names_bureau=True),
    WrittenReminder(sent_on=date(2026, 2, 15), names_bureau=False),
)
_CLAIM = BureauFacts(
    debtor_number="10023",
    document_number="RE-1",
    due_date=date(2026, 1, 15),
    still_open=Money(100_00, "EUR"),
    reminders=_REMINDERS,
    ever_disputed=False,
    came_back=False,
)


@pytest.mark.parametrize(
    ("claim", "today", "why_not"),
    [
        (_CLAIM, date(2026, 3, 1), ""),
        (_CLAIM, date(2026, 2, 28), "not four weeks old"),
        (replace(_CLAIM, ever_disputed=True), date(2026, 3, 1), "was disputed"),
        (replace(_CLAIM, reminders=_REMINDERS[:1]), date(2026, 3, 1), "fewer than two"),
        (replace(_CLAIM, due_date=date(2026, 2, 1)), date(2026, 3, 30), "fewer than two"),
        (replace(_CLAIM, reminders=_REMINDERS[1:] * 2), date(2026, 3, 30), "was not told"),
        (replace(_CLAIM, came_back=True), date(2026, 3, 1), "came back"),
        (replace(_CLAIM, still_open=Money(0, "EUR")), date(2026, 3, 1), "nothing is open"),
    ],
)
def test_a_claim_is_ready_only_when_every_condition_holds(claim: BureauFacts, today: date, why_not: str) -> None:
    check = bureau_check(claim, today)
    assert check.ready is (not why_not)
    assert why_not in "; ".join(check.why_not)


def test_the_list_says_yes_no_and_why() -> None:
    lines = bureau_csv([bureau_check(replace(_CLAIM, ever_disputed=True), _DAY)]).decode("utf-8-sig").splitlines()
    assert lines[0].split(";") == list(COLUMNS)
    assert ";no;" in lines[1]


def test_the_case_is_told_as_json_table_workbook_and_dossier(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    notice = notice_of("final_notice", items=2, interest=150)
    more = CaseFacts(
        claims={"RE-2026-0042": ClaimFacts(contract_subject="Pflanzen", contract_date=date(2025, 12, 1))},
        deducts_input_vat=True,
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
    assert book.sheetnames == ["Claims", "Interest", "Unknown"]
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(dossier(case))).pages)
    assert all(word in text for word in ("Café Süßmund OHG", "RE-2026-0043", "1.190,01", "Pflanzen", "10,27 %"))


def test_a_disputed_case_is_not_ready_for_an_agency(notice_of: Callable[..., Notice]) -> None:
    assert "no_dispute" in missing_for_handover(notice_of("final_notice"), CaseFacts(disputes=("nass",)))
