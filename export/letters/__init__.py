"""Dunning letters (Mahnschreiben) as PDF/A-2a and PDF/UA-1 in the form of DIN 5008, always the same bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typst

from export.file_name import safe_file_name
from export.letters.composition import NOTHING_ELSE, compose
from export.letters.layout import form
from export.letters.printable import STANDARDS, unprintable
from export.letters.texts import texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dunning.notice import Notice
    from export.letterhead import Letterhead
    from export.letters.composition import Extra
    from export.letters.texts import Wording

_TEMPLATE: Final = Path(__file__).with_name("letter.typ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter as it leaves the house. ``pdf`` is what is archived, printed and attached, byte for byte."""

    number: str
    file_name: str  # names neither the debtor nor the matter
    pdf: bytes = field(repr=False)
    sha256: str  # of the PDF, hexadecimal
    subject: str
    unprintable: str = ""  # characters of the debtor's name or address that our fonts lack; a "?" stands for each


def render_letters(
    notices: Sequence[Notice], letterhead: Letterhead, *, letter_numbers: Sequence[str], wording: Wording = texts
) -> tuple[Letter, ...]:
    """Render one letter per notice, dated with its run date; the numbers belong to the notices in their order.

    Raises ValueError for a notice whose template is unknown or which lacks a deadline, and AssertionError where its
    sums do not add up. Characters that the fonts cannot print are replaced and told (``Letter.unprintable``).
    """
    return tuple(
        render_letter(notice, letterhead, letter_number=number, wording=wording)
        for notice, number in zip(notices, letter_numbers, strict=True)
    )


def render_letter(
    notice: Notice,
    letterhead: Letterhead,
    *,
    letter_number: str,
    wording: Wording = texts,
    more: Extra = NOTHING_ELSE,
) -> Letter:
    """Render one letter; ``more`` is what a confirmation or statement says beyond its notice."""
    composition = compose(notice, letterhead, letter_number, wording=wording, more=more)
    number = letter_number
    pdf = _compiler().compile(
        input=_template(),
        format="pdf",
        sys_inputs={"letter": json.dumps(form(composition, notice, letterhead), ensure_ascii=False)},
        pdf_standards=list(STANDARDS),
        timestamp=datetime.combine(notice.run_date, time(), UTC),
    )
    if not isinstance(pdf, bytes):
        raise TypeError(f"the compiler gave {type(pdf)} instead of one PDF for letter {number}")
    return Letter(
        number=number,
        file_name=safe_file_name(f"{number}_{notice.debtor.number}.pdf"),
        pdf=pdf,
        sha256=sha256(pdf).hexdigest(),
        subject=composition.subject,
        unprintable=unprintable(f"{notice.debtor.name} {notice.debtor.street} {notice.debtor.city}"),
    )


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    # Reading the fonts takes longer than a letter, so one compiler serves them all. System fonts would make the bytes
    # depend on the machine.
    return typst.Compiler(root=_TEMPLATE.parent, font_paths=typst.Fonts(include_system_fonts=False))


@lru_cache(maxsize=1)
def _template() -> bytes:
    return _TEMPLATE.read_bytes()
