"""The field ``:86:`` as banks outside Germany fill it, each in its own dialect, and unmistakable clues in free text.

Only what a dialect names is taken as name, account or reference; all other words stay in the text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from stdnum import iban
from stdnum.ch import esr

from connectors.bank.swift import (
    mt940_dialect_codewords,
    mt940_dialect_dutch,
    mt940_dialect_german,
    mt940_dialect_labels,
    mt940_dialect_polish,
)
from connectors.bank.swift.mt940_dialect_lines import glue, words_of
from connectors.bank.swift.purpose import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterator


def read(text: str, supplement: str = "") -> Purpose | None:
    """Read a field by the dialect it is written in; None where it is plain free text.

    ``text`` is the field with its line breaks, ``supplement`` the second line of ``:61:``, which what is given back
    has used or kept: nobody need add it again (amounts behind ``/OCMT/`` and ``/CHGS/`` are the caller's). Keywords
    have their German names; besides them STRD is a structured reference (betalingskenmerk, QRR), RTRN the reason of a
    return, ADDR the address of the other party, TRCD the code ING gives the kind of booking. ``gvc`` is always empty.
    """
    if said := mt940_dialect_labels.read(text):
        return _keeping(said, text, supplement)
    if said := mt940_dialect_codewords.read(text, supplement) or mt940_dialect_polish.read(text, supplement):
        return said
    if said := mt940_dialect_dutch.read(text, supplement):
        return _keeping(said, text, supplement)
    if _STRUCTURED.match(text):
        return None  # the German structure, which is read elsewhere
    if said := mt940_dialect_german.read(text):
        return _keeping(said, text, supplement)
    return _clues(text, supplement)


_STRUCTURED: Final = re.compile(r"\d{3}[^\w\s](?:00|10|2\d|3[0-4]|6[0-3])")
_BOOKING_NUMBER: Final = re.compile(r"\d{20,34}")  # PostFinance


def _keeping(said: Purpose, text: str, supplement: str) -> Purpose:
    """Add the second line of ``:61:`` to the text, unless the field says the same."""
    extra = words_of(supplement)
    if not extra or extra.casefold() in text.casefold():
        return said
    if _BOOKING_NUMBER.fullmatch(extra):
        return replace(said, keywords={**said.keywords, "BOOKING": extra})
    return replace(
        said,
        remittance=f"{said.remittance} {extra}".strip(),
        remittance_glued=f"{said.remittance_glued} {extra}".strip(),
    )


# In one piece or in groups of four as printed, the last one shorter.
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,4})?)\b")
_BIC: Final = re.compile(r"\bBIC:? ?([A-Z]{4}([A-Z]{2})[A-Z0-9]{2}(?:[A-Z0-9]{3})?)\b")
_QR_REFERENCE: Final = re.compile(r"\b(?:\d{27}|\d{2}(?: \d{5}){5})\b")


def _clues(text: str, supplement: str) -> Purpose | None:
    """Give the one account and the one QR reference that stand in free text, both proven by their check digits."""
    said = _keeping(_free(text), text, supplement)
    accounts = set(_accounts(said.remittance))
    references = {
        found for one in _QR_REFERENCE.findall(said.remittance) if esr.is_valid(found := one.replace(" ", ""))
    }
    account = accounts.pop() if len(accounts) == 1 else ""
    reference = references.pop() if len(references) == 1 else ""
    if not account and not reference:
        return None
    bics = {bic for bic, country in _BIC.findall(said.remittance) if account.startswith(country)}
    return replace(
        said,
        account=account,
        bic=bics.pop() if account and len(bics) == 1 else "",
        keywords={"STRD": reference} if reference else {},
    )


def _free(text: str) -> Purpose:
    lines = glue(text)
    return Purpose(remittance=lines.readable(), remittance_glued=lines.glued.strip())


@lru_cache(maxsize=4096)  # the check is slow, and customers pay again from the same account
def _is_iban(candidate: str) -> bool:
    return iban.is_valid(candidate, check_country=False)


def _accounts(text: str) -> Iterator[str]:
    for found in _IBAN.finditer(text):
        groups = found[0].split(" ")
        # Words behind a printed account look like more of its groups.
        for end in range(len(groups), 0, -1):
            candidate = "".join(groups[:end])
            if _is_iban(candidate):
                yield candidate
                break
