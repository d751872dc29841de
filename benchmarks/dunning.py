"""Planning a dunning run: a million overdue items of a hundred thousand debtors, with tracks, gate and interest."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.measure import Figure, cpu_seconds, peak_megabytes
from dunning.gate import AccountReading, GateFacts
from dunning.interest import read_base_rates
from dunning.notice import Channel
from dunning.plan import plan
from dunning.settings import DunningSettings
from dunning.stage import SentStage, read_procedure
from dunning.track import Choosing
from ledger.calendar import Region, add_bank_days
from ledger.debtor import Debtor, DebtorType
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_CONFIG: Final = Path(__file__).parents[1] / "config"
_DAY: Final = date(2026, 6, 16)  # a Tuesday
_ITEMS_PER_DEBTOR: Final = 10
_SIZES: Final = (100_000, 1_000_000)
_TYPES: Final = (DebtorType.BUSINESS, DebtorType.CONSUMER, DebtorType.BUSINESS, DebtorType.UNKNOWN)
_PROCEDURE: Final = read_procedure(tomllib.loads((_CONFIG / "dunning.toml").read_text(encoding="utf-8")))
_RATES: Final = read_base_rates((_CONFIG / "base_rates_de.csv").read_text(encoding="utf-8"))


def figures() -> Iterator[Figure]:
    """Measure the planning of a tenth and of the whole; making up the items is not counted."""
    smaller: Figure | None = None
    for count in _SIZES:
        items = [_item(number) for number in range(count)]
        debtors = {debtor.number: debtor for debtor in map(_debtor, range(count // _ITEMS_PER_DEBTOR))}
        history = {item.item_id: sent for number, item in enumerate(items) if (sent := _sent(number))}
        facts = {(number, "EUR"): _facts() for number in debtors}
        smaller = Figure(
            what="planning a dunning run",
            count=count,
            unit="overdue items",
            cpu_seconds=cpu_seconds(lambda: _planned(items, debtors, history, facts), runs=1),  # noqa: B023
            peak_megabytes=peak_megabytes(),
            smaller=smaller,
        )
        yield smaller


def _planned(
    items: Sequence[OpenItem],
    debtors: Mapping[str, Debtor],
    history: Mapping[str, Sequence[SentStage]],
    facts: Mapping[tuple[str, str], GateFacts],
) -> None:
    made = plan(
        run_date=_DAY,
        items=items,
        debtors=debtors,
        history=history,
        procedure=_PROCEDURE,
        settings=DunningSettings(region=Region("DE", "BY")),
        rates=_RATES,
        facts=facts,
        choosing=Choosing(),
    )
    assert len(made.notices) > len(debtors) // 2, len(made.notices)


def _item(number: int) -> OpenItem:
    due = _DAY - timedelta(days=8 + number % 90)
    amount = Money(2000 + number * 7919 % 500_000, "EUR")
    return OpenItem(
        item_id=f"list:invoice:RE-{number:07d}",
        document_number=f"RE-{number:07d}",
        kind=ItemKind.INVOICE,
        debtor_number=str(100_000 + number // _ITEMS_PER_DEBTOR),
        document_date=due - timedelta(days=14),
        due_date=due,
        amount=amount,
        open_amount=amount,
    )


def _debtor(number: int) -> Debtor:
    return Debtor(
        number=str(100_000 + number),
        name=f"Huber Spenglerei {number}",
        postcode="80331",
        city="München",
        email=f"kasse{number}@huber.example",
        phone="089 1",
        type=_TYPES[number % len(_TYPES)],
    )


def _sent(number: int) -> tuple[SentStage, ...]:
    """Let an item have climbed as far as its age allows, some of them one stage less."""
    age = 8 + number % 90
    steps = [stage for stage in _PROCEDURE.stages[:5] if stage.days_overdue + 14 < age][: 5 - number % 2]
    return tuple(
        SentStage(
            stage=stage.name,
            sent_on=(sent_on := _DAY - timedelta(days=age - stage.days_overdue)),
            deadline=sent_on + timedelta(days=stage.deadline_days),
            channel=Channel.LETTER,
        )
        for stage in steps
    )


def _facts() -> GateFacts:
    reading = AccountReading(account="DE02120300000000202051", read_until=add_bank_days(_DAY, -1))
    return GateFacts(day=_DAY, accounts=(reading,), mirror_age_days=0, credit=Money(0, "EUR"))
