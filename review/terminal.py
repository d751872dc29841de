"""The review on a terminal: one entry after the other, one key each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ledger.errors import Refused
from ledger.money import german
from ledger.numerals import read_money
from review import desk
from storage.database import reading, transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console, RenderableType

    from ledger.allocation import Allocation
    from storage.database import Engine
    from storage.decisions import Author

_KEYS = "1-5 book that proposal · r reject one · a assign by hand · o on account · i ignore · s skip · q quit"


def show_queue(console: Console, engine: Engine, company_id: str, *, most: int = 50) -> int:
    """Print what waits; return how many entries that are."""
    with reading(engine) as connection:
        waiting = desk.queue(connection, company_id)
    if not waiting:
        console.print("Nothing waits for you.")
        return 0
    table = Table("entry", "booked on", "amount", "payer", "best proposal", "why it waits", box=None, padding=(0, 1))
    for one in waiting[:most]:
        best = one.outcome.proposals[0] if one.outcome.proposals else None
        table.add_row(
            Text(one.entry.entry_id, style="dim"),
            one.entry.booking_date.isoformat(),
            Text(str(one.entry.amount), justify="right"),
            Text(one.entry.payer_name[:32]),
            Text(f"{_documents(best.allocations)} {best.probability:.0%}" if best else "none"),
            Text(one.outcome.reasons[-1] if one.outcome.reasons else ""),
        )
    console.print(table)
    if len(waiting) > most:
        console.print(f"and {len(waiting) - most} more")
    return len(waiting)


def session(console: Console, engine: Engine, company_id: str, author: Author) -> int:
    """Walk through the queue with the person at the keyboard; return how many entries still wait."""
    with reading(engine) as connection:
        waiting = desk.queue(connection, company_id)
    done = 0
    for number, one in enumerate(waiting, 1):
        answer = _decided(console, engine, company_id, author, one, f"{number} of {len(waiting)}")
        if answer == "q":
            break
        done += answer != "s"
    console.print(f"{done} decided, {len(waiting) - done} still wait.")
    return len(waiting) - done


def _decided(console: Console, engine: Engine, company_id: str, author: Author, one: desk.Waiting, place: str) -> str:
    """Show an entry until it is decided or left; after a rejection the proposals have new numbers."""
    while True:
        console.print(_card(one, place))
        answer = _answered(console, engine, company_id, author, one)
        if answer != "r":
            return answer
        with reading(engine) as connection:
            one = next(w for w in desk.queue(connection, company_id) if w.entry.entry_id == one.entry.entry_id)


def _answered(console: Console, engine: Engine, company_id: str, author: Author, one: desk.Waiting) -> str:
    """Ask until the answer fits, and record it."""
    while True:
        try:
            answer = console.input("> ").strip()
        except EOFError:
            return "q"
        if answer in {"s", "q"}:
            return answer
        try:
            _record(console, engine, company_id, author, one, answer)
        except (Refused, ValueError) as error:
            console.print(Text(str(error), style="red"))
        else:
            return answer


def _record(
    console: Console, engine: Engine, company_id: str, author: Author, one: desk.Waiting, answer: str
) -> None:
    entry_id = one.entry.entry_id
    ask: Callable[[str], str] = console.input
    if answer.isdecimal():
        with transaction(engine, company_id) as connection:
            desk.accept(connection, company_id, author, entry_id, int(answer))
        return
    match answer:
        case "r":
            which = ask("which proposal is wrong? ").strip()
            if not which.isdecimal():
                raise Refused(f"{which!r} is not the number of a proposal")
            reason = ask("why? ").strip()
            with transaction(engine, company_id) as connection:
                desk.reject(connection, company_id, author, entry_id, int(which), reason)
        case "a":
            parts = read_parts(ask("documents and amounts, like RE-1=100,00 RE-2=19,00: "), one.entry.amount.currency)
            with transaction(engine, company_id) as connection:
                desk.assign(connection, company_id, author, entry_id, parts)
        case "o":
            debtor = ask("debtor number: ").strip()
            with transaction(engine, company_id) as connection:
                desk.put_on_account(connection, company_id, author, entry_id, debtor)
        case "i":
            reason = ask("why is it not ours? ").strip()
            with transaction(engine, company_id) as connection:
                desk.set_aside(connection, company_id, author, entry_id, reason)
        case _:
            raise Refused(f"{answer!r} is none of: {_KEYS}")


def read_parts(text: str, currency: str) -> list[tuple[str, int]]:
    """Read ``RE-1=100,00 RE-2=19,00``; raise ValueError for everything else."""
    parts = []
    for part in text.split():
        number, equals, written = part.rpartition("=")
        if not equals or not number:
            raise ValueError(f"{part!r} is not a document and its amount; write RE-1=100,00")
        parts.append((number, read_money(written, currency).minor))
    if not parts:
        raise ValueError("no document was named")
    return parts


def _card(one: desk.Waiting, place: str) -> Panel:
    entry = one.entry
    lines: list[RenderableType] = [
        Text(f"{german(entry.amount)} {entry.amount.currency} from {entry.payer_name or 'unknown'}", style="bold"),
        Text(entry.remittance),
        Text(" ".join(one.outcome.reasons), style="yellow"),
    ]
    for position, proposal in enumerate(one.outcome.proposals, 1):
        lines.append(
            Text(f"{position}  {proposal.probability:6.1%}  {_documents(proposal.allocations)}", style="cyan")
        )
        lines += [Text(f"           {reason}") for reason in proposal.reasons]
    lines.append(Text(_KEYS, style="dim"))
    title = f"{place} · {entry.booking_date} · {entry.account} · {entry.entry_id}"
    return Panel(Group(*lines), title=title, title_align="left")


def _documents(allocations: tuple[Allocation, ...]) -> str:
    return ", ".join(
        f"{a.document_number or a.debtor_number or 'charges'} {german(a.amount)} {a.kind.value.replace('_', ' ')}"
        for a in allocations
    )
