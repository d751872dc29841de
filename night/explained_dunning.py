"""Dunning explained (Erklärung): for a debtor and a day why this notice, or why none, and the sum to the cent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dunning.case import held_for, state_now
from dunning.default import effective_due_date
from dunning.gate import NoticeFacts, gate, item_gate
from dunning.hold import HoldReason, interest_stops_before
from dunning.limitation import limitation_end
from dunning.notice import Notice, NoticeItem
from dunning.plan import interest_so_far, item_path, plan
from dunning.reach import channel_for
from dunning.track import Relation
from ledger.debtor import Debtor
from ledger.errors import Refused
from ledger.money import Money, total
from night.dun import items_to_dun
from night.gate_facts import case_life, load_dunning_facts
from night.reach import without_unusable_mail
from storage.bounces import unusable_addresses
from storage.facts import load_debtors
from storage.holds import Insolvency, load_insolvencies

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dunning.default import DefaultStart
    from dunning.gate import GateFacts
    from dunning.hold import Hold
    from dunning.interest import InterestClaim
    from dunning.notice import HeldBecause, InterestSegment
    from dunning.plan import DunningPlan, ItemPath
    from dunning.stage import Stage
    from ledger.open_item import OpenItem
    from night.gate_facts import DunningFacts
    from night.workplace import Workplace
    from storage.database import Connection


def explain_dunning(connection: Connection, work: Workplace, number: str) -> dict[str, Any]:
    """Say why a debtor is written to on the day of ``work``, or why not, with every figure; raises Refused.

    Open amounts are those known now; of what was said and agreed, only what had happened on that day counts.
    """
    facts = load_dunning_facts(connection, work, until=work.run_date)
    debtors = without_unusable_mail(
        load_debtors(connection, work.company_id), unusable_addresses(connection, work.company_id)
    )
    items = sorted(
        (stored.item for stored in facts.items if _is_owed_by(stored.item, number)),
        key=lambda item: (item.due_date, item.document_number, item.item_id),
    )
    if number not in debtors and not items:
        raise Refused(f"there is no debtor {number}")
    debtor = debtors.get(number, Debtor(number=number, name=""))
    made = _plan(work, facts, debtor, items)
    told = [_item(work, facts, debtor, item) for item in items]
    currencies = sorted({item.currency for item in items})
    return {
        "company": work.company_id,
        "day": work.run_date.isoformat(),
        "debtor": {
            "number": number,
            "name": debtor.name,
            "type": debtor.type.value,
            "country": debtor.country,
            "language": debtor.language,
        },
        "says": _summary(number, made, told, facts),
        "succeeded_by": facts.successors.get(number, ""),
        "answers_for": sorted(old for old, new in facts.successors.items() if new == number),
        "relation": _relation(facts.relations.get(number, Relation())),
        "notices": [_notice(notice) for notice in made.notices],
        "waiting": list(dict.fromkeys(text for c in currencies for text in facts.gate[number, c].waiting_notices)),
        "items": told,
        "gate": {
            currency: _reasons(_whole_gate(work, facts, debtor, [one for one in items if one.currency == currency]))
            for currency in currencies
        },
        "credit": {currency: str(facts.gate[number, currency].credit) for currency in currencies},
        "holds": [_hold(hold, work) for hold in _holds(facts, number)],
        "insolvency": [
            _filing(work, facts, debtor, items, hold, where)
            for hold, where in _insolvencies(facts, number, load_insolvencies(connection, work.company_id))
        ],
    }


def _is_owed_by(item: OpenItem, number: str) -> bool:
    return item.debtor_number == number and item.is_invoice and item.open_amount.minor > 0


def _plan(work: Workplace, facts: DunningFacts, debtor: Debtor, items: Sequence[OpenItem]) -> DunningPlan:
    theirs = {item.item_id for item in items}
    return plan(
        run_date=work.run_date,
        items=[item for item in items_to_dun(facts) if item.item_id in theirs],
        debtors={debtor.number: debtor} if debtor.name else {},
        history=facts.history,
        procedure=work.procedure,
        settings=work.company.dunning.for_engine(work.company.region),
        rates=work.office.rates_of(work.company),
        facts=facts.gate,
        settled=facts.settled,
        choosing=facts.choosing,
        relations=facts.relations,
    )


def _path(work: Workplace, facts: DunningFacts, debtor: Debtor, item: OpenItem) -> ItemPath:
    return item_path(
        item,
        debtor,
        run_date=work.run_date,
        history=facts.history.get(item.item_id, ()),
        procedure=work.procedure,
        settings=work.company.dunning.for_engine(work.company.region),
        facts=_gate_facts(facts, item),
        choosing=facts.choosing,
        relation=facts.relations.get(debtor.number, Relation()),
    )


def _gate_facts(facts: DunningFacts, item: OpenItem) -> GateFacts:
    return facts.gate[item.debtor_number, item.currency]


def _summary(number: str, made: DunningPlan, told: Sequence[Mapping[str, Any]], facts: DunningFacts) -> list[str]:
    if number in facts.successors:
        return [f"Debtor {facts.successors[number]} answers for everything debtor {number} owed."]
    if not told:
        return ["Nothing is open, so nobody is written to."]
    if made.notices:
        return [_said(notice) for notice in made.notices]
    first = min((one["next"]["not_before"] for one in told if one["next"]), default="")
    return [f"No stage is reached today. The next one may follow from {first} on." if first else "No stage is left."]


def _said(notice: Notice) -> str:
    said = f"{notice.title} ({notice.stage}) by {notice.channel}"
    if notice.held_because:
        return f"{said} is due, and kept back: {', '.join(because.code for because in notice.held_because)}."
    return f"{said} over {notice.total}" + (f", to be paid by {notice.deadline}." if notice.deadline else ".")


def _relation(relation: Relation) -> dict[str, Any]:
    return {
        "customer_since": relation.since.isoformat() if relation.since else "",
        "turnover_of_a_year_minor": relation.turnover_of_a_year_minor,
        "reminders_of_a_year": relation.reminders_of_a_year,
    }


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "stage": notice.stage,
        "title": notice.title,
        "channel": notice.channel.value,
        "deadline": notice.deadline.isoformat() if notice.deadline else "",
        "needs_release": notice.needs_release,
        "held_because": _reasons(notice.held_because),
        "computation": [
            {
                "document_number": item.document_number,
                "stage": item.stage,
                "open": str(item.open),
                "interest": str(item.interest),
                "fee": str(item.fee or Money(0, item.open.currency)),
            }
            for item in notice.items
        ],
        "total": str(notice.total),
        "goes_on_after": [
            {"hold_id": one.hold_id, "reason": one.reason.value, "then": one.after.value}
            for one in notice.resumptions
        ],
    }


def _item(work: Workplace, facts: DunningFacts, debtor: Debtor, item: OpenItem) -> dict[str, Any]:
    path, life = _path(work, facts, debtor, item), case_life(item.item_id, facts.notices, facts.decisions)
    history = sorted(facts.history.get(item.item_id, ()), key=lambda sent: sent.sent_on)
    held = held_for(because.code for because in _whole_gate(work, facts, debtor, [item]))
    start, claim = _interest(work, facts, debtor, item)
    return {
        "document_number": item.document_number,
        "original": str(item.amount),
        "open": str(item.open_amount),
        "due": item.due_date.isoformat(),
        "due_shifted": effective_due_date(item.due_date, work.company.region).isoformat(),
        "days_overdue": max(item.days_overdue(work.run_date), 0),
        "track": {"name": path.chosen.track.name, "because": path.chosen.because},
        "state": state_now(
            is_open=True,
            written_off=life.written_off,
            in_court=life.in_court is not None,
            handed_over=life.handed_over is not None,
            held=bool(held),
        ).value,
        "held_for": [one.value for one in held],
        "sent": [
            {
                "stage": sent.stage,
                "on": sent.sent_on.isoformat(),
                "by": sent.channel.value,
                "deadline": sent.deadline.isoformat() if sent.deadline else "",
            }
            for sent in history
        ],
        "next": (
            {"stage": path.following.stage.name, "not_before": path.following.not_before.isoformat()}
            if path.following
            else None
        ),
        "goes_on_after": path.resumption.hold_id if path.resumption else "",
        "reasons": _reasons(item_gate(_listed(item, "", work), _gate_facts(facts, item))),
        "in_default": (
            {"since": start.first_day.isoformat(), "basis": start.basis.value, "law": start.basis.law}
            if start
            else None
        ),
        "interest": {
            "amount": str(claim.amount if claim else Money(0, item.currency)),
            "provisional": claim is not None and claim.provisional,
            "segments": [_segment(one) for one in claim.segments] if claim else [],
        },
        "time_barred_after": limitation_end(item.due_date).isoformat(),
    }


def _interest(
    work: Workplace, facts: DunningFacts, debtor: Debtor, item: OpenItem
) -> tuple[DefaultStart | None, InterestClaim | None]:
    """Give since when interest runs and what it comes to; from the opening of insolvency on none is claimed."""
    stops = interest_stops_before(item.item_id, _gate_facts(facts, item).holds)
    day = work.run_date if stops is None else min(work.run_date, stops - timedelta(days=1))
    return interest_so_far(
        item,
        debtor,
        run_date=day,
        history=facts.history.get(item.item_id, ()),
        procedure=work.procedure,
        settings=work.company.dunning.for_engine(work.company.region),
        rates=work.office.rates_of(work.company),
        settled=facts.settled.get(item.item_id, ()),
    )


def _segment(segment: InterestSegment) -> dict[str, Any]:
    return {
        "from": segment.first_day.isoformat(),
        "to": segment.last_day.isoformat(),
        "days": segment.days,
        "principal": str(segment.principal),
        "rate_percent": str(segment.rate_percent),
        "days_of_the_year": segment.basis_days,
    }


def _whole_gate(
    work: Workplace, facts: DunningFacts, debtor: Debtor, items: Sequence[OpenItem]
) -> tuple[HeldBecause, ...]:
    """Ask the whole gate as if all these items were to be dunned today, due for a stage or not."""
    paths = [_path(work, facts, debtor, item) for item in items]
    stages = [_stage_of(path) for path in paths]
    stage = work.procedure.highest(stages)
    listed = tuple(_listed(item, one.name, work) for item, one in zip(items, stages, strict=True))
    notice = Notice(
        debtor=debtor,
        stage=stage.name,
        title=stage.title(debtor.language),
        template=stage.template,
        channel=channel_for(debtor, stage.channels),
        run_date=work.run_date,
        deadline=None,
        items=listed,
        total=total((item.open for item in listed), items[0].currency),
        payments_considered_until=work.run_date,
    )
    asked = NoticeFacts(
        notice=notice,
        facts=_gate_facts(facts, items[0]),
        procedure=work.procedure,
        stage=stage,
        minimum_gap_days=max(path.chosen.track.minimum_gap_days for path in paths),
    )
    return gate(asked)


def _stage_of(path: ItemPath) -> Stage:
    """Give the stage an item is asked about: the next one, or where it has climbed the ladder, its top."""
    return path.following.stage if path.following else path.chosen.track.stages[-1]


def _listed(item: OpenItem, stage: str, work: Workplace) -> NoticeItem:
    return NoticeItem(
        item_id=item.item_id,
        document_number=item.document_number,
        document_date=item.document_date,
        due_date=item.due_date,
        original=item.amount,
        open=item.open_amount,
        days_overdue=item.days_overdue(work.run_date),
        stage=stage,
        interest=Money(0, item.currency),
    )


def _reasons(because: Iterable[HeldBecause]) -> list[dict[str, str]]:
    return [{"code": one.code, "sentence": one.sentence} for one in because]


def _holds(facts: DunningFacts, number: str) -> list[Hold]:
    found = {hold.hold_id: hold for (debtor, _), one in facts.gate.items() if debtor == number for hold in one.holds}
    return list(found.values())


def _hold(hold: Hold, work: Workplace) -> dict[str, Any]:
    return {
        "hold_id": hold.hold_id,
        "reason": hold.reason.value,
        "item_id": hold.item_id,
        "note": hold.note,
        "owner": hold.owner,
        "placed_on": hold.placed_on.isoformat(),
        "silent_until": hold.silent_until.isoformat() if hold.silent_until else "",
        "holds_today": hold.holds_on(work.run_date),
        "then": hold.what_follows.value,
    }


def _insolvencies(
    facts: DunningFacts, number: str, filed_with: Mapping[str, Insolvency]
) -> list[tuple[Hold, Insolvency]]:
    return [
        (hold, filed_with.get(hold.hold_id, Insolvency()))
        for hold in _holds(facts, number)
        if hold.reason is HoldReason.INSOLVENCY and hold.ended_on is None
    ]


def _filing(
    work: Workplace,
    facts: DunningFacts,
    debtor: Debtor,
    items: Sequence[OpenItem],
    hold: Hold,
    where: Insolvency,
) -> dict[str, Any]:
    """Give what to file with the administrator: principal, and interest up to the day before (§§ 39, 174 InsO)."""
    opened = hold.since or hold.placed_on
    before = [item for item in items if item.document_date < opened]
    claims = [(item, _interest(work, facts, debtor, item)[1]) for item in before]
    return {
        "opened_on": opened.isoformat(),
        "court": where.court,
        "file_number": where.file_number,
        "administrator": where.administrator,
        "file_by": where.file_by.isoformat() if where.file_by else "",
        "interest_until": (opened - timedelta(days=1)).isoformat(),
        "claims": [
            {
                "document_number": item.document_number,
                "document_date": item.document_date.isoformat(),
                "due": item.due_date.isoformat(),
                "principal": str(item.open_amount),
                "interest": str(claim.amount if claim else Money(0, item.currency)),
            }
            for item, claim in claims
        ],
        # What was delivered since the opening may be owed by the estate itself (Masseverbindlichkeit, § 55 InsO).
        "since_the_opening": [item.document_number for item in items if item.document_date >= opened],
    }
