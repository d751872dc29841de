"""Reminders (Mahnungen) in bexio: documents of rising level beside an invoice, laid down there and not sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.accounting.bexio.payments import id_of, path_of
from connectors.accounting.orders import Written
from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.accounting.orders import DunningOrder
    from connectors.wire import Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminders:
    """Lays down reminders of one company."""

    wire: Wire

    def dunned(self, order: DunningOrder) -> Written | None:
        """Look whether a reminder of this level, or of a higher one, was sent."""
        for level, row in self._reminders(order):
            if level >= order.level and row.get("is_sent") is True:
                return Written(remote_id=str(row["id"]), says=f"reminder {row['id']} of level {level} stands there")
        return None

    def dun(self, order: DunningOrder) -> Written:
        """Lay the reminder of this level beside the invoice, marked as sent: bexio itself sends nothing.

        bexio creates the next level, whichever that is: another one than ours is refused. A reminder that a broken
        connection left behind is marked, not created again.
        """
        path = f"{path_of(order.key)}/kb_reminder"
        levels = {level: str(row["id"]) for level, row in self._reminders(order)}
        number = levels.get(order.level, "")
        if not number:
            following = max(levels, default=0) + 1
            if following != order.level:
                raise Refused(
                    f"{self.wire.tool}: {order.document_number}: its next reminder there would be of level "
                    f"{following}, and level {order.level} was said\n    Create the missing ones there by hand."
                )
            answer = self.wire.write("POST", path)
            number = id_of(answer)
            if answer.record().get("reminder_level") != order.level:
                raise answer.unexpected(f"a reminder of level {order.level}")
        self.wire.write("POST", f"{path}/{number}/mark_as_sent")
        return Written(remote_id=number, says=f"reminder {number} was laid down and marked as sent, not sent")

    def _reminders(self, order: DunningOrder) -> Iterator[tuple[int, dict[str, Any]]]:
        """Give the reminders to this invoice with their levels."""
        answer = self.wire.read(f"{path_of(order.key)}/kb_reminder")
        for row in answer.rows():
            level = row.get("reminder_level")
            if not isinstance(level, int) or not isinstance(row.get("id"), int):
                raise answer.unexpected("reminders with a level and an id")
            yield level, row
