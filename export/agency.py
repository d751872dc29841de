"""The hand-over file (Inkasso-Übergabe): one debtor's case as canonical JSON, with the facts § 13a RDG asks for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from export.letters.composition import check_sums, cost_sum, interest_sum, open_sum
from ledger.money import minor_digits

if TYPE_CHECKING:
    from datetime import date

    from dunning.notice import InterestSegment, Notice, NoticeItem
    from export.letterhead import Letterhead

SCHEMA_VERSION: Final = "1.0"


def handover(notice: Notice, letterhead: Letterhead, *, case_id: str, created_on: date) -> bytes:
    """Write the case for the agency: creditor, debtor, each claim with its interest, history, dispute statement.

    Amounts are whole minor units (cents) of the case's currency. What we do not know is absent, never empty and never
    guessed: contract dates, payments, evidence of default are for the agency to ask. Sums are checked before anything
    is written (AssertionError); see ``missing_for_handover`` for what should stop a hand-over.
    """
    check_sums(notice)
    case = {
        "schema": "kontorist.handover",
        "schema_version": SCHEMA_VERSION,
        "case": {"id": case_id, "created_on": created_on, "kind": "collection"},
        "currency": notice.total.currency,
        "minor_digits": minor_digits(notice.total.currency),
        "creditor": _creditor(letterhead),
        "debtor": _debtor(notice),
        "claims": [_claim(item) for item in notice.items],
        "totals": _totals(notice),
        "interest": _interest(notice),
        "history": [{"date": n.sent_on, "stage": n.stage, "title": n.title} for n in notice.earlier],
        "dispute": {"disputed": False, "statement": "none"},
        "payments_considered_until": notice.payments_considered_until,
        "privacy": {"legal_basis": "GDPR Art. 6(1)(b), (f)", "note": "only what collecting this claim needs"},
    }
    return (json.dumps(_known(case), ensure_ascii=False, sort_keys=True, indent=2) + "\n").encode()


def missing_for_handover(notice: Notice) -> tuple[str, ...]:
    """Name what a case lacks before an agency may have it: an address, earlier letters, a final rate."""
    debtor = notice.debtor
    checks = (
        ("items", bool(notice.items)),
        ("address", bool((debtor.street and debtor.city) or debtor.email or debtor.phone)),
        ("earlier_notices", bool(notice.earlier)),
        ("final_base_rate", not (notice.interest_provisional and interest_sum(notice))),
        ("positive_total", notice.total.minor > 0),
    )
    return tuple(name for name, fulfilled in checks if not fulfilled)


def _creditor(letterhead: Letterhead) -> dict[str, Any]:
    return {
        "name": letterhead.name,
        "address": {
            "street": letterhead.street,
            "postcode": letterhead.postcode,
            "city": letterhead.city,
            "country": letterhead.country,
        },
        "seat": letterhead.seat,
        "register_court": letterhead.register_court,
        "register_number": letterhead.register_number,
        "represented_by": list(letterhead.managing_directors),
        "vat_id": letterhead.vat_id,
        "iban": letterhead.iban,
        "bic": letterhead.bic,
        "contact": {
            "person": letterhead.contact_person,
            "phone": letterhead.phone,
            "email": letterhead.email,
        },
    }


def _debtor(notice: Notice) -> dict[str, Any]:
    debtor = notice.debtor
    return {
        "number": debtor.number,
        "name": debtor.name,
        "kind": debtor.type,
        "address": {
            "street": debtor.street,
            "postcode": debtor.postcode,
            "city": debtor.city,
            "country": debtor.country,
        },
        "email": debtor.email,
        "phone": debtor.phone,
        "language": debtor.language,
    }


def _claim(item: NoticeItem) -> dict[str, Any]:
    return {
        "document_number": item.document_number,
        "document_date": item.document_date,
        "due_date": item.due_date,
        "days_overdue": item.days_overdue,
        "original_minor": item.original.minor,
        "open_principal_minor": item.open.minor,
        "interest_minor": item.interest.minor,
        "interest_segments": [_segment(segment) for segment in item.interest_segments],
        "cost_minor": item.fee.minor if item.fee else None,
        "stage": item.stage,
    }


def _segment(segment: InterestSegment) -> dict[str, Any]:
    return {
        "first_day": segment.first_day,
        "last_day": segment.last_day,
        "days": segment.days,
        "principal_minor": segment.principal.minor,
        "rate_percent": f"{segment.rate_percent:f}",
        "basis_days": segment.basis_days,
    }


def _totals(notice: Notice) -> dict[str, Any]:
    return {
        "open_principal_minor": open_sum(notice).minor,
        "interest_minor": interest_sum(notice).minor,
        "cost_minor": cost_sum(notice).minor,
        "total_minor": notice.total.minor,
    }


def _interest(notice: Notice) -> dict[str, Any]:
    return {
        "until": notice.run_date,
        "daily_minor": notice.daily_interest.minor if notice.daily_interest else None,
        "provisional": notice.interest_provisional,
    }


def _known(value: Any) -> Any:
    """Drop what we do not know, and write dates as ISO 8601."""
    match value:
        case dict():
            return {name: _known(part) for name, part in value.items() if part not in ("", None, [], {})}
        case list():
            return [_known(part) for part in value]
        case str() | bool() | int():
            return value
        case _:
            return value.isoformat()
