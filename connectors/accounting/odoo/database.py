"""The database (Datenbank) of Odoo as this house asks it: one company of it, row after row, by the newest door."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from connectors.accounting.odoo.doors import MISSING, Call, open_door
from connectors.wire.paging import Page, by_cursor
from ledger.errors import NotThere, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from connectors.accounting.odoo.doors import Door
    from connectors.wire import Answer, Secret, Wire

Row = dict[str, Any]
Domain = list[Any]

SIZE: Final = 1_000  # rows of one question


class Company(NamedTuple):
    """The company (Mandant) whose documents are read."""

    id: int
    name: str
    country_id: int  # 0 where Odoo was not told


@dataclass(frozen=True, kw_only=True)
class Database:
    """Asks the models of Odoo for one company. What does not change within a night is asked once."""

    wire: Wire
    key: Secret = field(repr=False)
    name: str = ""  # of the database there; needed up to 18, and where a server holds several
    user: str = ""
    company_id: int = 0  # 0: the only one the user may see
    _fields: dict[str, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def door(self) -> Door:
        """The way in."""
        return open_door(self.wire, database=self.name, user=self.user, key=self.key)

    @cached_property
    def company(self) -> Company:
        """The company; raise Refused where it is not clear which: two companies are never mixed."""
        domain = [["id", "=", self.company_id]] if self.company_id else []
        params = {"domain": domain, "fields": ["name", "country_id"], "order": "id"}
        call = Call(model="res.company", method="search_read", params=params)
        found = _once(self._rows(*self._said(self._read, call)))
        if len(found) != 1:
            seen = ", ".join(f"{row['id']} {row.get('name')}" for row in found) or "none"
            raise Refused(
                f"{self.wire.tool}: it is not clear which company is meant; the user of the key may see: {seen}\n"
                "    Write its number as company_id into the configuration."
            )
        return Company(id_of(found[0]["id"]), str(found[0].get("name")), id_of(found[0].get("country_id")))

    def ask(
        self, model: str, method: str, *, ids: Iterable[int] = (), context: Row | None = None, **params: Any
    ) -> Any:
        """Call a method that changes nothing; it is repeated while the server is not available."""
        return self._said(self._read, self._call(model, method, ids, context, params))[1]

    def tell(
        self,
        model: str,
        method: str,
        *,
        ids: Iterable[int] = (),
        context: Row | None = None,
        repeatable: bool = False,
        **params: Any,
    ) -> Any:
        """Call a method that changes something, once; raise Uncertain where nobody knows whether it did."""

        def write(path: str, body: Row) -> Answer:
            return self.wire.write("POST", path, repeatable=repeatable, json=body)

        return self._said(write, self._call(model, method, ids, context, params))[1]

    def records(self, model: str, ids: Iterable[int], fields: list[str]) -> list[Row]:
        """Give the records with these ids; those that were deleted are absent, and hidden ones are Refused."""
        call = self._call(model, "read", ids, None, {"fields": fields})
        return self._rows(*self._said(self._read, call))

    def rows(self, model: str, domain: Domain, fields: list[str], *, context: Row | None = None) -> Iterator[Row]:
        """Give all rows, each page from the last id on: whatever comes or goes meanwhile, no row is missed."""

        def ask(after: str) -> Page:
            params = {
                "domain": [*domain, ["id", ">", int(after or 0)]],
                "fields": fields,
                "limit": SIZE,
                "order": "id",
            }
            call = self._call(model, "search_read", (), context, params)
            rows = self._rows(*self._said(self._read, call))
            return Page(rows=_once(rows), more=len(rows) >= SIZE, after=str(rows[-1]["id"]) if rows else "")

        return by_cursor(ask)

    def has(self, model: str, field_name: str) -> bool:
        """Whether a model of this server has a field: names come and go with versions and modules."""
        if model not in self._fields:
            answer, said = self._said(self._read, self._call(model, "fields_get", (), None, {"attributes": ["type"]}))
            if not isinstance(said, dict):
                raise answer.unexpected("the fields of a model")
            self._fields[model] = frozenset(said)
        return field_name in self._fields[model]

    def named(self, model: str, *names: str) -> str:
        """Give the first of these names that a field of a model has on this server; versions rename fields."""
        return next((name for name in names if self.has(model, name)), names[-1])

    def myself(self) -> tuple[Answer, int]:
        """Ask who we are there: the answer, which tells their time, and the id of the user; 0 where none is said."""
        answer, said = self._said(self._read, Call(model="res.users", method="context_get", params={}))
        return answer, id_of(said.get("uid")) if isinstance(said, dict) else 0

    def _call(self, model: str, method: str, ids: Iterable[int], context: Row | None, params: Row) -> Call:
        about = {"allowed_company_ids": [self.company.id], **(context or {})}
        return Call(model=model, method=method, ids=list(ids), params={**params, "context": about})

    def _said(self, send: Callable[[str, Row], Answer], call: Call) -> tuple[Answer, Any]:
        try:
            answer = send(*self.door.question(call))
            return answer, self.door.result(answer)
        except NotThere as error:
            if MISSING in str(error):
                raise
            # The address is wrong, or the app is not installed; no document was deleted because of that.
            remedy = (
                "Is the app Invoicing installed, the address right, and the database named where there are several?"
            )
            raise Refused(f"{error}\n    {remedy}") from None

    def _read(self, path: str, body: Row) -> Answer:
        return self.wire.read(path, method="POST", json=body)

    def _rows(self, answer: Answer, said: Any) -> list[Row]:
        if not isinstance(said, list) or not all(isinstance(row, dict) and id_of(row.get("id")) for row in said):
            raise answer.unexpected("a list of records")
        return said


def _once(rows: list[Row]) -> list[Row]:
    """Give each record once, however often it came."""
    return list({id_of(row["id"]): row for row in rows}.values())


def in_pages(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Give rows by the thousand, so that what belongs to them is asked for together."""
    rest = iter(rows)
    while some := list(islice(rest, SIZE)):
        yield some


def id_of(value: object) -> int:
    """Read the id out of ``[7, "Huber GmbH"]``, as a reference is written; 0 where there is none (``false``)."""
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, int) else 0
