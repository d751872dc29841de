"""What every dunning test starts from: the published base rates and the house's own procedure."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.country_laws import law_of
from dunning.fee_tables import read_fee_schedule
from dunning.interest import read_base_rates
from dunning.stage import read_procedure

if TYPE_CHECKING:
    from dunning.countries import CountryLaw
    from dunning.fee_tables import FeeSchedule
    from dunning.interest import BaseRates
    from dunning.stage import Procedure

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="session")
def rates() -> BaseRates:
    return read_base_rates((CONFIG / "base_rates_de.csv").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def procedure() -> Procedure:
    return read_procedure(tomllib.loads((CONFIG / "dunning.toml").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def austrian_rates() -> BaseRates:
    return read_base_rates((CONFIG / "base_rates_at.csv").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def fees() -> FeeSchedule:
    return read_fee_schedule(
        *((CONFIG / f"fees_{name}.csv").read_text(encoding="utf-8") for name in ("rvg", "gkg", "fixed"))
    )


@pytest.fixture(scope="session")
def laws() -> dict[str, CountryLaw]:
    return {country: law_of(country) for country in ("DE", "AT", "CH")}
