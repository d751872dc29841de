"""How sevDesk is asked and told: everything lies in an envelope of objects, numbers come as texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.fields import Fields, Mistake
from connectors.wire.paging import Page, by_offset
from ledger.errors import NotThere, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connectors.wire import Answer, Wire

BASE: Final = "https://my.sevdesk.de/api/v1"

_SIZE: Final = 500  # of at most 1,000

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One company at sevDesk, asked for lists and single records."""

    name: str
    wire: Wire

    def all(self, path: str, filters: Mapping[str, str]) -> Iterator[Row]:
        """Give a whole list, page by page; raise Shifted where the pages do not add up."""

        def ask(offset: int) -> Page:
            params = {**filters, "limit": _SIZE, "offset": offset, "countAll": "true"}
            answer = self.wire.read(path, params=params)
            try:
                total = Fields(answer.record(), path).whole("total")
            except Mistake:
                raise answer.unexpected("a page that tells how many rows there are") from None
            return Page(rows=answer.rows("objects"), total=total)

        return by_offset(ask, size=_SIZE, identity=lambda row: str(row.get("id")))

    def one(self, path: str) -> Row:
        """Give one record; raise NotThere, which is said in three ways: 404, 400 "not found", nothing inside."""
        try:
            answer = self.wire.read(path)
        except Refused as error:
            if "not found" in str(error).lower():
                raise NotThere(str(error)) from None
            raise
        said = answer.record()
        if "objects" not in said:
            raise answer.unexpected("an envelope of objects")
        if not (found := said["objects"]):
            raise NotThere(f"{answer.place}: it is not there, or no longer")
        return found if isinstance(found, dict) else answer.rows("objects")[0]

    def tell(self, method: str, path: str, said: Mapping[str, Any], params: Mapping[str, str] | None = None) -> Row:
        """Tell it something once; give what it answers, which lies in the envelope or beside it."""
        answer = self.wire.write(method, path, params=params or {}, json=said).record()
        found = answer.get("objects", answer)
        return found if isinstance(found, dict) else {}


def words(answer: Answer) -> str:
    """Give the reason of a refusal: ``{"error": {"message": "…", "exceptionUUID": "…"}}``."""
    error = answer.record().get("error")
    return str(error.get("message") or "") if isinstance(error, dict) else ""
