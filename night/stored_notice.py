"""A stored notice in the words of the dunning room, for asking the gate again and for exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dunning.notice import Notice, NoticeItem
from ledger.money import Money

if TYPE_CHECKING:
    from ledger.debtor import Debtor
    from storage.notices import StoredNotice


def as_notice(stored: StoredNotice, debtor: Debtor) -> Notice:
    """Give the notice as it was decided; texts and invoice amounts were not stored, the archived letter has them."""
    currency = stored.currency
    return Notice(
        debtor=debtor,
        stage=stored.stage,
        title=stored.title,
        template="",
        channel=stored.channel,
        run_date=stored.run_date,
        deadline=stored.deadline,
        items=tuple(
            NoticeItem(
                item_id=item.item_id,
                document_number=item.document_number,
                document_date=item.due_date,
                due_date=item.due_date,
                original=Money(item.open_minor, currency),
                open=Money(item.open_minor, currency),
                days_overdue=item.days_overdue,
                stage=item.stage,
                interest=Money(item.interest_minor, currency),
                fee=Money(item.fee_minor, currency) if item.fee_minor else None,
                lump_sum=Money(item.lump_sum_minor, currency) if item.lump_sum_minor else None,
            )
            for item in stored.items
        ),
        total=Money(stored.total_minor, currency),
        payments_considered_until=stored.run_date,
        held_because=stored.held_because,
    )
