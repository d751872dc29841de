"""Notices: what was said to whom in which run, what was kept back, and what really left the house."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from dunning.notice import Channel, HeldBecause, Notice, NoticeState
from dunning.reach import address_for
from dunning.receipt import came_back
from storage.canonical import canonical, parsed
from storage.decisions import Author, Decided, append
from storage.outbox import EffectStatus, load_effects
from storage.receipts import load_receipt_facts
from storage.tables import NOTICE, NOTICE_ITEM

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from dunning.receipt import ReceiptFact

_SAID = {EffectStatus.SENT: NoticeState.SENT, EffectStatus.CANCELLED: NoticeState.HELD}
_WITHDRAWN = HeldBecause("withdrawn", "It was made ready, but withdrawn before it was sent.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A notice that the night decided on. ``outbox_id`` is empty when the gate kept silent."""

    notice: Notice
    letter_number: str = ""
    outbox_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNoticeItem:
    """One item of a stored notice."""

    item_id: str
    document_number: str
    due_date: date
    days_overdue: int
    stage: str
    open_minor: int
    interest_minor: int
    fee_minor: int
    lump_sum_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNotice:
    """A notice with what became of it."""

    notice_id: str
    seq: int
    run_date: date
    debtor_number: str
    currency: str
    stage: str
    title: str
    channel: Channel
    deadline: date | None
    total_minor: int
    held_because: tuple[HeldBecause, ...]
    letter_number: str
    outbox_id: str
    state: NoticeState
    uncertain: bool
    sent_on: date | None
    items: tuple[StoredNoticeItem, ...]
    receipt_facts: tuple[ReceiptFact, ...] = ()  # what is known of its way, see dunning.receipt.receipt_of
    sent_to: str = ""  # the address it was written to, see dunning.reach.address_for; empty: nobody noted it

    @property
    def came_back(self) -> bool:
        """Whether it left the house and was not received: then nothing was said (§ 130 BGB)."""
        return self.sent_on is not None and came_back(self.receipt_facts)


def save_notices(connection: Connection, company_id: str, author: Author, planned: Sequence[Planned]) -> list[int]:
    """Append one decision per notice, silent ones included; return the decisions' numbers."""
    seqs = append(connection, company_id, author, [Decided("notice", notice_json(p)) for p in planned])
    rows, item_rows = [], []
    for seq, plan in zip(seqs, planned, strict=True):
        notice = plan.notice
        notice_id = f"N{seq}"
        rows.append(
            {
                "company_id": company_id,
                "notice_id": notice_id,
                "seq": seq,
                "run_date": notice.run_date,
                "debtor_number": notice.debtor.number,
                "currency": notice.total.currency,
                "stage": notice.stage,
                "title": notice.title,
                "channel": notice.channel.value,
                "deadline": notice.deadline,
                "total_minor": notice.total.minor,
                "held_because": canonical([[held.code, held.sentence] for held in notice.held_because]),
                "letter_number": plan.letter_number,
                "outbox_id": plan.outbox_id,
                "sent_to": address_for(notice.debtor, notice.channel),
            }
        )
        item_rows += [
            {
                "company_id": company_id,
                "notice_id": notice_id,
                "item_id": item.item_id,
                "document_number": item.document_number,
                "due_date": item.due_date,
                "days_overdue": item.days_overdue,
                "stage": item.stage,
                "open_minor": item.open.minor,
                "interest_minor": item.interest.minor,
                "fee_minor": item.fee.minor if item.fee else 0,
                "lump_sum_minor": item.lump_sum.minor if item.lump_sum else 0,
            }
            for item in notice.items
        ]
    if rows:
        connection.execute(insert(NOTICE), rows)
    if item_rows:
        connection.execute(insert(NOTICE_ITEM), item_rows)
    return list(seqs)


def load_notices(
    connection: Connection, company_id: str, run_date: date | None = None, *, silent_on: date | None = None
) -> list[StoredNotice]:
    """Give the notices of one run, or of all, in the order they were decided.

    With ``silent_on``, what was kept back counts only on that day: every night keeps silent towards somebody, and
    what was said in years must not be searched among it.
    """
    wanted = [NOTICE.c.company_id == company_id]
    if run_date is not None:
        wanted.append(NOTICE.c.run_date == run_date)
    if silent_on is not None:
        wanted.append((NOTICE.c.outbox_id != "") | (NOTICE.c.run_date == silent_on))
    items: dict[str, list[StoredNoticeItem]] = defaultdict(list)
    for row in connection.execute(
        select(NOTICE_ITEM)
        .join(
            NOTICE,
            (NOTICE.c.company_id == NOTICE_ITEM.c.company_id) & (NOTICE.c.notice_id == NOTICE_ITEM.c.notice_id),
        )
        .where(*wanted)
        .order_by(NOTICE_ITEM.c.notice_id, NOTICE_ITEM.c.due_date, NOTICE_ITEM.c.document_number)
    ).mappings():
        items[row["notice_id"]].append(_item(row))
    effects = {effect.outbox_id: effect for effect in load_effects(connection, company_id)}
    known = load_receipt_facts(connection, company_id)
    notices = []
    for row in connection.execute(select(NOTICE).where(*wanted).order_by(NOTICE.c.seq)).mappings():
        effect = effects.get(row["outbox_id"])
        status = effect.status if effect else None
        sent_on = effect.sent_on if effect else None
        notices.append(_notice(row, items[row["notice_id"]], status, sent_on, known.get(row["outbox_id"], ())))
    return notices


def one_per_run(notices: Iterable[StoredNotice]) -> list[StoredNotice]:
    """Give per debtor, currency and run what was said, or else the last reason for silence.

    That is one notice, unless the company writes a letter for each stage or item.
    """
    said: defaultdict[tuple[date, str, str], dict[frozenset[str], StoredNotice]] = defaultdict(dict)
    silent: dict[tuple[date, str, str], StoredNotice] = {}
    for notice in notices:
        key = (notice.run_date, notice.debtor_number, notice.currency)
        if notice.state is NoticeState.HELD:
            silent[key] = notice
        else:
            said[key][frozenset(item.item_id for item in notice.items)] = notice
    every = sorted(said.keys() | silent.keys())
    return [notice for key in every for notice in (said[key].values() if key in said else [silent[key]])]


def last_letter_number(connection: Connection, company_id: str, prefix: str) -> int:
    """Give the highest running number among the letter numbers with a prefix; 0 when there is none."""
    numbers = connection.execute(
        select(NOTICE.c.letter_number).where(
            NOTICE.c.company_id == company_id, NOTICE.c.letter_number.startswith(prefix, autoescape=True)
        )
    ).scalars()
    return max((int(number.removeprefix(prefix)) for number in numbers), default=0)


def notice_json(planned: Planned) -> dict[str, Any]:
    """Write a notice as it stands in its decision."""
    notice = planned.notice
    sent_to = address_for(notice.debtor, notice.channel)
    return {
        "run_date": notice.run_date.isoformat(),
        "debtor_number": notice.debtor.number,
        "currency": notice.total.currency,
        "stage": notice.stage,
        "channel": notice.channel.value,
        "deadline": notice.deadline.isoformat() if notice.deadline else None,
        "total_minor": notice.total.minor,
        "held_because": [[held.code, held.sentence] for held in notice.held_because],
        "letter_number": planned.letter_number,
        "outbox_id": planned.outbox_id,
        **({"sent_to": sent_to} if sent_to else {}),
        "items": [
            {
                "item_id": item.item_id,
                "stage": item.stage,
                "open_minor": item.open.minor,
                "interest_minor": item.interest.minor,
                "fee_minor": item.fee.minor if item.fee else 0,
                **({"lump_sum_minor": item.lump_sum.minor} if item.lump_sum else {}),
            }
            for item in notice.items
        ],
    }


def _item(row: Mapping[Any, Any]) -> StoredNoticeItem:
    return StoredNoticeItem(
        item_id=row["item_id"],
        document_number=row["document_number"],
        due_date=row["due_date"],
        days_overdue=row["days_overdue"],
        stage=row["stage"],
        open_minor=row["open_minor"],
        interest_minor=row["interest_minor"],
        fee_minor=row["fee_minor"],
        lump_sum_minor=row["lump_sum_minor"],
    )


def _notice(
    row: Mapping[Any, Any],
    items: Sequence[StoredNoticeItem],
    status: EffectStatus | None,
    sent_on: date | None,
    receipt_facts: Sequence[ReceiptFact],
) -> StoredNotice:
    held = tuple(HeldBecause(code, sentence) for code, sentence in parsed(row["held_because"]))
    if status is EffectStatus.CANCELLED:
        held = (_WITHDRAWN,)
    return StoredNotice(
        notice_id=row["notice_id"],
        seq=row["seq"],
        run_date=row["run_date"],
        debtor_number=row["debtor_number"],
        currency=row["currency"],
        stage=row["stage"],
        title=row["title"],
        channel=Channel(row["channel"]),
        deadline=row["deadline"],
        total_minor=row["total_minor"],
        held_because=held,
        letter_number=row["letter_number"],
        outbox_id=row["outbox_id"],
        state=NoticeState.HELD if status is None else _SAID.get(status, NoticeState.QUEUED),
        uncertain=status in {EffectStatus.UNCERTAIN, EffectStatus.SENDING},
        sent_on=sent_on,
        items=tuple(items),
        receipt_facts=tuple(receipt_facts),
        sent_to=row["sent_to"] or "",
    )
