"""The answer (Antwort) of a tool: status, headers and bytes, read as JSON without losing a cent."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from connectors.wire.signing import covered
from ledger.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN: Final = 160  # characters of a strange answer that a person sees
_LOOKED_AT: Final = 65_536  # bytes of it that are looked through for them
_HTML: Final = (b"<!doctype html", b"<html")
_YEARS: Final = range(1990, 2200)  # a clock outside of them tells nothing
_DEEPEST: Final = 200  # objects and lists in one another
_BRACKETS: Final = b"[]{}"
_ALL_BUT_BRACKETS: Final = bytes(set(range(256)) - set(_BRACKETS))
_TEXTS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
# Halves of characters, NUL and other control characters, escaped or raw: no database or terminal takes them.
_MAY_BE_BROKEN: Final = re.compile(rb"\\u(?:00[01789]|[dD][89a-fA-F])|\xed[\xa0-\xbf]|\xc2[\x80-\x9f]|\x7f")
_BROKEN: Final = re.compile("[\ud800-\udfff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``place`` names method, host and path for messages, without the query, which may hold names."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    place: str
    hidden: tuple[str, ...] = field(default=(), repr=False)  # secrets that some tools say back to us

    @property
    def is_html(self) -> bool:
        """Whether a page for people came instead of data: a sign-in form, a proxy, maintenance."""
        start = self.body[:200].lstrip().lower()
        return start.startswith(_HTML) or "text/html" in self.headers.get("Content-Type", "").lower()

    @property
    def moment(self) -> datetime | None:
        """Give when this was answered, by the tool's own clock, in UTC: from there to ask for changes next time.

        None where it does not say, or its clock stands in another century.
        """
        moment = moment_of(self.headers.get("Date", ""))
        return moment if moment and moment.year in _YEARS else None

    def json(self) -> Any:
        """Read the body as JSON, numbers with a point as Decimal; raise Unreadable for anything else.

        A key that comes twice is refused: nobody knows which of the two is meant. Halves of characters, which come
        of texts cut in the middle of an emoji, and control characters become the sign for an unreadable character.
        """
        try:
            _refuse_depths(self.body)
            found = json.loads(
                self.body, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_each_key_once
            )
            return _whole(found) if _MAY_BE_BROKEN.search(self.body) else found
        except (ValueError, RecursionError) as error:
            if self.is_html:
                raise self._page() from None
            raise Unreadable(
                f"{self.place}: the answer is not JSON ({_where(error)})\n    {self.shown()}\n"
                "    It is asked for again the next night. If it stays so, tell whoever runs the tool."
            ) from None

    def record(self) -> dict[str, Any]:
        """Read the body as one JSON object; raise Unreadable for anything else."""
        found = self.json()
        if not isinstance(found, dict):
            raise self.unexpected("an object")
        return found

    def rows(self, key: str = "") -> list[dict[str, Any]]:
        """Read a list of objects, from the body itself or from ``key`` of it; raise Unreadable for anything else."""
        found = self.record().get(key) if key else self.json()
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise self.unexpected(f"a list of objects under {key!r}" if key else "a list of objects")
        return found

    def unexpected(self, wished: str) -> Unreadable:
        """Give the error for an answer of another shape than the tool's documentation says."""
        return Unreadable(
            f"{self.place}: {wished} was expected\n    {self.shown()}\n"
            "    The tool may have changed its interface; look for a newer version of Kontorist."
        )

    def shown(self) -> str:
        """Give the beginning of the body in one line, for the eye."""
        text = " ".join(self.covered(self.body[:_LOOKED_AT].decode("utf-8", "replace")).split())
        text = _BROKEN.sub("\ufffd", text)
        return text[:_SHOWN] + ("…" if len(text) > _SHOWN else "") if text else "(empty)"

    def covered(self, text: str) -> str:
        """Give what the tool said without the secrets in it."""
        return covered(text, self.hidden)

    def _page(self) -> Unreadable:
        return Unreadable(
            f"{self.place}: a web page came instead of data\n    {self.shown()}\n"
            "    Check the address of the tool, and whether a proxy or a sign-in page stands in between."
        )


def moment_of(text: str) -> datetime | None:
    """Read a date as HTTP writes it (RFC 9110, 5.6.7), in UTC; None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _refuse_depths(body: bytes) -> None:
    if _depth(body) > _DEEPEST and _depth(_TEXTS.sub(b"", body)) > _DEEPEST:
        raise RecursionError


def _depth(body: bytes) -> int:
    """Give how deep objects and lists lie in one another, as far as brackets in texts do not disturb the count."""
    deepest = depth = 0
    for bracket in body.translate(None, _ALL_BUT_BRACKETS):
        if bracket in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return deepest


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice in one object")
    return found


def _whole(value: Any) -> Any:
    """Give the same without broken characters."""
    if isinstance(value, str):
        return _BROKEN.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_whole(key): _whole(inner) for key, inner in value.items()}
    return [_whole(inner) for inner in value] if isinstance(value, list) else value


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _where(error: BaseException) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)
