"""The policies for customers, as the file says them and as the matching follows them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.loading import ConfigError, load_office
from reconciliation.customer_policy import ChargeBearer, OnSkonto

if TYPE_CHECKING:
    from reconciliation.settings import MatchSettings

HOUSE = Path(__file__).parents[2] / "config"
HEAD = """
[[company]]
id = "muster"
name = "Muster GmbH"

[company.matching]
"""


def matching(folder: Path, written: str) -> MatchSettings:
    path = folder / "kontorist.toml"
    path.write_text(HEAD + written, encoding="utf-8")
    (company,) = load_office(path, house=HOUSE).settings.company
    return company.matching.for_engine()


def test_a_customer_has_what_is_said_of_him_and_the_rest_from_the_company(tmp_path: Path) -> None:
    settings = matching(
        tmp_path,
        """
        skonto_grace_days = 5
        bank_charges_borne_by = "shared"
        [[company.matching.customer]]
        number = "10001"
        late_skonto = "accept"
        """,
    )
    friend, anybody = settings.policy_of("10001"), settings.policy_of("10002")
    assert (friend.late_skonto, anybody.late_skonto) == (OnSkonto.ACCEPT, OnSkonto.ASK)
    assert (friend.skonto_grace_days, anybody.skonto_grace_days) == (5, 5)
    assert friend.bank_charges_borne_by is ChargeBearer.SHARED


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('late_skonto = "perhaps"', "'ask', 'accept' or 'keep_open'"),
        ('bank_charges_borne_by = "OUR"', "'us', 'shared' or 'debtor'"),
        ("late_skonto_maximum_minor = -1", "greater than or equal to 0"),
        ('[[company.matching.customer]]\nnumber = "1"\n' * 2, "the same customer stands here twice: 1"),
        ("[[company.matching.customer]]\nskonto_grace_days = 1", "number"),
    ],
)
def test_a_mistake_in_a_policy_is_told(tmp_path: Path, written: str, told: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(told)):
        matching(tmp_path, written)
