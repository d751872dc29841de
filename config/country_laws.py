"""The law of each country we know (Landesrecht), from the files beside this one; German law is built in."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from dunning.countries import GERMANY, CountryLaw, read_country

_FOLDER: Final = Path(__file__).parent / "countries"


@cache
def law_of(country: str) -> CountryLaw:
    """Give the law of a country; where we know none, the German one, which the office must judge for itself.

    Raises ValueError with every mistake of the file.
    """
    file = _FOLDER / f"{country.lower()}.toml"
    if not file.exists():
        return GERMANY
    return read_country(tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal))
