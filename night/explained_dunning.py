"""Dunning explained (Erklärung): for a debtor and a day why this notice, or why none, and the sum to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from dunning.case import held_for, state_now
from dunning.default import effective_due_date
from dunning.due import is_day_for
from dunning.gate import NoticeFacts, clear_checks, gate, item_gate
from dunning.hold import HoldReason
from dunning.notice import Notice, NoticeItem, NoticeState
from dunning.place import places_of_performance
from dunning.plan import item_path
from dunning.reach import channel_for
from dunning.track import Relation
from ledger.debtor import Debtor
from ledger.errors import Refused
from ledger.money import Money, total
from night.case_life import case_life
from night.dun import spoken_of
from night.explained_claim import explained_claim, filed_claims
from night.explained_subject import Subject, plan_of
from night.foreseen import foresee
from night.gate_facts import load_dunning_facts
from night.reach import without_unusable_mail
from night.receipts import not_received, receipt_told
from storage.bounces import unusable_addresses
from storage.facts import load_debtors
from storage.holds import Insolvency, load_insolvencies
from storage.nights import last_night_on
from storage.receipts import returned_addresses

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dunning.hold import Hold
    from dunning.notice import HeldBecause
    from dunning.plan import DunningPlan, ItemPath
    from dunning.stage import Stage
    from ledger.open_item import OpenItem
    from night.gate_facts import DunningFacts
    from night.workplace import Workplace
    from storage.database import Connection
    from storage.notices import StoredNotice

_SAID: Final = {
    NoticeState.SENT: "and it was sent",
    NoticeState.QUEUED: "and it waits to be released or sent",
    NoticeState.HELD: "and kept it back",
}


def explain_dunning(connection: Connection, work: Workplace, number: str) -> dict[str, Any]:
    """Say why a debtor is written to on the day of ``work``, or why not, with every figure; raises Refused.

    A past day is explained with what its run could know, a day to come as if nothing happened until then; the answer
    says which (``known``).
    """
    last_night = last_night_on(connection, work.company_id)
    of = _subject(connection, work, number, last_night)
    until_then: tuple[Notice, ...] = ()
    if last_night is not None and last_night < of.day:
        of, until_then = foresee(of, last_night)
    made = plan_of(of)
    paths = {item.item_id: _path(of, item) for item in of.items}
    held = {currency: _whole_gate(of, _in(currency, of.items)) for currency in _currencies(of)}
    facts = of.facts
    return {
        "company": work.company_id,
        "day": work.run_date.isoformat(),
        "known": _known(work.run_date, last_night),
        "debtor": _debtor(of.debtor),
        "says": _summary(of, made, paths),
        "until_then": [_foreseen(notice) for notice in until_then],
        "that_night": [_said_that_night(notice) for notice in _of_debtor(facts.said_that_night, number)],
        "succeeded_by": facts.successors.get(number, ""),
        "answers_for": sorted(old for old, new in facts.successors.items() if new == number),
        "relation": _relation(facts.relations.get(number, Relation())),
        "notices": [_notice(notice) for notice in made.notices],
        "waiting": _waiting(of),
        "items": [_item(of, item, paths[item.item_id]) for item in of.items],
        "gate": {currency: _reasons(because) for currency, because in held.items()},
        "gate_clear": {currency: clear_checks(because) for currency, because in held.items()},
        "credit": {currency: str(facts.gate[number, currency].credit) for currency in held},
        "holds": [_hold(hold, work) for hold in _holds(facts)],
        "insolvency": [
            _filing(of, hold, where)
            for hold, where in _insolvencies(facts, load_insolvencies(connection, work.company_id))
        ],
    }


def _subject(connection: Connection, work: Workplace, number: str, last_night: date | None) -> Subject:
    facts = load_dunning_facts(connection, work, known_on=last_night)
    debtors = without_unusable_mail(
        load_debtors(connection, work.company_id),
        unusable_addresses(connection, work.company_id, work.run_date),
        returned_addresses(connection, work.company_id),
    )
    items = sorted(
        (stored.item for stored in facts.items if _is_owed_by(stored.item, number)),
        key=lambda item: (item.due_date, item.document_number, item.item_id),
    )
    if number not in debtors and not items:
        raise Refused(f"there is no debtor {number}")
    return Subject(
        day=work.run_date,
        last_night=last_night,
        facts=_about(facts, number, items),
        debtor=debtors.get(number, Debtor(number=number, name="")),
        items=tuple(items),
        procedure=work.procedure,
        settings=work.company.dunning.for_engine(work.company.region),
        rates=work.office.rates_of(work.company),
        spoken_of=spoken_of(facts.notices),
    )


def _about(facts: DunningFacts, number: str, items: Sequence[OpenItem]) -> DunningFacts:
    """Keep of the gate and the history what concerns one debtor."""
    return replace(
        facts,
        gate={key: known for key, known in facts.gate.items() if key[0] == number},
        history={item.item_id: facts.history.get(item.item_id, ()) for item in items},
    )


def _is_owed_by(item: OpenItem, number: str) -> bool:
    return item.debtor_number == number and item.is_invoice and item.open_amount.minor > 0


def _known(day: date, last_night: date | None) -> str:
    if last_night is None:
        return "No night has run yet; this is what is known without one."
    if day > last_night:
        return (
            f"The last night was {last_night}. This is what follows on {day} if nobody pays, writes or decides "
            "anything until then; what the nights before would say is taken as sent."
        )
    return (
        f"Amounts, notices, holds, messages and decisions count as the run of {day} could know them; statements, "
        "payments in review, addresses, stages and settings are those of today."
    )


def _path(of: Subject, item: OpenItem) -> ItemPath:
    return item_path(
        item,
        of.debtor,
        run_date=of.day,
        history=of.facts.history.get(item.item_id, ()),
        procedure=of.procedure,
        settings=of.settings,
        facts=of.gate_facts(item),
        choosing=of.facts.choosing,
        relation=of.facts.relations.get(of.debtor.number, Relation()),
    )


def _summary(of: Subject, made: DunningPlan, paths: Mapping[str, ItemPath]) -> list[str]:
    number = of.debtor.number
    if number in of.facts.successors:
        return [f"Debtor {of.facts.successors[number]} answers for everything debtor {number} owed."]
    if not of.facts.items:
        return [f"No list of open items had been read by {of.day}, so nothing is known of that day."]
    if not of.items:
        return ["Nothing is open, so nobody is written to."]
    waiting = [f"{notice} waits to be released or sent; nothing else is said before." for notice in _waiting(of)]
    apart = [
        f"{left.document_number} is left out: {', '.join(one.code for one in left.because)}."
        for left in made.left_out
    ]
    said = [_said(notice) for notice in made.notices]
    return [*waiting, *said, *apart] or [_not_yet(of, paths)]


def _said(notice: Notice) -> str:
    said = f"{notice.title} ({notice.stage}) by {notice.channel}"
    if notice.held_because:
        return f"{said} is due, and kept back: {', '.join(because.code for because in notice.held_because)}."
    deadline = f", to be paid by {notice.deadline}" if notice.deadline else ""
    released = "; a person releases it first" if notice.needs_release else ""
    return f"{said} over {notice.total}{deadline}{released}."


def _not_yet(of: Subject, paths: Mapping[str, ItemPath]) -> str:
    following = [path.following for path in paths.values() if path.following]
    if not following:
        return "Every document has climbed its ladder; what comes next is a person's decision."
    day, stage = min((_first_day(of, one.stage, max(one.not_before, of.day)), one.stage.name) for one in following)
    return f"No stage is reached on {of.day}. The next one is {stage}, from {day} on."


def _first_day(of: Subject, stage: Stage, day: date) -> date:
    while not is_day_for(stage, day, of.settings.region):
        day += timedelta(days=1)
    return day


def _waiting(of: Subject) -> list[str]:
    return list(
        dict.fromkeys(
            notice for item in of.items for notice in of.facts.gate[of.debtor.number, item.currency].waiting_notices
        )
    )


def _debtor(debtor: Debtor) -> dict[str, str]:
    return {
        "number": debtor.number,
        "name": debtor.name,
        "type": debtor.type.value,
        "country": debtor.country,
        "language": debtor.language,
    }


def _relation(relation: Relation) -> dict[str, Any]:
    return {
        "customer_since": relation.since.isoformat() if relation.since else "",
        "turnover_of_a_year_minor": relation.turnover_of_a_year_minor,
        "reminders_of_a_year": relation.reminders_of_a_year,
    }


def _foreseen(notice: Notice) -> dict[str, str]:
    return {"on": notice.run_date.isoformat(), "stage": notice.stage, "says": f"On {notice.run_date} {_said(notice)}"}


def _of_debtor(notices: Iterable[StoredNotice], number: str) -> list[StoredNotice]:
    return [notice for notice in notices if notice.debtor_number == number]


def _said_that_night(notice: StoredNotice) -> dict[str, Any]:
    over = Money(notice.total_minor, notice.currency)
    wrote = f"The night of {notice.run_date} planned {notice.title} ({notice.stage}) by {notice.channel} over {over}"
    return {
        "says": f"{wrote}, {_SAID[notice.state]}{f' on {notice.sent_on}' if notice.sent_on else ''}.",
        "stage": notice.stage,
        "channel": notice.channel.value,
        "total": str(over),
        "letter_number": notice.letter_number,
        "documents": [item.document_number for item in notice.items],
        "state": notice.state.value,
        "sent_on": notice.sent_on.isoformat() if notice.sent_on else "",
        "held_because": _reasons(notice.held_because),
    }


def _notice(notice: Notice) -> dict[str, Any]:
    nothing = Money(0, notice.total.currency)
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
                "fee": str(item.fee or nothing),
                "lump_sum": str(item.lump_sum or nothing),
            }
            for item in notice.items
        ],
        "total": str(notice.total),
        "goes_on_after": [
            {"hold_id": one.hold_id, "reason": one.reason.value, "then": one.after.value}
            for one in notice.resumptions
        ],
    }


def _item(of: Subject, item: OpenItem, path: ItemPath) -> dict[str, Any]:
    life = case_life(item.item_id, of.facts.notices, of.facts.decisions)
    held = held_for(because.code for because in _whole_gate(of, [item]))
    state = state_now(
        is_open=True,
        written_off=life.written_off,
        in_court=life.in_court is not None,
        handed_over=life.handed_over is not None,
        held=bool(held),
    )
    return {
        "document_number": item.document_number,
        "original": str(item.amount),
        "open": str(item.open_amount),
        "due": item.due_date.isoformat(),
        "due_shifted": effective_due_date(
            item.due_date, *places_of_performance(of.debtor, of.settings.region)
        ).isoformat(),
        "days_overdue": max(item.days_overdue(of.day), 0),
        "track": {"name": path.chosen.track.name, "because": path.chosen.because},
        "state": state.value,
        "held_for": [one.value for one in held],
        "sent": _sent(of, item),
        "next": _next(path),
        "goes_on_after": path.resumption.hold_id if path.resumption else "",
        "reasons": _reasons(item_gate(item, of.gate_facts(item))),
        **explained_claim(of, item),
    }


def _sent(of: Subject, item: OpenItem) -> list[dict[str, Any]]:
    """Give what was sent about an item with its receipt, what came back included: it was sent, and not said."""
    came_back = not_received(of.facts.notices, of.facts.receipts, item.item_id)
    return [
        {
            "stage": sent.stage,
            "on": sent.sent_on.isoformat(),
            "foreseen": of.last_night is not None and sent.sent_on > of.last_night,
            "by": sent.channel.value,
            "deadline": sent.lasting_deadline.isoformat() if sent.lasting_deadline else "",
            "receipt": receipt_told(sent.receipt),
        }
        for sent in sorted((*of.facts.history.get(item.item_id, ()), *came_back), key=lambda sent: sent.sent_on)
    ]


def _next(path: ItemPath) -> dict[str, Any] | None:
    if path.following is None:
        return None
    stage = path.following.stage
    return {
        "stage": stage.name,
        "not_before": path.following.not_before.isoformat(),
        "asks_for_interest": stage.interest,
        "asks_for_lump_sum": stage.claims_lump_sum,
    }


def _currencies(of: Subject) -> list[str]:
    return sorted({item.currency for item in of.items})


def _in(currency: str, items: Sequence[OpenItem]) -> list[OpenItem]:
    return [item for item in items if item.currency == currency]


def _whole_gate(of: Subject, items: Sequence[OpenItem]) -> tuple[HeldBecause, ...]:
    """Ask the whole gate as if all these items were to be dunned that day, due for a stage or not."""
    paths = [_path(of, item) for item in items]
    stages = [_stage_of(path) for path in paths]
    stage = of.procedure.highest(stages)
    listed = tuple(_listed(item, one.name, of.day) for item, one in zip(items, stages, strict=True))
    notice = Notice(
        debtor=of.debtor,
        stage=stage.name,
        title=stage.title(of.debtor.language),
        template=stage.template,
        channel=channel_for(of.debtor, stage.channels),
        run_date=of.day,
        deadline=None,
        items=listed,
        total=total((item.open for item in listed), items[0].currency),
        payments_considered_until=of.day,
    )
    asked = NoticeFacts(
        notice=notice,
        facts=of.gate_facts(items[0]),
        procedure=of.procedure,
        stage=stage,
        minimum_gap_days=max(path.chosen.track.minimum_gap_days for path in paths),
    )
    return gate(asked)


def _stage_of(path: ItemPath) -> Stage:
    """Give the stage an item is asked about: the next one, or where it has climbed the ladder, its top."""
    return path.following.stage if path.following else path.chosen.track.stages[-1]


def _listed(item: OpenItem, stage: str, day: date) -> NoticeItem:
    return NoticeItem(
        item_id=item.item_id,
        document_number=item.document_number,
        document_date=item.document_date,
        due_date=item.due_date,
        original=item.amount,
        open=item.open_amount,
        days_overdue=item.days_overdue(day),
        stage=stage,
        interest=Money(0, item.currency),
    )


def _reasons(because: Iterable[HeldBecause]) -> list[dict[str, str]]:
    return [{"code": one.code, "sentence": one.sentence} for one in because]


def _holds(facts: DunningFacts) -> list[Hold]:
    found = {hold.hold_id: hold for one in facts.gate.values() for hold in one.holds}
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


def _insolvencies(facts: DunningFacts, filed_with: Mapping[str, Insolvency]) -> list[tuple[Hold, Insolvency]]:
    return [
        (hold, filed_with.get(hold.hold_id, Insolvency()))
        for hold in _holds(facts)
        if hold.reason is HoldReason.INSOLVENCY and hold.ended_on is None
    ]


def _filing(of: Subject, hold: Hold, where: Insolvency) -> dict[str, Any]:
    """Give what to file with the administrator: principal, and interest up to the day before (§§ 39, 174 InsO)."""
    opened = hold.since or hold.placed_on
    return {
        "opened_on": opened.isoformat(),
        "court": where.court,
        "file_number": where.file_number,
        "administrator": where.administrator,
        "file_by": where.file_by.isoformat() if where.file_by else "",
        "interest_until": (opened - timedelta(days=1)).isoformat(),
        "claims": filed_claims(of, [item for item in of.items if item.document_date < opened]),
        # What was delivered since the opening may be owed by the estate itself (Masseverbindlichkeit, § 55 InsO).
        "since_the_opening": [item.document_number for item in of.items if item.document_date >= opened],
    }
