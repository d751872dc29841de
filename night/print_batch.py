"""The print batch of the night (Druckstapel): what was laid into ``letters`` today, once more in one file."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from export.delivery import deliver_file
from export.print_batch import Printable, print_batches
from ledger.debtor import Debtor
from storage.documents import load_document
from storage.facts import load_debtors
from storage.notices import load_notices
from storage.outbox import EffectKind, EffectStatus, load_effects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from night.workplace import Workplace
    from storage.database import Connection


def lay_print_batches(work: Workplace, outbox_ids: Iterable[str]) -> list[Path]:
    """Write the letters among these effects as files of ``print`` below the output folder; give their paths.

    The letters themselves lie one by one in ``letters``; nothing is archived twice. What an earlier run of this day
    sent and did not come to lay into a batch is taken along, and what lies in one already is not printed twice.
    """
    folder = work.output / "print"
    day = work.run_date.isoformat()
    laid = [tuple(path.stem.split("_")[2:]) for path in folder.glob(f"Druckstapel_{day}_*_*.pdf")]
    with work.step() as connection:
        letters = [
            letter
            for letter in _letters(connection, work, frozenset(outbox_ids))
            if not any(first <= _number(letter.name) <= last for first, last in laid)
        ]
    paths = []
    for batch in print_batches(letters, work.company.country):
        first, last = min(batch.names), max(batch.names)
        name = f"Druckstapel_{day}_{_number(first)}_{_number(last)}.pdf"
        paths.append(deliver_file(folder, name, batch.pdf))
    return paths


def _number(name: str) -> str:
    return PurePosixPath(name).stem.partition("_")[0]


def _letters(connection: Connection, work: Workplace, wanted: frozenset[str]) -> Iterator[Printable]:
    debtors = load_debtors(connection, work.company_id)
    notices = load_notices(connection, work.company_id, silent_on=work.run_date)
    numbers = {notice.outbox_id: notice.debtor_number for notice in notices}
    wanted = wanted | {notice.outbox_id for notice in notices if notice.sent_on == work.run_date}
    for effect in load_effects(connection, work.company_id, EffectStatus.SENT):
        number = numbers.get(effect.outbox_id, "")
        if effect.outbox_id in wanted and effect.kind is EffectKind.FILE and effect.path.startswith("letters/"):
            debtor = debtors.get(number, Debtor(number=number, name=""))
            yield Printable(
                name=PurePosixPath(effect.path).name,
                pdf=load_document(connection, work.company_id, effect.sha256),
                country=debtor.country,
                postcode=debtor.postcode,
                debtor_number=number,
            )
