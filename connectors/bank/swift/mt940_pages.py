"""The messages of an MT940 text; pages of one statement that stand in the wrong order are put in the right one."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

from connectors.bank.swift.mt940_fields import fields
from connectors.bank.swift.mt940_message import HEADER_TAGS, Message
from connectors.bank.swift.mt940_text import Stretch
from ledger.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def messages(text: str) -> Iterator[Stretch]:
    """Cut a text before every ``:20:``; what stands before the first one is a message of its own."""
    line, begin = 1, 0
    while begin < len(text):
        end = text.find("\n:20:", begin) + 1 or len(text)
        message = text[begin:end]
        yield Stretch(message, line, "20" if end < len(text) else "")
        line += message.count("\n")
        begin = end


class _Page(NamedTuple):
    """One message with its header."""

    text: Stretch
    header: Message


def in_order(text: str, place: str) -> list[Stretch]:
    """Give the text, with the pages of each statement in the order of their numbers.

    Only pages that follow each other, and whose balances lead from one to the next, are moved.
    """
    if "\n:60M:" not in text:
        return [Stretch(text, 1, "")]
    try:
        pages = [_Page(message, _header(message, place)) for message in messages(text)]
    except Unreadable:  # told in the order of the file, by whoever reads it
        return [Stretch(text, 1, "")]
    found: list[Stretch] = []
    for _, same in groupby(pages, key=lambda page: (page.header.account, page.header.number)):
        found += [page.text for page in _sorted(list(same))]
    return [message._replace(following="20") for message in found[:-1]] + [found[-1]._replace(following="")]


def _header(message: Stretch, place: str) -> Message:
    header = Message(message.line)
    for one in fields(message):
        if one.tag in HEADER_TAGS:
            header.take(one, place)
    return header


def _sorted(pages: Sequence[_Page]) -> Sequence[_Page]:
    by_number = sorted(pages, key=lambda page: page.header.page)
    chained = all(after.header.goes_on(before.header) for before, after in pairwise(by_number))
    return by_number if chained else pages
