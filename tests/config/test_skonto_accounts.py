"""The adviser's own Skonto accounts: by VAT rate, in the length his accounts have."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from config.settings import DatevSettings


def test_a_rate_is_written_as_a_number_and_means_that_number() -> None:
    accounts = DatevSettings.model_validate({"skonto_accounts": {"0": 8730, "5.5": 8732}}).skonto_accounts
    assert accounts == {Decimal(0): 8730, Decimal("5.5"): 8732}


@pytest.mark.parametrize(
    ("skonto_accounts", "message"),
    [
        ({"19": 87360}, "the Skonto account 87360 for 19 % does not have 4 digits, as account_length says"),
        ({"19": -873}, "does not have 4 digits"),
        ({"119": 8736}, "less than 100"),
        ({"-1": 8736}, "greater than or equal to 0"),
        ({"19 %": 8736}, "decimal"),
    ],
)
def test_what_is_no_rate_or_no_account_is_refused(skonto_accounts: dict[str, int], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        DatevSettings.model_validate({"skonto_accounts": skonto_accounts})
