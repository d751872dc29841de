"""Refusals (Fehlerantworten): what each HTTP status means for what we do next, with the tool's own words."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ledger.errors import Conflict, ConnectorError, NotThere, Refused, Unavailable, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connectors.wire.answer import Answer
    from connectors.wire.manners import Manners


# What a status means, and what a person can do about it.
_MEANING: Final[Mapping[int, tuple[type[ConnectorError], str]]] = MappingProxyType(
    {
        401: (Refused, "The key is wrong, expired or revoked: renew it, and check where it is read from."),
        402: (Refused, "The plan of the tool does not include this; look at its subscription."),
        403: (Refused, "The key may not do this: give it the right, or use another one."),
        404: (NotThere, "It is not there, or no longer."),
        410: (NotThere, "It is not there, or no longer."),
        409: (Conflict, "Somebody changed it meanwhile: look at it again."),
        412: (Conflict, "Somebody changed it meanwhile: look at it again."),
        408: (Unavailable, ""),
        425: (Unavailable, ""),
    }
)
_LONGEST: Final = 400  # characters of the tool's own words
_NOT_ACCEPTED: Final = "The tool does not accept this question; a newer version of either may be needed."


def refusal(answer: Answer, manners: Manners) -> ConnectorError:
    """Give the error that an answer from 400 on means (RFC 9110, 15.5 and 15.6)."""
    said = _words(answer, manners)
    told = f"{answer.place}: {answer.status}" + (f", {said}" if said else "")
    by_class = (Unavailable, "") if answer.status >= 500 else (Refused, _NOT_ACCEPTED)
    family, remedy = _MEANING.get(answer.status, by_class)
    return family(f"{told}\n    {remedy}" if remedy else told)


def _words(answer: Answer, manners: Manners) -> str:
    """Give the tool's own words, or the beginning of the body; of a web page nothing, which tells nobody anything."""
    if manners.words is not None and (said := _tool_words(answer, manners.words)):
        return " ".join(answer.covered(said).split())[:_LONGEST]
    return "" if answer.is_html or not answer.body else answer.shown()


def _tool_words(answer: Answer, words: Callable[[Answer], str]) -> str:
    try:
        return words(answer)
    except Unreadable:  # a gateway speaks instead of the tool; then the beginning of the body is told
        return ""
