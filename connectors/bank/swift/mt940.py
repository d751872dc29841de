"""MT940 and MT942 (SWIFT FIN; DK, Anlage 3 chapter 8): tags at line starts, pages summed from 60F to 62F."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from connectors.bank.format import PIECE_ENTRIES, Piece, plain_ascii
from connectors.bank.swift import mt940_fallback, mt940_pages
from connectors.bank.swift.mt940_statement import Desk
from connectors.bank.swift.mt940_text import charset, stretches, text_of
from connectors.bank.swift.mt940_values import AmbiguousSign, UnknownDialect
from ledger.errors import Unreadable
from ledger.finding import Finding, Severity
from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BEGINS: Final = re.compile(rb"(?:^|[\r\n]|@@):20:")
_GOES_ON: Final = re.compile(rb"(?:[\r\n]|@@):(?:2[158][CP]?|60[FM]|34F|13D?):")
_LOST: Final = "\ufffd"


def looks_like(head: bytes) -> bool:
    """Whether these first bytes hold a message that begins with ``:20:`` and goes on as a statement does."""
    text = plain_ascii(head)
    return _BEGINS.search(text) is not None and _GOES_ON.search(text) is not None


def pieces(path: Path, place: str) -> Iterator[Piece]:
    """Read piece by piece; raise Unreadable, with line and remedy, for what cannot be read without doubt.

    Memory is flat. Small files, as nearly all are, are read whole before anything is handed on: there pages may stand
    in any order, and the package mt-940 is asked about what we cannot read or prove.
    """
    how = charset(path, place)
    lost = _LostCharacters()
    texts = lost.counted(text_of(path, how))
    if path.stat().st_size > mt940_fallback.LIMIT_BYTES:
        found: Iterator[Piece] = Desk(place).pieces(stretches(texts, place))
    else:
        found = iter(_read_whole("".join(texts), place))
    latest: Piece | None = None
    for piece in found:
        if latest is not None:
            yield latest
        latest = piece
    # What was lost is known when all is read.
    if latest is not None:
        yield replace(latest, findings=(*latest.findings, *lost.findings(text_of(path, how), place)))


def _read_whole(text: str, place: str) -> list[Piece]:
    try:
        return _read(text, place)
    except AmbiguousSign as doubt:
        return _by_proof(text, place, doubt)
    except UnknownDialect as ours:
        try:
            return _by_package(text, place, str(ours))
        except Unreadable as theirs:
            raise Unreadable(str(ours)) from theirs


def _read(text: str, place: str, *, minus_reverses: bool | None = None) -> list[Piece]:
    desk = Desk(place, minus_reverses=minus_reverses)
    found = list(desk.pieces(mt940_pages.in_order(text, place)))
    for one in desk.unproven:
        for message in mt940_pages.messages(text):
            if message.line == one.line:
                mt940_fallback.second_opinion(
                    message.text, f"{place}:{one.line}", number=one.number, moved=Money(one.moved, one.currency)
                )
    return found


def _by_proof(text: str, place: str, doubt: AmbiguousSign) -> list[Piece]:
    """Read amounts with a minus beside their mark in the one way that makes every balance add up."""
    ways: list[list[Piece]] = []
    for minus_reverses in (False, True):
        try:
            found = _read(text, place, minus_reverses=minus_reverses)
        except Unreadable:
            continue
        if all(one.statement.opening and one.statement.closing for one in found if one.is_last):
            ways.append(found)
    if len(ways) != 1:
        raise Unreadable(str(doubt)) from doubt
    return ways[0]


def _by_package(text: str, place: str, why: str) -> list[Piece]:
    statements, finding = mt940_fallback.read(text, place, why)
    found = []
    for number, statement in enumerate(statements):
        for begin in range(0, max(len(statement.entries), 1), PIECE_ENTRIES):
            entries = statement.entries[begin : begin + PIECE_ENTRIES]
            is_last = begin + PIECE_ENTRIES >= len(statement.entries)
            found.append(Piece(number, replace(statement, entries=entries), is_last))
    return [replace(found[0], findings=(finding,)), *found[1:]]


class _LostCharacters:
    """Counts what is no character of the charset while a text goes by."""

    def __init__(self) -> None:
        self._count = 0

    def counted(self, texts: Iterator[str]) -> Iterator[str]:
        """Hand a text on, block by block."""
        for text in texts:
            if _LOST in text:
                self._count += text.count(_LOST)
            yield text

    def findings(self, texts: Iterator[str], place: str) -> tuple[Finding, ...]:
        """Tell what was lost; where the first of it stands is looked up in the same text once more."""
        if not self._count:
            return ()
        line = 1
        for text in texts:
            if _LOST in text:
                line += text.count("\n", 0, text.index(_LOST))
                break
            line += text.count("\n")
        return (
            Finding(
                code="characters_lost",
                severity=Severity.NOTE,
                place=f"{place}:{line}",
                what=f"{self._count} characters are neither UTF-8 nor Windows-1252 and cannot be shown",
                what_to_do="Ask the bank for UTF-8. Amounts are not affected.",
            ),
        )
