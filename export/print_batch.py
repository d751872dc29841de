"""The print batch (Druckstapel): the letters of a day in one PDF, sorted by postal code, exactly as archived."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typst

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# One file of a batch: what an office printer takes at once, and what a compiler holds without growing.
MOST_LETTERS: Final = 500

_PAGES: Final = re.compile(rb"/Count (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """One letter for the post, and where it goes."""

    letter: str  # which letter it is
    country: str
    postcode: str
    debtor_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Printable:
    """One letter as it was archived."""

    name: str
    pdf: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintBatch:
    """One file of the batch, and what is in it in its order."""

    pdf: bytes = field(repr=False)
    names: tuple[str, ...]
    pages: int


def in_print_order(letters: Iterable[Addressed], home_country: str) -> Iterator[list[Addressed]]:
    """Sort letters home first, then by country, postal code and debtor; 500 to a file."""
    ordered = sorted(letters, key=lambda one: _order(one, home_country))
    for start in range(0, len(ordered), MOST_LETTERS):
        yield ordered[start : start + MOST_LETTERS]


def bind(letters: Sequence[Printable]) -> PrintBatch:
    """Lay letters behind each other in one file.

    The archived pages are shown as they are, none is set anew: what is printed is what is kept. Every letter begins
    on a front side, so that duplex printers keep letters apart.
    """
    folder = Path(tempfile.mkdtemp(prefix="kontorist-print-"))
    try:
        pages = []
        for number, letter in enumerate(letters):
            (folder / f"{number}.pdf").write_bytes(letter.pdf)
            count = page_count(letter.pdf)
            pages += [f'image("{number}.pdf", page: {page}, width: 100%)' for page in range(1, count + 1)]
            pages += ["[]"] if count % 2 and letter is not letters[-1] else []
        source = '#set page(paper: "a4", margin: 0mm)\n' + "\n".join(f"#page({page})" for page in pages)
        compiler = typst.Compiler(root=folder, font_paths=typst.Fonts(include_system_fonts=False))
        pdf = compiler.compile(input=source.encode(), format="pdf", timestamp=0)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not isinstance(pdf, bytes):
        raise TypeError(f"the compiler gave {type(pdf)} instead of one PDF for the print batch")
    return PrintBatch(pdf=pdf, names=tuple(letter.name for letter in letters), pages=len(pages))


def page_count(pdf: bytes) -> int:
    """Count the pages of one of our own letters, as the compiler wrote it; raise ValueError for another PDF."""
    counts = _PAGES.findall(pdf)
    if not counts:
        raise ValueError("this PDF does not say how many pages it has; it is none of our letters")
    return max(map(int, counts))


def _order(letter: Addressed, home_country: str) -> tuple[bool, str, str, str, str]:
    abroad = letter.country != home_country
    return abroad, letter.country, letter.postcode, letter.debtor_number, letter.letter
