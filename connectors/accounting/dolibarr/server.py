"""A server (Instanz) of Dolibarr: lists, single invoices and refusals, as its REST interface speaks.

Source: Dolibarr ``api_invoices.class.php`` and ``api_thirdparties.class.php``, versions 10 to 23.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from connectors.wire.paging import Page, by_cursor
from ledger.errors import NotThere, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.wire import Answer, Wire

Row = dict[str, Any]

_SIZE: Final = 100  # each row costs the server several questions to its database
_SAID: Final = re.compile(r"404, Not Found: \S")  # of a document or a list; where the path is wrong, nothing follows


@dataclass(frozen=True, slots=True)
class Server:
    """Asks one server."""

    wire: Wire

    def rows(self, path: str, condition: str = "", **params: str) -> Iterator[Row]:
        """Give a whole list by its ids: each page starts behind the last one, so no row can slip through."""

        def ask(after: str) -> Page:
            conditions = filter(None, (condition, f"(t.rowid:>:'{after}')" if after else ""))
            found = self.page(path, _SIZE, " and ".join(conditions), **params)
            return Page(rows=found, after=str(found[-1]["id"]) if found else "")

        return by_cursor(ask)

    def page(self, path: str, size: int, condition: str = "", **params: str) -> list[Row]:
        """Give the first rows of a list; older versions say 404 where there is none."""
        asked = {"sortfield": "t.rowid", "sortorder": "ASC", "limit": str(size), "page": "0", **params}
        try:
            answer = self.wire.read(path, params={**asked, "sqlfilters": condition} if condition else asked)
        except NotThere as error:
            if _SAID.search(str(error)):
                return []
            raise
        found = answer.rows()
        if not all(str(row.get("id")).isdecimal() for row in found):
            raise answer.unexpected("an id in every row")
        return found

    def invoice(self, remote_id: str) -> Row:
        """Give one invoice with everything in it; raise NotThere only where Dolibarr itself says so."""
        try:
            return self.wire.read(f"invoices/{remote_id}").record()
        except NotThere as error:
            if _SAID.search(str(error)):
                raise
            raise Refused(f"{error}\n    Is the module for invoices switched on, and the address right?") from None


def words(answer: Answer) -> str:
    """Give the reason of a refusal: ``{"error": {"code": 400, "message": "Bad Request: …"}}``."""
    said = answer.record().get("error")
    return str(said.get("message") or "") if isinstance(said, dict) else ""
