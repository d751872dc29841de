"""Writing letters: PDF/A pages of a first dunning letter with three invoices."""

from __future__ import annotations

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

_COUNT = 200
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
    """Measure one batch of letters, with the compiler warm as it is after the first."""
    notices = [_notice(n) for n in range(_COUNT)]
    numbers = [f"M-2026-{n:05d}" for n in range(_COUNT)]
    render_letters(notices[:1], _HEAD, letter_numbers=numbers[:1])
    yield Figure(
        what="letters as PDF/A-2b",
        count=_COUNT,
        unit="letters",
        cpu_seconds=cpu_seconds(lambda: render_letters(notices, _HEAD, letter_numbers=numbers), runs=2),
        peak_megabytes=peak_megabytes(),
    )


def _notice(number: int) -> Notice:
    items = tuple(
        NoticeItem(
            item_id=f"file:invoice:RE-{number}-{n}",
            document_number=f"RE-2026-{number:04d}{n}",
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
