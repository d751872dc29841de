"""A simulated year of nights: payments, returns, disputes, promises, outages, holidays, two changes of the rate."""

from __future__ import annotations

import random
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from dunning.gate import AccountReading, GateFacts, NoticeFacts, gate
from dunning.hold import Hold, HoldReason
from dunning.interest import read_base_rates
from dunning.plan import plan
from dunning.settings import DunningSettings
from dunning.stage import SentStage, read_procedure
from dunning.track import Choosing, Relation, chosen_track, narrowest_first
from ledger.calendar import Region, is_bank_day, is_working_day
from ledger.debtor import Debtor, DebtorType
from ledger.money import Money, total
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dunning.notice import Notice
    from dunning.stage import Procedure
    from dunning.track import Track

CONFIG: Final = Path(__file__).parents[2] / "config"
FIRST: Final = date(2025, 9, 1)  # the base rate changes on 1 January and on 1 July 2026
BAVARIA: Final = Region("DE", "BY")
SETTINGS: Final = DunningSettings(region=BAVARIA)
KINDS: Final = (DebtorType.BUSINESS, DebtorType.BUSINESS, DebtorType.CONSUMER, DebtorType.UNKNOWN)
LANDS: Final = ("DE", "DE", "DE", "AT")
SILENCE: Final = (
    HoldReason.DISPUTE,
    HoldReason.PROMISE,
    HoldReason.DEFERRAL,
    HoldReason.MANUAL,
    HoldReason.INSOLVENCY,
)


@dataclass(slots=True)
class World:
    """Everything that is true, and what the house knows of it."""

    luck: random.Random
    procedure: Procedure
    debtors: dict[str, Debtor] = field(default_factory=dict)
    items: dict[str, OpenItem] = field(default_factory=dict)
    open: dict[str, int] = field(default_factory=dict)  # in cents
    holds: list[Hold] = field(default_factory=list)
    history: defaultdict[str, list[SentStage]] = field(default_factory=lambda: defaultdict(list))
    said: defaultdict[str, list[Notice]] = field(default_factory=lambda: defaultdict(list))
    read_until: date = FIRST
    mirror_read_on: date = FIRST
    messages: dict[str, date] = field(default_factory=dict)
    happened: Counter[str] = field(default_factory=Counter)


def begin(seed: int, debtors: int) -> World:
    """Give a world with some debtors and no invoices."""
    procedure_text = (CONFIG / "dunning.toml").read_text(encoding="utf-8")
    world = World(luck=random.Random(seed), procedure=read_procedure(tomllib.loads(procedure_text)))
    for number in range(debtors):
        key = str(10000 + number)
        world.debtors[key] = Debtor(
            number=key,
            name=f"Kunde {number}",
            postcode="80331",
            city="München",
            email=f"kunde{number}@example.com" if number % 3 else "",
            phone="089 1" if number % 2 else "",
            type=KINDS[number % len(KINDS)],
            country=LANDS[number % len(LANDS)],
        )
    return world


def live(world: World, day: date) -> None:
    """Let a day happen: invoices, payments, returns, complaints, promises, questions; files that do not come."""
    luck = world.luck
    for number in world.debtors:
        if luck.random() < 0.03:
            _invoice(world, number, day)
        if luck.random() < 0.004:
            world.messages.setdefault(number, day)
            world.happened["message"] += 1
        elif number in world.messages and luck.random() < 0.3:
            del world.messages[number]
    for item_id, minor in list(world.open.items()):
        _move(world, item_id, minor, day)
    if is_bank_day(day) and luck.random() > 0.12:
        world.read_until = day
    else:
        world.happened["no statement"] += is_bank_day(day)


def _invoice(world: World, number: str, day: date) -> None:
    key = f"RE-{len(world.items):05}"
    amount = Money(world.luck.choice((400, 1900, 11900, 250_000)) + len(world.items), "EUR")
    world.items[key] = OpenItem(
        item_id=key,
        document_number=key,
        kind=ItemKind.INVOICE,
        debtor_number=number,
        document_date=day,
        due_date=day + timedelta(days=14),
        amount=amount,
        open_amount=amount,
        end_to_end_id=f"LS-{key}" if world.luck.random() < 0.1 else "",
    )
    world.open[key] = amount.minor


def _move(world: World, item_id: str, minor: int, day: date) -> None:
    luck, item = world.luck, world.items[item_id]
    chance = luck.random()
    if minor > 0 and chance < 0.012:
        world.open[item_id] = 0
        world.happened["paid"] += 1
    elif minor > 0 and chance < 0.015:
        world.open[item_id] = minor // 2
        world.happened["paid in part"] += 1
    elif minor == 0 and chance < 0.0005:
        world.open[item_id] = item.amount.minor
        world.happened["returned"] += 1
    elif minor > 0 and chance > 0.996:
        reason = luck.choice(SILENCE)
        until = None if reason is HoldReason.INSOLVENCY else day + timedelta(days=luck.randint(3, 25))
        world.holds.append(
            Hold(
                hold_id=f"H{len(world.holds)}",
                debtor_number=item.debtor_number,
                item_id=item_id,
                reason=reason,
                owner="Frau Sommer",
                placed_on=day,
                expires_on=until,
            )
        )
        world.happened[reason.value] += 1


def facts_of(world: World, number: str, day: date) -> GateFacts:
    """Give what the gate would know of a debtor on a night."""
    said = world.said[number]
    return GateFacts(
        day=day,
        accounts=(AccountReading(account="DE02120300000000202051", read_until=world.read_until),),
        mirror_age_days=(day - world.mirror_read_on).days,
        credit=Money(0, "EUR"),
        holds=tuple(hold for hold in world.holds if hold.debtor_number == number),
        last_notice_on=said[-1].run_date if said else None,
        unanswered_message_on=world.messages.get(number),
    )


def night(world: World, day: date) -> list[Notice]:
    """Run a night, and send whatever is not held; hand-overs are released at once."""
    if world.luck.random() < 0.04:
        world.happened["tool down"] += 1
    else:
        world.mirror_read_on = day
    made = planned(world, day)
    sent = [notice for notice in made if not notice.held_because]
    for notice in sent:
        world.said[notice.debtor.number].append(notice)
        for one in notice.items:
            world.history[one.item_id].append(
                SentStage(stage=one.stage, sent_on=day, deadline=notice.deadline, channel=notice.channel)
            )
    world.happened["held"] += len(made) - len(sent)
    world.happened["sent"] += len(sent)
    return sent


def planned(world: World, day: date) -> tuple[Notice, ...]:
    """Plan what a night would say."""
    items = [
        replace(item, open_amount=Money(world.open[key], "EUR"))
        for key, item in world.items.items()
        if item.document_date <= day
    ]
    return plan(
        run_date=day,
        items=items,
        debtors=world.debtors,
        history=world.history,
        procedure=world.procedure,
        settings=SETTINGS,
        rates=RATES,
        facts={(number, "EUR"): facts_of(world, number, day) for number in world.debtors},
        choosing=Choosing(),
    ).notices


def track_of(world: World, item_id: str, day: date) -> Track:
    """Give the track of an item."""
    item = world.items[item_id]
    choices = narrowest_first((), world.procedure.choices)
    debtor = world.debtors[item.debtor_number]
    return chosen_track(item, debtor, Relation(), world.procedure.by_track, choices, Choosing(), day).track


def broken_rules(world: World, sent: list[Notice], day: date) -> Iterator[str]:
    """Tell every rule that the letters of a night broke."""
    for notice in sent:
        who = f"{day} {notice.debtor.number} {notice.stage}"
        earlier = [other.run_date for other in world.said[notice.debtor.number][:-1]]
        before = replace(facts_of(world, notice.debtor.number, day), last_notice_on=max(earlier, default=None))
        asked = NoticeFacts(notice=notice, facts=before, procedure=world.procedure)
        if gate(asked):
            yield f"{who}: sent although the gate speaks: {[because.code for because in gate(asked)]}"
        if earlier and (day - earlier[-1]).days < world.procedure.minimum_gap_days:
            yield f"{who}: {day - earlier[-1]} after the one before"
        if not is_working_day(day, BAVARIA):
            yield f"{who}: sent on a holiday or weekend"
        amounts = (part for one in notice.items for part in (one.open, one.interest, one.fee or Money(0, "EUR")))
        if notice.total != total(amounts, "EUR"):
            yield f"{who}: the total {notice.total} is not the sum of its parts"
        for one in notice.items:
            if world.open[one.item_id] != one.open.minor or one.open.minor <= 0:
                yield f"{who}: {one.document_number} is paid, or another amount is open"
            names = [stage.name for stage in track_of(world, one.item_id, day).stages]
            climbed = [sent.stage for sent in world.history[one.item_id]]
            if climbed != names[: len(climbed)]:
                yield f"{who}: {one.document_number} climbed {climbed}"
    if again := [notice for notice in planned(world, day) if not notice.held_because]:
        yield f"{day}: the same day again would say {[notice.stage for notice in again]}"


@pytest.mark.parametrize(
    ("debtors", "days"), [(15, 200), pytest.param(60, 400, marks=pytest.mark.slow)], ids=["quick", "year"]
)
def test_after_every_night_every_rule_of_dunning_was_kept(debtors: int, days: int) -> None:
    world = begin(20250901, debtors)
    for day in (FIRST + timedelta(days=n) for n in range(days)):
        live(world, day)
        tonight = day + timedelta(days=1)
        levels = {item_id: len(stages) for item_id, stages in world.history.items()}
        sent = night(world, tonight)
        assert list(broken_rules(world, sent, tonight)) == []
        said = Counter(one.item_id for notice in sent for one in notice.items)
        # A level changes only by something really sent.
        grown = {item_id: len(stages) - levels.get(item_id, 0) for item_id, stages in world.history.items()}
        assert {item_id: by for item_id, by in grown.items() if by} == dict(said)
    assert world.happened["sent"] > debtors
    assert world.happened["held"] > debtors
    if days > 365:
        assert world.happened.keys() >= {
            *("paid", "paid in part", "returned", "message", "no statement", "tool down", "sent", "held"),
            *(reason.value for reason in SILENCE),
        }
        stages = {notice.stage for notices in world.said.values() for notice in notices}
        assert stages == {stage.name for stage in world.procedure.stages}


RATES: Final = read_base_rates((CONFIG / "base_rates_de.csv").read_text(encoding="utf-8"))
