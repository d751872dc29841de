"""Receipts (Zugang) of a night: when each notice arrived, by what is known of its way and the days of both places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dunning.notice import Channel
from dunning.place import places_of_performance
from dunning.receipt import Proof, ReceiptFact, receipt_of
from dunning.stage import SentStage
from ledger.debtor import Debtor
from storage.calls import load_calls
from storage.facts import load_debtors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from config.settings import Company
    from dunning.call import Call
    from dunning.receipt import Receipt
    from storage.database import Connection
    from storage.notices import StoredNotice


def receipts_of(
    connection: Connection, company: Company, notices: Iterable[StoredNotice], *, until: date | None = None
) -> dict[str, Receipt]:
    """Give the receipt of every notice that left the house, by notice; with ``until`` as it was known on that day."""
    left = [notice for notice in notices if notice.sent_on is not None]
    if not left:
        return {}
    debtors = load_debtors(connection, company.id)
    calls = _calls_by_debtor(connection, company.id) if any(one.channel is Channel.CALL for one in left) else {}
    return {
        notice.notice_id: _receipt(company, notice, debtors, calls.get(notice.debtor_number, ()), until)
        for notice in left
    }


def not_received(
    notices: Iterable[StoredNotice], receipts: Mapping[str, Receipt], item_id: str
) -> Iterator[SentStage]:
    """Give what was sent about an item and came back; it is no step, and starts no clock."""
    for notice in notices:
        receipt = receipts.get(notice.notice_id)
        if receipt is None or receipt.received or notice.sent_on is None:
            continue
        for item in notice.items:
            if item.item_id == item_id:
                yield SentStage(
                    stage=item.stage,
                    sent_on=notice.sent_on,
                    deadline=notice.deadline,
                    channel=notice.channel,
                    receipt=receipt,
                )


def receipt_told(receipt: Receipt | None) -> dict[str, Any] | None:
    """Write a receipt for machines; None for what never left the house."""
    if receipt is None:
        return None
    return {
        "received": receipt.received,
        "day": receipt.day.isoformat(),
        "proof": receipt.proof.value,
        "evidence": receipt.evidence,
        "posted_on": receipt.posted_on.isoformat() if receipt.posted_on else "",
    }


def _receipt(
    company: Company,
    notice: StoredNotice,
    debtors: Mapping[str, Debtor],
    calls: Sequence[tuple[str, Call]],
    until: date | None,
) -> Receipt:
    assert notice.sent_on is not None, notice
    settings = company.dunning
    debtor = debtors.get(notice.debtor_number) or Debtor(number=notice.debtor_number, name="")
    facts = notice.receipt_facts
    if notice.channel is Channel.CALL:
        facts = tuple(_spoken(call_id, call) for call_id, call in calls if call.called_on >= notice.sent_on)[:1]
    return receipt_of(
        notice.channel,
        notice.sent_on,
        [fact for fact in facts if until is None or fact.on <= until],
        email_working_days=settings.email_receipt_working_days,
        letter_working_days=settings.letter_receipt_working_days,
        places=places_of_performance(debtor, company.region),
    )


def _calls_by_debtor(connection: Connection, company_id: str) -> dict[str, list[tuple[str, Call]]]:
    calls: dict[str, list[tuple[str, Call]]] = {}
    for call_id, call in load_calls(connection, company_id).items():
        calls.setdefault(call.debtor_number, []).append((call_id, call))
    return calls


def _spoken(call_id: str, call: Call) -> ReceiptFact:
    with_whom = f"with {call.spoke_to}, " if call.spoke_to else ""
    return ReceiptFact(proof=Proof.SPOKEN, on=call.called_on, evidence=f"{call_id}: {with_whom}noted by {call.owner}")
