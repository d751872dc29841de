"""Bank statements: which formats we read, how a file is recognised, and the inbox they arrive in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from connectors.bank.format import Format
from connectors.bank.iso20022 import camt, pain_002
from connectors.bank.online_banking import csv_statement
from connectors.bank.swift import mt940

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.bank.online_banking.csv_mapping import Mapping

# In this order a file is asked what it is; the first that says yes reads it.
FORMATS: Final[tuple[Format, ...]] = (
    # XML names its message in its root element, so nothing else can be mistaken for it.
    Format(name="CAMT.052/053/054", looks_like=camt.looks_like, pieces=camt.pieces),
    Format(name="pain.002", looks_like=pain_002.looks_like, pieces=pain_002.pieces),
    # Tags at the beginning of a line are weaker evidence, and names of columns the weakest.
    Format(name="MT940/MT942", looks_like=mt940.looks_like, pieces=mt940.pieces),
    Format(name="CSV", looks_like=csv_statement.looks_like, pieces=csv_statement.pieces),
)


def formats_with(mappings: Sequence[Mapping]) -> tuple[Format, ...]:
    """Give the formats, with CSV exports read by the office's own mappings as well."""
    looks_like = partial(csv_statement.looks_like, mappings=mappings)
    pieces = partial(csv_statement.pieces, mappings=mappings)
    return (*FORMATS[:-1], Format(name="CSV", looks_like=looks_like, pieces=pieces))
