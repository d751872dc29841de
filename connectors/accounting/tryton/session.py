"""A session (Sitzung) with a Tryton server: signed in once, asked by JSON-RPC, errors taken out of answers with 200.

Source: trytond 8.2, ``protocols/dispatcher.py`` and ``protocols/jsonrpc.py``.
"""

from __future__ import annotations

import base64
import contextlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from requests.auth import AuthBase

from ledger.errors import Conflict, ConnectorError, NotThere, Refused, Unavailable, Uncertain, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from requests import PreparedRequest, Response

    from connectors.wire import Answer, Secret, Wire

Row = dict[str, Any]
Domain = list[Any]

SIZE: Final = 500  # rows of one question; a server takes 2,000 unless it was told otherwise ([request] records_limit)


class Nobody(AuthBase):
    """Signs nothing: whoever signs in names himself in the question."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Leave the request as it is."""
        return request


@dataclass
class SignedIn(AuthBase):
    """Signs each request with a session; signs in before the first one, and once more where the session has ended.

    A failed sign-in is never repeated: after six of them within five minutes Tryton locks the user out.
    """

    door: Wire  # signs nothing, and takes 429 as what it means there: the user is locked out
    database: str
    user: str
    password: Secret
    session: str = field(default="", repr=False)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Put the session into a request, at the last moment."""
        if not self.session:
            self._sign_in()
        request.headers["Authorization"] = f"Session {self.session}"
        request.hooks["response"].append(self._once_more)
        return request

    def _once_more(self, response: Response, **how: Any) -> Response:
        """Send a request again that came when the session was over, and so was not looked at (401)."""
        if response.status_code != 401:
            return response
        response.close()
        self._sign_in()
        again = response.request.copy()
        again.headers["Authorization"] = f"Session {self.session}"
        answer: Response = response.connection.send(again, **how)
        answer.request = again
        return answer

    def _sign_in(self) -> None:
        question = envelope("common.db.login", [self.user, {"password": self.password.reveal()}, None])
        try:
            said = result_of(self.door.write("POST", f"{self.database}/rpc/", json=question), "common.db.login")
        except NotThere:
            raise Refused(
                f"{self.door.tool}: there is no database {self.database!r} at {self.door.base}\n"
                "    Correct it in the configuration."
            ) from None
        except Uncertain as error:  # signing in twice hurts nobody
            raise Unavailable(str(error)) from None
        except Crashed as error:  # the server is starting, and does not know its own users yet
            raise Unavailable(str(error)) from None
        match said:
            case [int(number), str(key), *_]:
                pass
            case _:
                raise unexpected(self.door.tool, "common.db.login", "(not shown)")
        self.session = base64.b64encode(f"{self.user}:{number}:{key}".encode()).decode()


@dataclass
class Rpc:
    """Questions to one database for one company, with the context that Tryton's own client would send along."""

    wire: Wire
    database: str
    company_name: str = ""  # as it is called there; empty: the one the user works for

    def ask(self, method: str, *params: Any, **context: Any) -> Any:
        """Ask something that changes nothing."""
        return self._said(self.wire.read, method, [*params, {**self.context, **context}])

    def tell(self, method: str, *params: Any, **context: Any) -> Any:
        """Tell something, once; raise Refused with Tryton's own words, Uncertain where nobody knows."""
        try:
            return self._said(self.wire.write, method, [*params, {**self.context, **context}])
        except Unreadable as error:
            raise Uncertain(f"{error}\n    Nobody knows whether it was done.") from None

    def rows(self, model: str, domain: Domain, fields: list[str], *, limit: int = SIZE, **context: Any) -> list[Row]:
        """Read the first rows of a model, by their ids; what is missing in a row is told by whoever needs it."""
        method = f"model.{model}.search_read"
        found = self.ask(method, domain, 0, limit, [["id", "ASC"]], fields, **context)
        # The very type, because True is an int as well.
        if isinstance(found, list) and all(isinstance(row, dict) and type(row.get("id")) is int for row in found):
            return [plain(row) for row in found]
        raise unexpected(self.wire.tool, method, found)

    def whole_rows(self, model: str, domain: Domain, fields: list[str], *, limit: int = SIZE) -> list[Row]:
        """Read rows that have every field that was asked for; raise Unreadable for others."""
        rows, wanted = self.rows(model, domain, fields, limit=limit), {name.partition(".")[0] for name in fields}
        if not all(wanted <= row.keys() for row in rows):
            raise unexpected(self.wire.tool, f"model.{model}.search_read", rows)
        return rows

    def version(self) -> Answer:
        """Ask for the version, which every server tells everybody; the answer also has the time over there."""
        return self.wire.read("rpc/", method="POST", json=envelope("common.server.version", []))

    @cached_property
    def context(self) -> Row:
        """What Tryton's client sends along with each question: company, language, what the user prefers."""
        method = "model.res.user.get_preferences"
        said = as_it_came(self._said(self.wire.read, method, [True, {}]))
        if not isinstance(said, dict):
            raise unexpected(self.wire.tool, method, said)
        if not self.company_name:
            company = said.get("company")
        else:
            domain = [["party.name", "=", self.company_name], ["id", "in", said.get("companies") or []]]
            method = "model.company.company.search_read"
            match self._said(self.wire.read, method, [domain, 0, 2, None, ["id"], said]):
                case [{"id": company}]:
                    pass
                case _:
                    company = None
        if not company:  # without one Tryton would show nothing, and everything would seem to have been deleted
            raise Refused(
                f"{self.wire.tool}: the user works for no company {self.company_name!r} in Tryton\n"
                "    Give the user its company there, or correct the name in the configuration."
            )
        return {**said, "company": company, "company_filter": "one"}

    def _said(self, send: Callable[..., Answer], method: str, params: list[Any]) -> Any:
        """Send a question and take the result out; a path that is not there is no document that was deleted."""
        question = {"method": "POST", "path": f"{self.database}/rpc/", "json": envelope(method, params)}
        try:
            return result_of(send(**question), method)
        except NotThere as error:
            raise Refused(f"{error}\n    Check the address and the database in the configuration.") from None


class Crashed(Refused):
    """The server broke over a question: a module is missing there, or it is not what we think it is."""


def envelope(method: str, params: list[Any]) -> Row:
    """Wrap a question; with one key more or less Tryton would answer in another form."""
    return {"id": 1, "method": method, "params": params}


def result_of(answer: Answer, method: str) -> Any:
    """Take the result out of an answer; an error stands in there with status 200."""
    said = answer.record()
    if "error" in said:
        raise _error(f"{answer.place} {method}", said["error"])
    if "result" not in said:
        raise answer.unexpected("a result")
    return said["result"]


def _error(place: str, said: object) -> ConnectorError:
    match said:
        case ["UserError", [message, description, *_]]:
            return Refused(f"{place}: {_sentence(message, description)}")
        case ["UserWarning", [_, message, description, *_]]:
            return Refused(
                f"{place}: {_sentence(message, description)}\n"
                "    Tryton asks a person to confirm this: do it there by hand."
            )
        case ["ConcurrencyException", *rest]:
            return Conflict(f"{place}: somebody changed it meanwhile ({_sentence(*rest)}): look at it again.")
        case ["LoginException", *_]:
            return Refused(
                f"{place}: Tryton asks for a second factor\n    Give this user a sign-in by password alone."
            )
        case [message, *_]:
            return Crashed(
                f"{place}: the server failed: {_sentence(message)}\n"
                "    A module may be missing there; docs/connectors/tryton.md names those that are needed."
            )
    return Crashed(f"{place}: the server failed without saying why; its own log tells more")


def unexpected(tool: str, method: str, said: object) -> Unreadable:
    """Give the error for an answer of another shape than Tryton's own client would take."""
    return Unreadable(
        f"{tool}: {method} was answered in another shape than expected\n    {str(said)[:160]}\n"
        "    Tryton may have changed its interface; look for a newer version of Kontorist."
    )


def _sentence(*parts: object) -> str:
    return " ".join(" ".join(map(str, filter(None, parts))).split())[:400]


def plain(value: Any) -> Any:
    """Read Tryton's own JSON: ``{"__class__": "Decimal"}`` and dates; ``"party."`` holds what was asked of the party.

    Moments are in UTC there, and get that offset. What is no number or date stays as it came, for whoever reads it.
    """
    if isinstance(value, list):
        return [plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    parts = {key: part for key, part in value.items() if key != "__class__"}
    with contextlib.suppress(ArithmeticError, TypeError, ValueError):
        match value.get("__class__"):
            case "Decimal":
                return Decimal(str(parts.get("decimal")))
            case "date":
                return date(**parts).isoformat()
            case "datetime":
                return datetime(**parts, tzinfo=UTC).isoformat()
    return {key.removesuffix("."): plain(inner) for key, inner in value.items()}


def as_it_came(value: Any) -> Any:
    """Write what Tryton said as it wants it back: a number with a point was read exactly, and JSON has no other."""
    match value:
        case Decimal():
            return float(value)
        case dict():
            return {key: as_it_came(inner) for key, inner in value.items()}
        case list():
            return [as_it_came(inner) for inner in value]
    return value


def decimal_of(number: Decimal) -> Mapping[str, str]:
    """Write a number as Tryton reads it."""
    return {"__class__": "Decimal", "decimal": str(number)}


def date_of(day: date) -> Mapping[str, str | int]:
    """Write a day as Tryton reads it."""
    return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}


def moment_of(moment: datetime) -> Mapping[str, str | int]:
    """Write a moment as Tryton reads it: in UTC, without saying so."""
    utc = moment.astimezone(UTC)
    clock = {"hour": utc.hour, "minute": utc.minute, "second": utc.second, "microsecond": 0}
    return {**date_of(utc.date()), **clock, "__class__": "datetime"}


def in_chunks(ids: list[int]) -> Iterator[list[int]]:
    """Cut a list of ids into questions."""
    return (ids[start : start + SIZE] for start in range(0, len(ids), SIZE))
