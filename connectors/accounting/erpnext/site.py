"""A site (Instanz) of ERPNext: lists, single documents and refusals, as the Frappe framework speaks over HTTP.

Source: frappe ``api/v1.py``, ``client.py`` and ``rate_limiter.py``, versions 13 to 16.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from connectors.wire.paging import Page, by_cursor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.wire import Answer, Wire

Row = dict[str, Any]
Filter = Sequence[object]

SIZE: Final = 500
_TAG: Final = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Site:
    """Asks one site for documents by their type (DocType)."""

    wire: Wire

    def rows(
        self, doctype: str, filters: Sequence[Filter], fields: Sequence[str], *, parent: str = ""
    ) -> Iterator[Row]:
        """Give all documents of a type, by name: each page starts behind the last name, so none can slip through.

        ``parent`` names the type of the document that a child table belongs to.
        """

        def ask(after: str) -> Page:
            behind = [["name", ">", after]] if after else []
            answer = self._list(doctype, [*filters, *behind], fields, "name asc", SIZE, parent)
            found = answer.rows("data")
            if not all(row.get("name") and isinstance(row["name"], str) for row in found):
                raise answer.unexpected("a name in every row")
            return Page(rows=found, after=str(found[-1]["name"]) if found else "")

        return by_cursor(ask)

    def first(self, doctype: str, filters: Sequence[Filter], fields: Sequence[str], order: str = "name asc") -> Row:
        """Give the first document of a type, or nothing."""
        found = self._list(doctype, filters, fields, order, 1).rows("data")
        return found[0] if found else {}

    def one(self, doctype: str, name: str) -> Row:
        """Give one document with everything in it; raise NotThere where there is none."""
        return _inside(self.wire.read(f"{_path(doctype)}/{quote(name, safe='')}"), "data")

    def add(self, doctype: str, values: Row) -> Row:
        """Add a document, once."""
        return _inside(self.wire.write("POST", _path(doctype), json=values), "data")

    def call(self, method: str, **params: str) -> Answer:
        """Call a method that changes nothing."""
        return self.wire.read(f"api/method/{method}", params=params)

    def message(self, method: str, **params: str) -> Row:
        """Call a method that answers with one object."""
        return _inside(self.call(method, **params), "message")

    def _list(
        self, doctype: str, filters: Sequence[Filter], fields: Sequence[str], order: str, size: int, parent: str = ""
    ) -> Answer:
        params = {
            "filters": _compact(filters),
            "fields": _compact(fields),
            "order_by": order,
            "limit_page_length": str(size),  # without it there are 20
        }
        return self.wire.read(_path(doctype), params={**params, "parent": parent} if parent else params)


def words(answer: Answer) -> str:
    """Give the reason of a refusal: messages are JSON in a list of JSON, and written in HTML."""
    said = answer.record()
    messages = _parsed(said.get("_server_messages"))
    told = [_sentence(one) for one in messages] if isinstance(messages, list) else []
    return "; ".join(filter(None, told)) or _sentence(said.get("exception") or said.get("exc_type") or "")


def _sentence(message: object) -> str:
    inner = _parsed(message)
    text = inner.get("message") if isinstance(inner, dict) else message
    return " ".join(html.unescape(_TAG.sub(" ", str(text or ""))).split())


def _parsed(text: object) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except ValueError:  # then it is no JSON but the words themselves
        return None


def _path(doctype: str) -> str:
    return f"api/resource/{quote(doctype)}"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _inside(answer: Answer, key: str) -> Row:
    found = answer.record().get(key)
    if not isinstance(found, dict):
        raise answer.unexpected(f"an object under {key!r}")
    return found
