"""Write-back (Rückschreiben): what was booked and said here is told to the accounting tool, once, and read back."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from connectors.accounting import Capability
from connectors.accounting.document import RemoteKey
from connectors.accounting.orders import (
    BooksPayments,
    DunningOrder,
    PaymentOrder,
    SetsDunning,
    order_bytes,
    order_of,
)
from dunning.notice import Channel
from ledger.allocation import AllocationKind
from ledger.errors import ConnectorError, Refused, Unavailable, Uncertain, Unreadable
from ledger.finding import Finding, Severity
from ledger.money import Money
from night.remote import read_again, tools_of
from storage.documents import load_document
from storage.facts import load_items
from storage.matches import load_booked
from storage.notices import load_notices
from storage.outbox import Effect, EffectKind, EffectStatus, enqueue, load_effects, mark, settle
from storage.remote_documents import load_keys
from storage.statements import load_entries

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from connectors.accounting import ToolSource
    from connectors.accounting.document import Document
    from connectors.accounting.orders import Order, Written
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from night.workplace import Workplace
    from storage.facts import StoredItem
    from storage.matches import Booked
    from storage.notices import StoredNotice
    from storage.outbox import StoredEffect

_TEXT: Final = 140  # characters beside a payment in a tool
_WAIVED: Final = frozenset({AllocationKind.SMALL_DIFFERENCE, AllocationKind.BANK_CHARGE})
_SAID_BY: Final = frozenset({Channel.EMAIL, Channel.LETTER})


@dataclass(slots=True, kw_only=True)
class WrittenBack:
    """What the tools were told tonight."""

    queued: int = 0
    written: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def queue_orders(work: Workplace) -> int:
    """Lay what the tools are to be told into the outbox, each order once; give how many are new.

    Only what the tool does not know yet: a payment whose amount has not fallen there, and the last stage that was
    really sent on an item that is still open.
    """
    wished = {one.name: one.write_back for one in work.company.source if hasattr(one, "write_back")}
    if not any(one.payments or one.dunning for one in wished.values()):
        return 0
    with work.step() as connection:
        items = {s.item.item_id: s for s in load_items(connection, work.company_id) if s.item.source in wished}
        keys = load_keys(connection, work.company_id)
        orders: list[tuple[int, str, Order]] = []
        if any(one.payments for one in wished.values()):
            booked, entries = load_booked(connection, work.company_id), load_entries(connection, work.company_id)
            payments = _payments(work, booked, items, keys, entries)
            orders += [order for order in payments if wished[order[1]].payments]
        if any(one.dunning for one in wished.values()):
            stages = _stages(work, load_notices(connection, work.company_id), items, keys)
            orders += [order for order in stages if wished[order[1]].dunning]
        known = {effect.outbox_id for effect in load_effects(connection, work.company_id)}
        new = [(seq, _effect(source, order)) for seq, source, order in orders if _outbox_id(order) not in known]
        for seq, effect in new:
            enqueue(connection, work.company_id, seq, [effect])
    return len(new)


def tell_tools(work: Workplace) -> WrittenBack:
    """Tell the tools what waits for them; look first, tell once, and read back what they then say."""
    told = WrittenBack(queued=queue_orders(work))
    if work.rehearsal is not None:
        return told
    with work.step() as connection:
        effects = [
            effect
            for effect in load_effects(connection, work.company_id, EffectStatus.QUEUED, EffectStatus.UNCERTAIN)
            if effect.kind is EffectKind.TOOL
        ]
        standing = {booked.seq for booked in load_booked(connection, work.company_id)} if effects else set()
    if not effects:
        return told
    try:
        tools = tools_of(work)
    except ConnectorError as error:
        told.findings.append(_nothing_written(str(error), len(effects)))
        return told
    silent: set[str] = set()  # tools that do not answer tonight
    for number, effect in enumerate(effects):
        work.progress("telling the tools", number, len(effects))
        if effect.sender in silent or effect.needs_release:
            told.waiting.append(effect.outbox_id)
            continue
        try:
            _tell(work, effect, tools.get(effect.sender), standing, told)
        except (Unavailable, Unreadable) as error:
            silent.add(effect.sender)
            told.waiting.append(effect.outbox_id)
            told.findings.append(_delayed(effect, error))
    return told


def _tell(
    work: Workplace, effect: StoredEffect, source: ToolSource | None, standing: set[int], told: WrittenBack
) -> None:
    with work.step() as connection:
        order = order_of(load_document(connection, work.company_id, effect.sha256))
    if isinstance(order, PaymentOrder) and order.decision not in standing:
        _settle(work, effect, EffectStatus.CANCELLED, "the booking was taken back before the tool was told of it")
        return
    if source is None:
        told.findings.append(_refused(effect, Refused("the tool is no longer among the sources of this company")))
        return
    try:
        written = _looked(source, order)
        if written is None:
            written = _write(work, effect, source, order)
    except Uncertain as error:
        _settle(work, effect, EffectStatus.UNCERTAIN, str(error))
        told.findings.append(_uncertain(effect, error))
        return
    except Refused as error:
        _note(work, effect, str(error))
        told.waiting.append(effect.outbox_id)
        told.findings.append(_refused(effect, error))
        return
    _settle(work, effect, EffectStatus.SENT, written.says)
    told.written.append(effect.outbox_id)
    if isinstance(order, PaymentOrder):
        told.findings += _compared(order, read_again(work, source, order.item_id))


def _write(work: Workplace, effect: StoredEffect, source: ToolSource, order: Order) -> Written:
    """Tell the tool; where nobody knows whether it listened, look once more at once."""
    if isinstance(order, PaymentOrder):
        order = _as_it_stands(order, read_again(work, source, order.item_id))
        _refuse_parts(order, source.capabilities)
    with work.step() as connection:
        if effect.status is EffectStatus.UNCERTAIN:  # it was looked for, and is not there
            settle(connection, work.company_id, work.author, effect, EffectStatus.QUEUED, "looked for and not found")
        mark(connection, work.company_id, effect.outbox_id, EffectStatus.SENDING, tries=1)
    try:
        return _told(source, order)
    except (Uncertain, Unreadable) as error:  # what it answered to a write may be unreadable, and the write done
        try:
            found = _looked(source, order)
        except ConnectorError:
            found = None
        if found is None:
            raise Uncertain(str(error)) from None
        return found


def _looked(source: ToolSource, order: Order) -> Written | None:
    tool = source.tool
    if isinstance(order, PaymentOrder):
        assert isinstance(tool, BooksPayments), source.name
        return tool.booked(order)
    assert isinstance(tool, SetsDunning), source.name
    return tool.dunned(order)


def _told(source: ToolSource, order: Order) -> Written:
    tool = source.tool
    if isinstance(order, PaymentOrder):
        assert isinstance(tool, BooksPayments), source.name
        return tool.book(order)
    assert isinstance(tool, SetsDunning), source.name
    return tool.dun(order)


def _as_it_stands(order: PaymentOrder, document: Document | None) -> PaymentOrder:
    """Give the order with what the tool shows as open now; refuse one that would take more than that."""
    if document is None:
        return order
    open_now = document.item.open_amount if document.item else Money(0, order.amount.currency)
    if open_now.minor < order.settled.minor:
        raise Refused(
            f"{order.document_number}: the tool shows {open_now} as open, and {order.settled} was to be booked\n"
            "    Somebody booked it there already, or changed the document: look at both."
        )
    return replace(order, open_before=open_now, closes=open_now == order.settled)


def _refuse_parts(order: PaymentOrder, capabilities: Collection[Capability]) -> None:
    """Refuse what this tool cannot be told: it would book more, or leave more open, than was decided here."""
    waived = order.skonto + order.difference
    if not order.closes and Capability.BOOKS_PART_PAYMENTS not in capabilities:
        why = f"{order.settled} of {order.open_before} was settled, and it knows no part payments"
    elif waived and Capability.BOOKS_DIFFERENCES not in capabilities:
        why = f"{waived} of {order.open_before} was waived, and it knows neither Skonto nor differences"
    else:
        return
    raise Refused(
        f"{order.document_number}: the tool cannot be told of this payment: {why}\n    Book it there by hand."
    )


def _compared(order: PaymentOrder, document: Document | None) -> Iterator[Finding]:
    """Compare what the tool says afterwards with what it should say."""
    if document is None or document.item is None:
        return
    expected = order.open_before - order.settled
    if document.item.open_amount != expected:
        yield Finding(
            code="tool_says_otherwise",
            place=f"{order.document_number}",
            severity=Severity.ERROR,
            what=f"{order.settled} was booked in the tool, which now shows {document.item.open_amount} as open "
            f"instead of {expected}",
            what_to_do="Look at the document there; what the tool says counts here from now on.",
        )


# --- What is told --------------------------------------------------------------------------------------------------


def _payments(
    work: Workplace,
    booked: Iterable[Booked],
    items: Mapping[str, StoredItem],
    keys: Mapping[str, tuple[str, str]],
    entries: Mapping[str, StatementEntry],
) -> Iterator[tuple[int, str, PaymentOrder]]:
    """Make one order of what one decision settled on one item that its tool still shows as open."""
    parts: dict[tuple[int, str], list[Booked]] = defaultdict(list)
    for one in booked:
        if one.allocation.item_id in items:
            parts[one.seq, one.allocation.item_id].append(one)
    for (seq, item_id), some in parts.items():
        stored = items[item_id]
        if stored.amount.unconfirmed.minor > 0 and item_id in keys:
            entry = entries[some[0].entry_id]
            yield seq, stored.item.source, _payment(work, seq, stored, keys[item_id], some, entry)


def _payment(
    work: Workplace,
    seq: int,
    stored: StoredItem,
    key: tuple[str, str],
    parts: Sequence[Booked],
    entry: StatementEntry,
) -> PaymentOrder:
    item = stored.item

    def of(*kinds: AllocationKind) -> Money:
        minor = sum(one.allocation.amount.minor for one in parts if one.allocation.kind in kinds)
        return Money(minor if item.is_invoice else -minor, item.currency)

    return PaymentOrder(
        operation=_operation(work, seq, item),
        decision=seq,
        item_id=item.item_id,
        key=RemoteKey(*key),
        document_number=item.document_number,
        debtor_number=item.debtor_number,
        day=entry.booking_date,
        amount=of(AllocationKind.PAYMENT),
        skonto=of(AllocationKind.SKONTO),
        difference=of(*_WAIVED),
        is_credit_note=not item.is_invoice,
        closes=not item.open_amount,
        open_before=stored.amount.reported,
        text=" ".join(f"{entry.payer_name} {entry.remittance}".split())[:_TEXT],
        own_account=entry.account,
    )


def _stages(
    work: Workplace,
    notices: Iterable[StoredNotice],
    items: Mapping[str, StoredItem],
    keys: Mapping[str, tuple[str, str]],
) -> Iterator[tuple[int, str, DunningOrder]]:
    """Make one order of the last stage that each open item was really sent."""
    level: dict[str, int] = defaultdict(int)
    last: dict[str, tuple[str, StoredNotice]] = {}
    for notice in notices:
        if notice.sent_on is None or notice.came_back or notice.channel not in _SAID_BY:
            continue
        for item in notice.items:
            level[item.item_id] += 1
            last[item.item_id] = item.stage, notice
    for item_id, (stage, notice) in last.items():
        if item_id not in items or item_id not in keys or not items[item_id].item.open_amount:
            continue
        said = next(one for one in notice.items if one.item_id == item_id)
        assert notice.sent_on is not None, notice
        yield (
            notice.seq,
            items[item_id].item.source,
            DunningOrder(
                operation=_operation(work, notice.seq, items[item_id].item),
                item_id=item_id,
                key=RemoteKey(*keys[item_id]),
                document_number=said.document_number,
                level=level[item_id],
                stage=stage,
                sent_on=notice.sent_on,
                deadline=notice.deadline,
                fee=Money(said.fee_minor, notice.currency),
                interest=Money(said.interest_minor, notice.currency),
            ),
        )


def _operation(work: Workplace, seq: int, item: OpenItem) -> str:
    """Name an order so that it is the same at every try, and another one in every other company."""
    return "kontorist-" + hashlib.sha256(f"{work.company_id}|{seq}|{item.item_id}".encode()).hexdigest()[:20]


def _outbox_id(order: Order) -> str:
    kind = "book" if isinstance(order, PaymentOrder) else "dun"
    return f"{kind}-{order.operation}"


def _effect(source: str, order: Order) -> Effect:
    return Effect(
        outbox_id=_outbox_id(order),
        kind=EffectKind.TOOL,
        name=f"{order.document_number}.json",
        media_type="application/json",
        content=order_bytes(order),
        sender=source,
    )


def _settle(work: Workplace, effect: StoredEffect, status: EffectStatus, message: str) -> None:
    with work.step() as connection:
        settle(connection, work.company_id, work.author, effect, status, message)


def _note(work: Workplace, effect: StoredEffect, message: str) -> None:
    with work.step() as connection:
        mark(connection, work.company_id, effect.outbox_id, EffectStatus.QUEUED, message)


# --- What a person is told ------------------------------------------------------------------------------------------


def _nothing_written(why: str, count: int) -> Finding:
    return Finding(
        code="write_back_refused",
        place="write-back",
        severity=Severity.ERROR,
        what=f"{count} orders to accounting tools wait",
        excerpt=why,
        what_to_do="Put it right; they are tried again the next night.",
    )


def _delayed(effect: StoredEffect, error: ConnectorError) -> Finding:
    return Finding(
        code="write_back_delayed",
        place=f"{effect.sender}: {effect.outbox_id}",
        severity=Severity.WARNING,
        what="the accounting tool does not answer; what it is to be told waits",
        excerpt=str(error),
        what_to_do="Nothing: it is tried again the next night, after a look whether it was done.",
    )


def _refused(effect: StoredEffect, error: Refused) -> Finding:
    return Finding(
        code="write_back_refused",
        place=f"{effect.sender}: {effect.outbox_id}",
        severity=Severity.ERROR,
        what="the accounting tool does not accept what was booked or said here",
        excerpt=str(error),
        what_to_do=(
            "Put it right there; it is tried again the next night. Or do it there by hand, and run "
            f"`run_sync.py outbox answer {effect.outbox_id} cancel`."
        ),
    )


def _uncertain(effect: StoredEffect, error: Uncertain) -> Finding:
    return Finding(
        code="write_back_uncertain",
        place=f"{effect.sender}: {effect.outbox_id}",
        severity=Severity.WARNING,
        what="nobody knows whether the accounting tool did what it was told",
        excerpt=str(error),
        what_to_do="Nothing: the next night looks whether it stands there before anything is said again.",
    )
