"""Doors (Zugänge) of Odoo: JSON-2 from version 19 on, JSON-RPC before; which of them is found out by asking.

Source: odoo/odoo, ``addons/rpc/controllers`` (json2, jsonrpc, version), ``odoo/http`` (the two dispatchers, and what
they make of errors), ``odoo/api.py`` (how arguments are taken), ``odoo/service/common.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from connectors.accounting.fields import Fields
from ledger.errors import ConnectorError, NotThere, Refused, Unavailable, Unreadable

if TYPE_CHECKING:
    from connectors.wire import Answer, Secret, Wire

MISSING: Final = "MissingError"  # a record that was deleted

_OLDEST: Final = 16
_FIRST_WITH_JSON_2: Final = 19
_RPC: Final = "jsonrpc"
_SHOWN: Final = 400
_HEAD: Final = 200  # bytes in which the envelope of an error begins; results may be megabytes
_NO_SUCH_PAGE: Final = 404  # the code inside an answer of JSON-RPC

# What an error of Odoo means, by its name without the module, and what a person can do about it.
_MEANING: Final[Mapping[str, tuple[type[ConnectorError], str]]] = {
    MISSING: (NotThere, "It is not there, or no longer."),
    "AccessDenied": (Refused, "The key or the user is wrong, or the key has expired: make a new one."),
    "AccessError": (Refused, "The user of the key may not do this: give it the right, see docs/connectors/odoo.md."),
    "SessionExpiredException": (Refused, "The key has expired or was removed: make a new one."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A method of a model, called on the records with these ids."""

    model: str
    method: str
    ids: Sequence[int] = ()
    params: Mapping[str, Any]


class Door(Protocol):
    """One of the ways in."""

    @property
    def version(self) -> str:
        """The version of the server, for people."""

    def question(self, call: Call) -> tuple[str, dict[str, Any]]:
        """Give the path and the body that say a call."""

    def result(self, answer: Answer) -> Any:
        """Take the result out of an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Json2:
    """From 19 on: a page for each method, its arguments by their names, the key in a header."""

    version: str

    def question(self, call: Call) -> tuple[str, dict[str, Any]]:
        """Give the path and the body that say a call."""
        ids = {"ids": list(call.ids)} if call.ids else {}
        return f"json/2/{call.model}/{call.method}", {**call.params, **ids}

    def result(self, answer: Answer) -> Any:
        """Take the result out of an answer: it is the answer."""
        return answer.json()


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonRpc:
    """Up to 18: one page for everything; database, user and key stand in each question."""

    version: str
    database: str
    user_id: int
    key: Secret = field(repr=False)

    def question(self, call: Call) -> tuple[str, dict[str, Any]]:
        """Give the path and the body that say a call."""
        params = dict(call.params)
        places: list[Any] = [list(call.ids)] if call.ids else []
        if call.method == "create":  # it looks at its first place, and fails where its argument comes by name
            places = [params.pop("vals_list")]
        door_key = [self.database, self.user_id, self.key.reveal()]
        return _RPC, envelope("object", "execute_kw", [*door_key, call.model, call.method, places, params])

    def result(self, answer: Answer) -> Any:
        """Take the result out of an answer; where a method gives nothing, there is none in it."""
        if (error := trouble(answer)) is not None:
            raise error
        return answer.record().get("result")


def open_door(wire: Wire, *, database: str, user: str, key: Secret) -> Door:
    """Ask which version answers, and take the newest door it has; raise Refused where nobody is let in."""
    main, version = _version(wire)
    if main >= _FIRST_WITH_JSON_2:
        return Json2(version=version)
    if main < _OLDEST:
        raise Refused(f"{wire.tool}: Odoo {version} is older than {_OLDEST}, the first one that can be read here")
    if not database or not user:
        raise Refused(
            f"{wire.tool}: Odoo {version} wants to be told database and user: name both in the configuration"
        )
    said = _asked(wire, "common", "authenticate", [database, user, key.reveal(), {}])
    if not isinstance(said, int) or not said:
        raise Refused(
            f"{wire.tool}: Odoo does not let in the user {user!r} with this key\n"
            f"    {_MEANING['AccessDenied'][1]} The database is {database!r}."
        )
    return JsonRpc(version=version, database=database, user_id=said, key=key)


def envelope(service: str, method: str, args: list[Any]) -> dict[str, Any]:
    """Put a question to JSON-RPC into its envelope."""
    return {"jsonrpc": "2.0", "method": "call", "params": {"service": service, "method": method, "args": args}}


def trouble(answer: Answer) -> ConnectorError | None:
    """Give the error inside an answer of JSON-RPC, whose status is always 200."""
    if not answer.place.endswith(f"/{_RPC}") or b'"error"' not in answer.body[:_HEAD]:
        return None
    error = Fields(answer.record(), answer.place).inside("error")
    data = error.inside("data")
    name = data.text("name").rpartition(".")[2]
    said = _said(name, data.text("message") or error.text("message"))
    if error.whole("code") == _NO_SUCH_PAGE:
        return Refused(f"{answer.place}: {said}\n    This door of Odoo is closed: ask whoever runs it.")
    if data.text("name").startswith("psycopg2") and "does not exist" not in said:
        return Unavailable(f"{answer.place}: {said}")  # two at once, or the database restarts; it was rolled back
    family, remedy = _MEANING.get(name, (Refused, "Odoo rolled it back: nothing of it was done."))
    return family(f"{answer.place}: {said}\n    {remedy}")


def words(answer: Answer) -> str:
    """Give the reason of a refusal of JSON-2; never ``debug``, which is a traceback."""
    said = Fields(answer.record(), answer.place)
    return _said(said.text("name").rpartition(".")[2], said.text("message"))


def _said(name: str, message: str) -> str:
    return ": ".join(filter(None, (name, message[:_SHOWN]))) or "an error without words"


def _version(wire: Wire) -> tuple[int, str]:
    """Give the main version, out of ``[19, 0, "final"]`` or ``["saas~18", 2, "final"]``, and the whole as a text."""
    try:
        said = Fields(wire.read("web/version").record(), wire.tool)
        info, version = said.values.get("version_info"), said.text("version")
    except (Refused, Unreadable):  # before 19 there is no such page
        older = _asked(wire, "common", "version", [])
        said = Fields(older if isinstance(older, dict) else {}, wire.tool)
        info, version = said.values.get("server_version_info"), said.text("server_version")
    main = re.search(r"\d+", str(info[0])) if isinstance(info, list) and info else None
    if main is None:
        raise Unreadable(f"{wire.tool}: the server does not say which version of Odoo it is; look at the address")
    return int(main.group()), version


def _asked(wire: Wire, service: str, method: str, args: list[Any]) -> Any:
    answer = wire.read(_RPC, method="POST", json=envelope(service, method, args))
    return answer.record().get("result")
