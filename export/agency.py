"""The hand-over file (Inkasso-Übergabe): one debtor's case as canonical JSON, with the facts § 13a RDG asks for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from export.letters.composition import check_sums, cost_sum, interest_sum, lump_sum, open_sum
from ledger.money import minor_digits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from dunning.notice import InterestSegment, Notice, NoticeItem
    from export.letterhead import Letterhead
    from ledger.money import Money

SCHEMA_VERSION: Final = "1.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    """What is known of one claim beyond its amounts; what is not known is None or empty."""

    contract_subject: str = ""  # Vertragsgegenstand
    contract_date: date | None = None
    performed_on: date | None = None  # Leistungsdatum
    order_number: str = ""
    default_since: date | None = None
    default_basis: str = ""
    default_law: str = ""
    interest_law: str = ""  # the paragraph of the rate: § 288 Abs. 2 BGB
    interest_above_law: str = ""  # why more than the law's rate is asked for (§ 13a (1) no. 4 RDG)
    limitation_end: date | None = None
    acknowledged_on: tuple[date, ...] = ()  # what restarted limitation (§ 212 BGB)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFact:
    """Money that was counted towards a claim."""

    on: date
    amount: Money
    document_number: str
    as_what: str  # payment, interest, fee, credit


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidFact:
    """One thing that was said between us: a call, a promise with what became of it, an instalment plan."""

    on: date
    kind: str  # call, promise, plan
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFact:
    """A letter or mail that was really sent, and what proves that it arrived."""

    on: date
    stage: str
    title: str
    number: str  # letter number, under which its bytes are archived
    channel: str  # email, letter
    deadline: date | None
    received_on: date | None  # None: it came back
    proof: str  # as ``dunning.receipt.Proof`` names it; empty: unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class CostFact:
    """A fee that a letter asked for; what is unpaid of it stands in the totals, under its document."""

    on: date
    amount: Money
    document_number: str
    what: str  # the letter's title


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """Everything of a case that is not on its notice."""

    claims: Mapping[str, ClaimFacts] = field(default_factory=dict)  # by document number
    letters: tuple[LetterFact, ...] = ()
    costs: tuple[CostFact, ...] = ()  # of earlier letters
    payments: tuple[PaymentFact, ...] = ()
    said: tuple[SaidFact, ...] = ()
    deducts_input_vat: bool | None = None  # of the creditor; then VAT on agency cost is no damage (§ 13a (1) no. 6)
    settled_disputes: tuple[str, ...] = ()  # of before; the agency must know what was said
    disputes: tuple[str, ...] = ()  # in the debtor's words; a case with any is not handed over


NOTHING_MORE: Final = CaseFacts()


def handover(
    notice: Notice, letterhead: Letterhead, *, case_id: str, created_on: date, more: CaseFacts = NOTHING_MORE
) -> bytes:
    """Write the case for the agency as JSON; see ``case_of``."""
    case = case_of(notice, letterhead, case_id=case_id, created_on=created_on, more=more)
    return (json.dumps(case, ensure_ascii=False, sort_keys=True, indent=2) + "\n").encode()


def case_of(
    notice: Notice, letterhead: Letterhead, *, case_id: str, created_on: date, more: CaseFacts = NOTHING_MORE
) -> dict[str, Any]:
    """Give the case: creditor, debtor, each claim with its interest, payments, history, dispute statement.

    Amounts are whole minor units (cents) of the case's currency. What we do not know is absent, never empty and never
    guessed, and is named under ``unknown_for_first_letter``. Sums are checked before anything is given
    (AssertionError); see ``missing_for_handover`` for what should stop a hand-over.
    """
    check_sums(notice)
    case = {
        "schema": "kontorist.handover",
        "schema_version": SCHEMA_VERSION,
        "case": {"id": case_id, "created_on": created_on, "kind": "collection"},
        "currency": notice.total.currency,
        "minor_digits": minor_digits(notice.total.currency),
        "creditor": {**_creditor(letterhead), "deducts_input_vat": more.deducts_input_vat},
        "debtor": _debtor(notice),
        "claims": [_claim(item, more.claims.get(item.document_number, ClaimFacts())) for item in notice.items],
        "totals": _totals(notice),
        "interest": _interest(notice),
        "history": _history(notice, more),
        "earlier_costs": [
            {
                "date": one.on,
                "amount_minor": one.amount.minor,
                "document_number": one.document_number,
                "kind": one.what,
            }
            for one in more.costs
        ],
        "said": [{"date": one.on, "kind": one.kind, "text": one.text} for one in more.said],
        "payments": [
            {
                "date": one.on,
                "amount_minor": one.amount.minor,
                "document_number": one.document_number,
                "counted_as": one.as_what,
            }
            for one in more.payments
        ],
        "dispute": {
            "disputed": bool(more.disputes),
            "statement": "; ".join(more.disputes) or "none",
            "settled_before": list(more.settled_disputes),
        },
        "payments_considered_until": notice.payments_considered_until,
        "privacy": {"legal_basis": "GDPR Art. 6(1)(b), (f)", "note": "only what collecting this claim needs"},
    }
    case["unknown_for_first_letter"] = list(missing_for_first_letter(notice, letterhead, more))
    known: dict[str, Any] = _known(case)
    return known


def missing_for_first_letter(notice: Notice, letterhead: Letterhead, more: CaseFacts) -> tuple[str, ...]:
    """Name what the agency's first letter to a private person must say and we do not know (§ 13a (1) RDG)."""
    facts = [(item.document_number, more.claims.get(item.document_number, ClaimFacts())) for item in notice.items]
    return (
        *(f"contract subject of {number} (no. 2)" for number, one in facts if not one.contract_subject),
        *(f"contract date of {number} (no. 2)" for number, one in facts if one.contract_date is None),
        *(
            f"interest computation of {item.document_number} (no. 3)"
            for item in notice.items
            if item.interest and not item.interest_segments
        ),
        *(("whether the creditor deducts input VAT (no. 6)",) if more.deducts_input_vat is None else ()),
        *(("the creditor's address (no. 1)",) if not (letterhead.street and letterhead.city) else ()),
    )


def missing_for_handover(notice: Notice, more: CaseFacts = NOTHING_MORE) -> tuple[str, ...]:
    """Name what a case lacks before an agency may have it: an address, earlier letters, a final rate, no dispute."""
    debtor = notice.debtor
    checks = (
        ("items", bool(notice.items)),
        ("address", bool((debtor.street and debtor.city) or debtor.email or debtor.phone)),
        ("earlier_notices", bool(notice.earlier)),
        ("final_base_rate", not (notice.interest_provisional and interest_sum(notice))),
        ("positive_total", notice.total.minor > 0),
        ("no_dispute", not more.disputes),
        ("default", all(one.default_since and one.default_since <= notice.run_date for one in more.claims.values())),
    )
    return tuple(name for name, fulfilled in checks if not fulfilled)


def _history(notice: Notice, more: CaseFacts) -> list[dict[str, Any]]:
    if not more.letters:
        return [{"date": n.sent_on, "stage": n.stage, "title": n.title} for n in notice.earlier]
    return [
        {
            "date": one.on,
            "stage": one.stage,
            "title": one.title,
            "letter_number": one.number,
            "channel": one.channel,
            "deadline": one.deadline,
            "received_on": one.received_on,
            "proof": one.proof,
        }
        for one in more.letters
    ]


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
            "source": "accounting",  # nobody researched it (§ 13a (1) no. 7 RDG)
        },
        "email": debtor.email,
        "phone": debtor.phone,
        "language": debtor.language,
    }


def _claim(item: NoticeItem, facts: ClaimFacts) -> dict[str, Any]:
    return {
        "contract_subject": facts.contract_subject,
        "contract_date": facts.contract_date,
        "performed_on": facts.performed_on,
        "order_number": facts.order_number,
        "default_since": facts.default_since,
        "default_basis": facts.default_basis,
        "default_law": facts.default_law,
        "interest_law": facts.interest_law,
        "interest_above_law": facts.interest_above_law,
        "acknowledged_on": list(facts.acknowledged_on),
        "limitation_end": facts.limitation_end,
        "document_number": item.document_number,
        "document_date": item.document_date,
        "due_date": item.due_date,
        "days_overdue": item.days_overdue,
        "original_minor": item.original.minor,
        "open_principal_minor": item.open.minor,
        "interest_minor": item.interest.minor,
        "interest_segments": [_segment(segment) for segment in item.interest_segments],
        "interest_paid_minor": item.interest_paid.minor if item.interest_paid else None,
        "cost_minor": item.fee.minor if item.fee else None,
        "lump_sum_minor": item.lump_sum.minor if item.lump_sum else None,
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
        "lump_sum_minor": lump_sum(notice).minor or None,
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
