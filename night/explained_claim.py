"""A claim explained (Forderungsberechnung): since when a document is in default, and what that costs, to the cent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from dunning.costs import LateClaim, recovery_cost
from dunning.countries import Applies, rate_of
from dunning.default import DefaultBasis
from dunning.hold import interest_stops_before
from dunning.interest import shown_by_segment
from dunning.limitation import limitation_end
from dunning.noted import NOTHING_NOTED
from dunning.plan import defaults_so_far, interest_so_far
from dunning.principal import interest_paid
from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from dunning.default import DefaultStart
    from dunning.interest import InterestClaim
    from dunning.notice import InterestSegment
    from dunning.rate_table import Rate
    from ledger.open_item import OpenItem
    from night.explained_subject import Subject

# Why the first day of default is the one it is, for somebody who knows the document.
_BECAUSE: Final = {
    DefaultBasis.CALENDAR_DATE: "the due date was agreed, and it is over",
    DefaultBasis.EVENT_PLUS_DAYS: "the agreed days since the delivery or the invoice are over",
    DefaultBasis.THIRTY_DAYS: "30 days since the due date and the receipt of the invoice are over",
    DefaultBasis.REMINDER: "a Mahnung was received, and the deadline it set is over",
    DefaultBasis.COURT_CLAIM: "the claim was served by the court",
    DefaultBasis.REFUSAL: "the debtor refused seriously and finally",
    DefaultBasis.DISPENSABLE: "special reasons made a Mahnung needless",
}


def explained_claim(of: Subject, item: OpenItem) -> dict[str, Any]:
    """Give default with its ground, interest day by day, what was paid, the lump sum and the limitation."""
    start, claim = interest_of(of, item)
    return {
        "in_default": _default(start, of.day) if start else None,
        "noted": [*_noted(of, item)],
        "deferred": [*_deferred(of, item)],
        "interest": _interest(of, item, claim),
        "lump_sum": _lump_sum(of, item, start),
        "paid": [
            {"on": part.day.isoformat(), "as": part.kind.value, "amount": str(part.amount)}
            for part in sorted(of.facts.settled.get(item.item_id, ()), key=lambda part: (part.day, part.kind))
        ],
        "time_barred_after": _enforceable_until(of, item).isoformat(),
    }


def interest_of(of: Subject, item: OpenItem) -> tuple[DefaultStart | None, InterestClaim | None]:
    """Give since when interest runs and what it comes to; from the opening of insolvency on none is claimed."""
    stops = interest_stops_before(item.item_id, of.gate_facts(item).holds)
    return interest_so_far(
        item,
        of.debtor,
        run_date=of.day if stops is None else min(of.day, stops - timedelta(days=1)),
        history=of.facts.history.get(item.item_id, ()),
        procedure=of.procedure,
        settings=of.settings,
        rates=of.rates,
        settled=of.facts.settled.get(item.item_id, ()),
        noted=of.facts.noted.get(item.item_id, NOTHING_NOTED),
    )


def _noted(of: Subject, item: OpenItem) -> Iterator[dict[str, str]]:
    """Give the grounds of default that a person noted, each with its paragraph; the earliest one counts."""
    noted = of.facts.noted.get(item.item_id, NOTHING_NOTED)
    for basis, day, until in (
        (DefaultBasis.CALENDAR_DATE, noted.agreed_due, noted.agreed_due),
        (DefaultBasis.EVENT_PLUS_DAYS, noted.event and noted.event.event_on, noted.event and noted.event.last_day),
        (DefaultBasis.COURT_CLAIM, noted.served_on, None),
        (DefaultBasis.REFUSAL, noted.refused_on, None),
        (DefaultBasis.DISPENSABLE, noted.dispensable_on, None),
    ):
        if day:
            yield {
                "basis": basis.value,
                "on": day.isoformat(),
                "last_day_to_pay": until.isoformat() if until else "",
                "law": basis.law,
            }


def _deferred(of: Subject, item: OpenItem) -> Iterator[dict[str, str]]:
    """Give the days on which the claim was, or is, deferred: not due, no default, no interest."""
    for deferral in of.facts.noted.get(item.item_id, NOTHING_NOTED).deferrals:
        yield {
            "from": deferral.first_day.isoformat(),
            "to": deferral.last_day.isoformat() if deferral.last_day else "",
            "because": "deferred (Stundung): not due, so no default and no interest on these days",
            "law": "§§ 271, 286 BGB",
        }


def _default(start: DefaultStart, day: date) -> dict[str, Any]:
    return {
        "since": start.first_day.isoformat(),
        "begun": start.first_day <= day,
        "basis": start.basis.value,
        "because": _BECAUSE[start.basis],
        "law": start.basis.law,
    }


def _interest(of: Subject, item: OpenItem, claim: InterestClaim | None) -> dict[str, Any]:
    accrued = claim.amount if claim else Money(0, item.currency)
    paid = interest_paid(of.facts.settled.get(item.item_id, ()), item.currency)
    return {
        "amount": str(accrued),
        "paid": str(paid),
        "owed": str(max(accrued - paid, Money(0, item.currency))),
        "provisional": claim is not None and claim.provisional,
        "segments": _segments(of, item, claim) if claim else [],
    }


def _segments(of: Subject, item: OpenItem, claim: InterestClaim) -> list[dict[str, Any]]:
    # Where there is interest there was a default; only before the first one the rate is another.
    start, *_ = defaults_so_far(
        item,
        of.debtor,
        history=of.facts.history.get(item.item_id, ()),
        procedure=of.procedure,
        settings=of.settings,
        noted=of.facts.noted.get(item.item_id, NOTHING_NOTED),
    )
    return [
        _segment(segment, _rate_on(of, item, start, segment.first_day), amount)
        for segment, amount in zip(claim.segments, shown_by_segment(claim), strict=True)
    ]


def _rate_on(of: Subject, item: OpenItem, start: DefaultStart, day: date) -> Rate:
    """Give the rate of a day: of default, or before it the one among merchants (§ 353 HGB)."""
    before = of.settings.law.rule(Applies.MERCHANTS_BEFORE_DEFAULT)
    if before and day < start.first_day:
        return rate_of(before, of.rates)
    return of.settings.rate(of.debtor.type, of.rates, contract_on=item.document_date)


def _segment(segment: InterestSegment, rate: Rate, amount: Money) -> dict[str, Any]:
    return {
        "from": segment.first_day.isoformat(),
        "to": segment.last_day.isoformat(),
        "days": segment.days,
        "days_of_the_year": segment.basis_days,
        "principal": str(segment.principal),
        "rate_percent": str(segment.rate_percent),
        "base_rate_percent": str(segment.rate_percent - rate.points) if rate.points else "",
        "points": str(rate.points) if rate.points else "",
        "law": rate.law,
        "amount": str(amount),
    }


def _lump_sum(of: Subject, item: OpenItem, start: DefaultStart | None) -> dict[str, str]:
    cost = recovery_cost(
        LateClaim(
            claim_id=item.item_id,
            debtor_type=of.debtor.type,
            contract_on=item.document_date,
            in_default=start is not None and start.first_day <= of.day,
        ),
        of.settings.law,
        item.currency,
    )
    return {"may_be_claimed": str(cost.claimable), "because": cost.because}


def _enforceable_until(of: Subject, item: OpenItem) -> date:
    end = limitation_end(item.due_date, of.settings.law)
    return max(end, of.gate_facts(item).limitation_renewed.get(item.item_id, end))


def filed_claims(of: Subject, items: Sequence[OpenItem]) -> list[dict[str, str]]:
    """Give what is filed in insolvency proceedings: each principal, and its interest up to the day before."""
    return [
        {
            "document_number": item.document_number,
            "document_date": item.document_date.isoformat(),
            "due": item.due_date.isoformat(),
            "principal": str(item.open_amount),
            "interest": str(claim.amount if claim else Money(0, item.currency)),
        }
        for item in items
        for _, claim in (interest_of(of, item),)
    ]
