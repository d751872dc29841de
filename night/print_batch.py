"""The print batch of the night (Druckstapel): what lies in ``letters``, once more in one file for the printer."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from export.delivery import deliver_file
from export.print_batch import Addressed, Printable, bind, in_print_order
from ledger.debtor import Debtor
from storage.documents import load_document
from storage.facts import load_debtors
from storage.outbox import EffectStatus, load_effects
from storage.print_batches import (
    addressees,
    batches_to_lay,
    count_batches,
    letters_to_print,
    note_laid,
    number_in,
    save_print_batch,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from night.workplace import Workplace
    from storage.database import Connection
    from storage.outbox import StoredEffect


def lay_print_batches(work: Workplace) -> list[Path]:
    """Write every letter that was sent and never printed into files of ``print`` below the output; give their paths.

    It does not matter which night sent a letter: what an interrupted one left goes along with the next. First the
    batch is decided, then its file is laid, then that is written down; whatever is cut off in between is taken up
    where it stopped, so that no letter is lost and none is printed twice. Raises Refused where a file cannot be laid.
    """
    with work.step() as connection:
        _decide(connection, work)
    with work.step() as connection:
        batches = batches_to_lay(connection, work.company_id)
    return [_lay(work, batch_id, letters) for batch_id, letters in batches.items()]


def _decide(connection: Connection, work: Workplace) -> None:
    letters = {effect.outbox_id: effect for effect in letters_to_print(connection, work.company_id)}
    if not letters:
        return
    prefix = f"Druckstapel_{work.run_date.isoformat()}_"
    before = count_batches(connection, work.company_id, prefix)
    addressed = _addressed(connection, work, letters.values())
    for number, batch in enumerate(in_print_order(addressed, work.company.country), start=before + 1):
        outbox_ids = [one.letter for one in batch]
        save_print_batch(connection, work.company_id, work.author, f"{prefix}{number}", outbox_ids)


def _addressed(connection: Connection, work: Workplace, letters: Iterable[StoredEffect]) -> Iterator[Addressed]:
    debtors, numbers = load_debtors(connection, work.company_id), addressees(connection, work.company_id)
    for effect in letters:
        number = numbers.get(effect.outbox_id) or number_in(effect.path)
        debtor = debtors.get(number, Debtor(number=number, name=""))
        yield Addressed(
            letter=effect.outbox_id, country=debtor.country, postcode=debtor.postcode, debtor_number=number
        )


def _lay(work: Workplace, batch_id: str, letters: Sequence[str]) -> Path:
    path = work.output / "print" / f"{batch_id}.pdf"
    # Written whole or not at all: what lies there was laid by a night that died before it could say so.
    if not path.exists():
        deliver_file(path.parent, path.name, bind(_pdfs(work, letters)).pdf)
    with work.step() as connection:
        note_laid(connection, work.company_id, work.author, batch_id)
    return path


def _pdfs(work: Workplace, letters: Sequence[str]) -> list[Printable]:
    with work.step() as connection:
        effects = {
            effect.outbox_id: effect for effect in load_effects(connection, work.company_id, EffectStatus.SENT)
        }
        return [
            Printable(
                name=PurePosixPath(effects[letter].path).name,
                pdf=load_document(connection, work.company_id, effects[letter].sha256),
            )
            for letter in letters
        ]
