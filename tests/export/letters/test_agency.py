"""The hand-over to a collection agency: complete, added up, and silent about what we do not know."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from export.agency import handover, missing_for_handover
from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable

    from dunning.notice import EarlierNotice, Notice
    from export.letterhead import Letterhead


def _case(notice: Notice, letterhead: Letterhead) -> dict[str, Any]:
    raw = handover(notice, letterhead, case_id="muster-10023-2026-03-02", created_on=date(2026, 3, 2))
    case: dict[str, Any] = json.loads(raw)
    return case


def test_the_case_names_both_parties_every_claim_and_the_history(
    notice_of: Callable[..., Notice], letterhead: Letterhead, earlier: tuple[EarlierNotice, ...]
) -> None:
    case = _case(notice_of("second_dunning", items=2, interest=150, fee=250, earlier=earlier), letterhead)
    assert case["schema_version"] == "1.2"
    assert case["case"] == {"id": "muster-10023-2026-03-02", "created_on": "2026-03-02", "kind": "collection"}
    assert case["creditor"]["register_number"] == "HRB 4711"
    assert case["debtor"]["kind"] == "business"
    assert [claim["document_number"] for claim in case["claims"]] == ["RE-2026-0042", "RE-2026-0043"]
    assert case["claims"][0]["open_principal_minor"] == 119000
    assert case["claims"][0]["interest_segments"] == [
        {
            "first_day": "2026-01-22",
            "last_day": "2026-03-02",
            "days": 40,
            "principal_minor": 119000,
            "rate_percent": "10.27",
            "basis_days": 365,
        }
    ]
    assert case["history"][1] == {"date": "2026-02-09", "stage": "first_dunning", "title": "1. Mahnung"}
    assert case["dispute"] == {"disputed": False, "statement": "none"}
    assert case["interest"] == {"until": "2026-03-02", "daily_minor": 33, "provisional": False}


def test_the_sums_are_the_sums_of_the_claims(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    case = _case(notice_of("second_dunning", items=3, interest=150, fee=250), letterhead)
    totals = case["totals"]
    assert totals["open_principal_minor"] == sum(claim["open_principal_minor"] for claim in case["claims"])
    assert totals["interest_minor"] == sum(claim["interest_minor"] for claim in case["claims"])
    assert totals["cost_minor"] == sum(claim["cost_minor"] for claim in case["claims"])
    assert totals["total_minor"] == sum(totals[part] for part in totals if part != "total_minor")


def test_wrong_sums_are_never_handed_over(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    with pytest.raises(AssertionError, match="total"):
        _case(notice_of(total=Money(1, "EUR")), letterhead)


def test_what_is_not_known_is_absent(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    notice = notice_of()
    bare = replace(notice, debtor=replace(notice.debtor, street="", email=""))
    case = _case(bare, replace(letterhead, vat_id=""))
    assert "street" not in case["debtor"]["address"]
    assert "email" not in case["debtor"]
    assert "vat_id" not in case["creditor"]
    assert "payments" not in case
    assert "cost_minor" not in case["claims"][0]


def test_the_same_case_gives_the_same_bytes(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    first, again = (handover(notice_of(), letterhead, case_id="1", created_on=date(2026, 3, 2)) for _ in range(2))
    assert first == again
    assert "Süßmund".encode() in first


def test_a_case_needs_an_address_earlier_letters_and_a_final_rate(
    notice_of: Callable[..., Notice], earlier: tuple[EarlierNotice, ...]
) -> None:
    assert missing_for_handover(notice_of(earlier=earlier)) == ()
    notice = notice_of(interest=150, interest_provisional=True)
    lost = replace(notice, debtor=replace(notice.debtor, city="", email="", phone=""))
    assert missing_for_handover(lost) == ("address", "earlier_notices", "final_base_rate")
