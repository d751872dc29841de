"""Writing letters: PDF/A pages of a first dunning letter with three invoices, a few and a large run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from benchmarks.measure import Figure, cpu_seconds, peak_megabytes
from dunning.notice import Channel, Notice, NoticeItem
from export.letterhead import Letterhead
from export.letters import render_letters
from ledger.debtor import Debtor
from ledger.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterator

_FEW = 1_000
_MANY = 10_000
_SLICE = 200  # as a night writes them: a slice is recorded before the next is written
_DAY = date(2026, 7, 1)
_HEAD = Letterhead(
    name="Isarwinkler Haustechnik Großhandel GmbH",
    street="Gewerbepark Loisach 3",
    postcode="82515",
    city="Wolfratshausen",
    phone="+49 89 99998 120",
    iban="DE02120300000000202051",
    managing_directors=("Korbinian Moser",),
    register_court="Amtsgericht München",
    register_number="HRB 999471",
    seat="Wolfratshausen",
)


def figures() -> Iterator[Figure]:
    """Measure a run of letters and one of ten times as many: time in proportion, and no more memory."""
    _write(range(1))  # the compiler is warm after the first
    few = _measured(_FEW)
    yield few
    yield replace(_measured(_MANY), smaller=few)


def _measured(count: int) -> Figure:
    return Figure(
        what="letters as PDF/A-2a",
        count=count,
        unit="letters",
        cpu_seconds=cpu_seconds(lambda: _write_all(count), runs=1),
        peak_megabytes=peak_megabytes(),
    )


def _write_all(count: int) -> None:
    for first in range(0, count, _SLICE):
        _write(range(first, first + _SLICE))


def _write(numbers: range) -> None:
    """Write letters and let them go, as a night does that has recorded them."""
    notices = [_notice(n) for n in numbers]
    render_letters(notices, _HEAD, letter_numbers=[f"M-2026-{n:05d}" for n in numbers])


def _notice(number: int) -> Notice:
    items = tuple(
        NoticeItem(
            item_id=f"file:invoice:RE-{number}-{n}",
            document_number=f"RE-2026-{number:05d}{n}",
            document_date=date(2026, 4, 1) + timedelta(days=n),
            due_date=date(2026, 5, 1) + timedelta(days=n),
            original=Money(11900 + n, "EUR"),
            open=Money(11900 + n, "EUR"),
            days_overdue=61 - n,
            stage="first_dunning",
            interest=Money(0, "EUR"),
        )
        for n in range(3)
    )
    return Notice(
        debtor=Debtor(
            number=str(10000 + number),
            name=f"Huber Spenglerei {number}",
            street="Am Weg 1",
            postcode="80331",
            city="Ulm",
        ),
        stage="first_dunning",
        title="1. Mahnung",
        template="first_dunning",
        channel=Channel.LETTER,
        run_date=_DAY,
        deadline=_DAY + timedelta(days=12),
        items=items,
        total=total((item.open for item in items), "EUR"),
        payments_considered_until=_DAY - timedelta(days=1),
    )
