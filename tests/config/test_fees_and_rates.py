"""Fees that could not be defended are a mistake of the configuration; laws and rates follow the company's country."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.loading import ConfigError, Office, load_office
from ledger.money import Money

HOUSE = Path(__file__).parents[2] / "config"


def office(folder: Path, dunning: str = "", country: str = "DE", fee_minor: int = 0) -> Office:
    (folder / "inbox").mkdir()
    (folder / "open_items.csv").touch()
    procedure = (HOUSE / "dunning.toml").read_text(encoding="utf-8")
    # The second letter is the fourth stage of the ladder.
    parts = procedure.split("fee_minor = 0")
    (folder / "own.toml").write_text(
        "fee_minor = 0".join(parts[:4]) + f"fee_minor = {fee_minor}" + "fee_minor = 0".join(parts[4:]), "utf-8"
    )
    path = folder / "kontorist.toml"
    path.write_text(
        f'[[company]]\nid = "muster"\nname = "Muster GmbH"\ncountry = "{country}"\n'
        f'[company.dunning]\nprocedure = "own.toml"\n{dunning}\n'
        '[[company.source]]\nkind = "file"\nopen_items = "open_items.csv"\n'
        '[[company.bank]]\niban = "DE02120300000000202051"\ninbox = "inbox"\n',
        encoding="utf-8",
    )
    return load_office(path, house=HOUSE)


@pytest.mark.parametrize(
    ("fee_minor", "dunning", "says"),
    [
        (500, "", "stage second_dunning: fee_minor = 500 is more than a letter provably costs (250)"),
        (500, "fee_cap_minor = 500", "say in fee_cap_because what a letter costs"),
        (
            100,
            "fee_cap_minor = 80",
            "stage second_dunning: fee_minor = 100 is more than a letter provably costs (80)",
        ),
    ],
)
def test_a_fee_that_no_court_would_grant_is_refused(tmp_path: Path, fee_minor: int, dunning: str, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        office(tmp_path, dunning, fee_minor=fee_minor)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("fee_minor", "dunning"),
    [(0, ""), (110, ""), (250, ""), (500, 'fee_cap_minor = 500\nfee_cap_because = "registered letter"')],
)
def test_a_fee_that_can_be_shown_is_taken(tmp_path: Path, fee_minor: int, dunning: str) -> None:
    procedure = office(tmp_path, dunning, fee_minor=fee_minor).procedures["muster"]
    stage = procedure.stage("second_dunning")
    assert stage
    assert stage.fee_minor == fee_minor


def test_a_swiss_company_says_where_its_fee_was_agreed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        office(tmp_path, country="CH", fee_minor=200)
    assert "the law of CH gives no fee that was not agreed with its amount" in str(refused.value)


@pytest.mark.parametrize(("country", "percent"), [("DE", "1.52"), ("AT", "1.53"), ("CH", "1.52")])
def test_each_company_has_the_law_and_the_base_rates_of_its_country(
    tmp_path: Path, country: str, percent: str
) -> None:
    found = office(tmp_path, country=country)
    (company,) = found.settings.company
    assert company.dunning.for_engine(company.region).law.country == country
    assert str(found.rates_of(company).rates[-1].percent) == percent


def test_the_fee_tables_come_along(tmp_path: Path) -> None:
    schedule = office(tmp_path).fees
    assert schedule.court[-1].fee(Money(50_000, "EUR")) == Money(4_000, "EUR")
