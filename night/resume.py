"""Resume (Wiederaufnahme): what an interrupted night left half done is settled before anything new is said."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from export.file_name import safe_file_name
from storage.documents import load_document
from storage.outbox import EffectKind, EffectStatus, load_effects, settle

if TYPE_CHECKING:
    from pathlib import Path

    from night.workplace import Workplace
    from storage.database import Connection
    from storage.outbox import StoredEffect


def resume(work: Workplace) -> None:
    """Write down what left the house although the night that sent it died before it could say so.

    A file that lies in the output folder was delivered: withdrawing it now and writing anew would put two letters
    to one debtor into one envelope. A mail that was being sent may have arrived: only a person can know.
    """
    with work.step() as connection:
        for effect in load_effects(connection, work.company_id, EffectStatus.QUEUED):
            if effect.kind is not EffectKind.TOOL and _lies_there(connection, work, effect):
                message = f"{place_of(work, effect)} (delivered by a night that was interrupted)"
                settle(connection, work.company_id, work.author, effect, EffectStatus.SENT, message)
        for effect in load_effects(connection, work.company_id, EffectStatus.SENDING):
            message = "The night ended while this was being sent; it may have arrived."
            settle(connection, work.company_id, work.author, effect, EffectStatus.UNCERTAIN, message)
    if work.rehearsal is None:
        _sweep(work.output)


def place_of(work: Workplace, effect: StoredEffect) -> Path:
    """Give the path below the output folder under which an effect is delivered as a file."""
    where = PurePosixPath(effect.path)
    return work.output.joinpath(*where.parent.parts, safe_file_name(where.name))


def _lies_there(connection: Connection, work: Workplace, effect: StoredEffect) -> bool:
    target = place_of(work, effect)
    return target.is_file() and target.read_bytes() == load_document(connection, work.company_id, effect.sha256)


def _sweep(output: Path) -> None:
    """Remove files that were being written when a night died; nobody else writes there while we hold the lock."""
    for unfinished in output.glob("*/.*.part"):
        unfinished.unlink(missing_ok=True)
