"""Dunning (Mahnung) in Tryton: the level is noted on each open line, blocked, so that Tryton sends nothing by itself.

A dunning there is a draft until somebody processes it. Then letters, e-mails and fees follow, by the modules that are
installed, and its level cannot be changed any more. Ours stay blocked drafts: everybody sees the level, Tryton's own
runs pass them by, and the debtor gets one letter and not two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from connectors.accounting.orders import Written
from connectors.accounting.tryton.session import unexpected
from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.accounting.orders import DunningOrder
    from connectors.accounting.tryton.session import Row, Rpc

_MODEL: Final = "account.dunning"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One invoice as Tryton duns it: its open lines, what is noted on them, and which level is to be noted."""

    lines: list[int]
    noted: dict[int, Row]  # line -> its dunning; there is at most one
    procedure: int
    level: int  # the id of the level to be noted
    place: int  # which level that is: 1 for the first
    is_last: bool  # our level is beyond the last one there

    @property
    def late(self) -> list[Row]:
        """Give the dunnings that have not come as far."""
        return [row for row in self.noted.values() if _place(row) < self.place]

    @property
    def absent(self) -> list[int]:
        """Give the open lines without a dunning."""
        return [line for line in self.lines if line not in self.noted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dunnings:
    """Notes dunning levels for one company; ``procedure`` is the name of the dunning procedure in Tryton."""

    rpc: Rpc
    procedure: str

    def dunned(self, order: DunningOrder) -> Written | None:
        """Look whether this level, or a later one, is noted on every open line."""
        case = self._case(order)
        return None if case.late or case.absent or not case.lines else self._written(order, case)

    def dun(self, order: DunningOrder) -> Written:
        """Note the level on every open line; a dunning that Tryton itself began is left alone."""
        case = self._case(order)
        if not case.lines:
            raise Refused(f"{order.document_number}: Tryton shows no open line, so there is nothing to dun")
        if begun := [row for row in case.late if row["state"] != "draft"]:
            raise Refused(
                f"{order.document_number}: Tryton has begun to dun this by itself (level {_place(begun[0])})\n"
                "    Its level can only be raised there. Let one of the two dun, not both."
            )
        if case.late:
            values = {"procedure": case.procedure, "level": case.level, "blocked": True}
            self.rpc.tell(f"model.{_MODEL}.write", [row["id"] for row in case.late], values)
        if case.absent:
            self.rpc.tell(f"model.{_MODEL}.create", [self._new(line, case) for line in case.absent])
        return self._written(order, self._case(order))

    def _new(self, line: int, case: _Case) -> Row:
        company = self.rpc.context["company"]
        return {"company": company, "line": line, "procedure": case.procedure, "level": case.level, "blocked": True}

    def _case(self, order: DunningOrder) -> _Case:
        invoice = self.rpc.whole_rows(
            "account.invoice", [["id", "=", int(order.key.remote_id)]], ["lines_to_pay.reconciliation"]
        )
        lines = [line["id"] for row in invoice for line in row["lines_to_pay"] if not line["reconciliation"]]
        noted = self.rpc.whole_rows(_MODEL, [["line", "in", lines]], ["line", "state", "level", "procedure.levels"])
        procedure = self._procedure()
        place = min(order.level, len(procedure["levels"]))
        return _Case(
            lines=lines,
            noted={row["line"]: row for row in noted},
            procedure=procedure["id"],
            level=procedure["levels"][place - 1],
            place=place,
            is_last=place < order.level,
        )

    def _procedure(self) -> Row:
        found = self.rpc.whole_rows(f"{_MODEL}.procedure", [["name", "=", self.procedure]], ["levels"], limit=2)
        if len(found) != 1 or not found[0]["levels"]:
            raise Refused(
                f"{self.rpc.wire.tool}: Tryton has no dunning procedure {self.procedure!r} with levels, or several\n"
                "    Correct dunning_procedure in the configuration, or the procedure there."
            )
        return found[0]

    def _written(self, order: DunningOrder, case: _Case) -> Written:
        last = ", the last one there" if case.is_last else ""
        return Written(
            remote_id=_ids(case.noted.values()),
            says=f"level {case.place} of {self.procedure} is noted on {order.document_number}{last}",
        )


def _place(dunning: Row) -> int:
    """Give how far a dunning has come in its own procedure: 1 for the first level."""
    match dunning:
        case {"level": level, "procedure": {"levels": [*levels]}} if level in levels:
            return levels.index(level) + 1
    raise unexpected("tryton", _MODEL, dunning)


def _ids(rows: Iterable[Row]) -> str:
    return " ".join(str(row["id"]) for row in rows)
