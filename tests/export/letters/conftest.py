"""A company, a debtor and notices as the dunning room would hand them over."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from dunning.notice import Channel, EarlierNotice, InterestSegment, Notice, NoticeItem
from export.letterhead import Letterhead
from ledger.debtor import Debtor, DebtorType
from ledger.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Callable

_RUN_DATE = date(2026, 3, 2)


@pytest.fixture
def letterhead() -> Letterhead:
    return Letterhead(
        name="Gärtnerei Blütenweiß GmbH",
        street="Ährenweg 3",
        postcode="97070",
        city="Würzburg",
        phone="0931 555010",
        email="buchhaltung@bluetenweiss.example",
        website="www.bluetenweiss.example",
        contact_person="Jörg Weiß",
        iban="DE02120300000000202051",
        bic="BYLADEM1001",
        bank_name="Beispielbank",
        managing_directors=("Änne Groß", "Jörg Weiß"),
        register_court="Amtsgericht Würzburg",
        register_number="HRB 4711",
        vat_id="DE123456789",
        seat="Würzburg",
    )


@pytest.fixture
def business() -> Debtor:
    return Debtor(
        number="10023",
        name="Café Süßmund OHG",
        street="Straße der Einheit 5",
        postcode="99084",
        city="Erfurt",
        email="rechnung@suessmund.example",
        phone="+49 361 5550",
        type=DebtorType.BUSINESS,
    )


def _item(number: int, open_minor: int, interest_minor: int, fee_minor: int, lump_sum_minor: int) -> NoticeItem:
    document_date = date(2026, 1, 5) + timedelta(days=number % 20)
    due_date = document_date + timedelta(days=14)
    overdue = (_RUN_DATE - due_date).days
    segment = InterestSegment(
        first_day=due_date + timedelta(days=1),
        last_day=_RUN_DATE,
        days=overdue,
        principal=Money(open_minor, "EUR"),
        rate_percent=Decimal("10.27"),
        basis_days=365,
    )
    return NoticeItem(
        item_id=f"file/invoice/RE-{number}",
        document_number=f"RE-2026-{number:04d}",
        document_date=document_date,
        due_date=due_date,
        original=Money(open_minor + 10000, "EUR"),
        open=Money(open_minor, "EUR"),
        days_overdue=overdue,
        stage="first_dunning",
        interest=Money(interest_minor, "EUR"),
        interest_segments=(segment,) if interest_minor else (),
        fee=Money(fee_minor, "EUR") if fee_minor else None,
        lump_sum=Money(lump_sum_minor, "EUR") if lump_sum_minor else None,
    )


@pytest.fixture
def notice_of(business: Debtor) -> Callable[..., Notice]:
    """Build a notice: ``notice_of("reminder", items=3, interest=120)``; every other field of Notice by name."""

    def build(
        template: str = "first_dunning",
        *,
        items: int = 1,
        interest: int = 0,
        fee: int = 0,
        lump_sum: int = 0,
        **more: Any,
    ) -> Notice:
        rows = more.pop("rows", None) or tuple(
            _item(42 + n, 119000 + n, interest, fee, lump_sum) for n in range(items)
        )
        claims = [claim for row in rows for claim in row.claims]
        fields = {
            "debtor": business,
            "stage": template,
            "title": "1. Mahnung",
            "template": template,
            "channel": Channel.LETTER,
            "run_date": _RUN_DATE,
            "deadline": date(2026, 3, 12),
            "items": rows,
            "total": total(claims, "EUR"),
            "payments_considered_until": date(2026, 2, 27),
            "daily_interest": Money(33, "EUR") if interest else None,
        }
        return Notice(**{**fields, **more})

    return build


@pytest.fixture
def earlier() -> tuple[EarlierNotice, ...]:
    return (
        EarlierNotice(stage="reminder", title="Zahlungserinnerung", sent_on=date(2026, 1, 28)),
        EarlierNotice(stage="first_dunning", title="1. Mahnung", sent_on=date(2026, 2, 9)),
    )
