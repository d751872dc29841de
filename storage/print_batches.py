"""Print batches (Druckstapel): which letters are printed in which file, decided before the file is made."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, insert, select

from storage.decisions import Author, Decided, append
from storage.outbox import EffectKind, EffectStatus, load_effects
from storage.tables import NOTICE, OUTBOX, PRINT_BATCH, PRINT_BATCH_LAID, PRINT_BATCH_LETTER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from storage.outbox import StoredEffect

LETTERS: Final = "letters/"


def letters_to_print(connection: Connection, company_id: str) -> list[StoredEffect]:
    """Give the letters that were sent, on whatever day, and are in no print batch yet; in the order of decision."""
    waiting = (
        select(OUTBOX.c.outbox_id)
        .outerjoin(
            PRINT_BATCH_LETTER,
            (PRINT_BATCH_LETTER.c.company_id == OUTBOX.c.company_id)
            & (PRINT_BATCH_LETTER.c.outbox_id == OUTBOX.c.outbox_id),
        )
        .where(
            OUTBOX.c.company_id == company_id,
            OUTBOX.c.status == EffectStatus.SENT.value,
            OUTBOX.c.kind == EffectKind.FILE.value,
            OUTBOX.c.path.startswith(LETTERS, autoescape=True),
            PRINT_BATCH_LETTER.c.outbox_id.is_(None),
        )
    )
    wanted = {outbox_id for (outbox_id,) in connection.execute(waiting)}
    if not wanted:
        return []
    return [one for one in load_effects(connection, company_id, EffectStatus.SENT) if one.outbox_id in wanted]


def save_print_batch(
    connection: Connection, company_id: str, author: Author, batch_id: str, letters: Sequence[str]
) -> None:
    """Decide that these letters (outbox effects), in this order, are printed as one file. Each only ever once."""
    payload = {"batch_id": batch_id, "letters": list(letters)}
    (seq,) = append(connection, company_id, author, [Decided("print_batch", payload)])
    connection.execute(insert(PRINT_BATCH).values(company_id=company_id, batch_id=batch_id, seq=seq))
    connection.execute(
        insert(PRINT_BATCH_LETTER),
        [
            {"company_id": company_id, "outbox_id": outbox_id, "batch_id": batch_id, "position": position}
            for position, outbox_id in enumerate(letters)
        ],
    )


def note_laid(connection: Connection, company_id: str, author: Author, batch_id: str) -> None:
    """Note that the file of a batch lies in its folder; from now on it is never made again."""
    (seq,) = append(connection, company_id, author, [Decided("print_batch_laid", {"batch_id": batch_id})])
    connection.execute(insert(PRINT_BATCH_LAID).values(company_id=company_id, batch_id=batch_id, seq=seq))


def batches_to_lay(connection: Connection, company_id: str) -> dict[str, list[str]]:
    """Give the batches that were decided and whose file was not yet laid, each with its letters in their order."""
    rows = connection.execute(
        select(PRINT_BATCH_LETTER.c.batch_id, PRINT_BATCH_LETTER.c.outbox_id)
        .join(
            PRINT_BATCH,
            (PRINT_BATCH.c.company_id == PRINT_BATCH_LETTER.c.company_id)
            & (PRINT_BATCH.c.batch_id == PRINT_BATCH_LETTER.c.batch_id),
        )
        .outerjoin(
            PRINT_BATCH_LAID,
            (PRINT_BATCH_LAID.c.company_id == PRINT_BATCH.c.company_id)
            & (PRINT_BATCH_LAID.c.batch_id == PRINT_BATCH.c.batch_id),
        )
        .where(PRINT_BATCH.c.company_id == company_id, PRINT_BATCH_LAID.c.batch_id.is_(None))
        .order_by(PRINT_BATCH.c.seq, PRINT_BATCH_LETTER.c.position)
    )
    batches: dict[str, list[str]] = defaultdict(list)
    for batch_id, outbox_id in rows:
        batches[str(batch_id)].append(outbox_id)
    return dict(batches)


def letters_of_batch(connection: Connection, company_id: str, batch_id: str) -> list[str]:
    """Give the letters (outbox effects) of a batch in their order; none where there is no such batch."""
    rows = connection.execute(
        select(PRINT_BATCH_LETTER.c.outbox_id)
        .where(PRINT_BATCH_LETTER.c.company_id == company_id, PRINT_BATCH_LETTER.c.batch_id == batch_id)
        .order_by(PRINT_BATCH_LETTER.c.position)
    )
    return [outbox_id for (outbox_id,) in rows]


def count_batches(connection: Connection, company_id: str, prefix: str) -> int:
    """Count the batches whose name begins so."""
    return int(
        connection.execute(
            select(func.count())
            .select_from(PRINT_BATCH)
            .where(PRINT_BATCH.c.company_id == company_id, PRINT_BATCH.c.batch_id.startswith(prefix, autoescape=True))
        ).scalar_one()
    )


def addressees(connection: Connection, company_id: str) -> dict[str, str]:
    """Give the debtor number of every notice that was made ready, by its effect."""
    rows = connection.execute(
        select(NOTICE.c.outbox_id, NOTICE.c.debtor_number).where(
            NOTICE.c.company_id == company_id, NOTICE.c.outbox_id != ""
        )
    )
    return {str(outbox_id): str(debtor_number) for outbox_id, debtor_number in rows}


def addressee(connection: Connection, company_id: str, effect: StoredEffect) -> str:
    """Give the debtor number a letter was written to; what is no notice has it in the name of its file."""
    known = addressees(connection, company_id).get(effect.outbox_id)
    return known or number_in(effect.path)


def number_in(path: str) -> str:
    """Read the debtor number in the name of a letter's file: letters/M-2026-00001_10001.pdf."""
    return path.removesuffix(".pdf").partition("_")[2]
