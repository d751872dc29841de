"""The CSV exports of German banks and PayPal that we know (bekannte Bankexporte), from the data beside this file."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from connectors.bank.online_banking.csv_mapping import Mapping, mapping_from

_FILE: Final = Path(__file__).with_suffix(".toml")


@cache
def known_mappings() -> tuple[Mapping, ...]:
    """Give every known mapping, in the order of the file."""
    banks = tomllib.loads(_FILE.read_text(encoding="utf-8"))["bank"]
    mappings: list[Mapping] = []
    for number, bank in enumerate(banks, start=1):
        mappings.append(mapping_from(bank, f"{_FILE.name}, bank {number}", mappings))
    return tuple(mappings)
